"""Frames over the socket, and Arrow messages in them.

    header: length u32 · kind u8 · 0 · stream u16, then the payload

One thread reads (Connection.read), any thread may send. Rows of inputs wait in a queue for the
engine that pulls them; nothing comes that was not asked for, so a queue is short.
"""
from __future__ import annotations

import json
import queue
import socket
import struct
import threading

import pyarrow as pa

from .errors import HostError

HEADER = struct.Struct('<IBBH')
CONTROL, ROWS, END = 1, 2, 3
MAX_CONTROL, MAX_ROWS = 64 << 20, 256 << 20
WINDOW = 4                    # batches of an input that are on their way
BATCH_BYTES = 8 << 20         # what a sent batch is cut to
_SMALL_BATCH = 1 << 20


def protocol(what: str) -> HostError:
    return HostError('protocol', what)


class Connection:
    def __init__(self, sock: socket.socket):
        self.sock = sock
        self.send_lock = threading.Lock()

    # ---- out ---------------------------------------------------------------------------------

    def send(self, kind: int, stream: int, payload=b'') -> None:
        view = memoryview(payload).cast('B') if len(payload) else memoryview(b'')
        header = HEADER.pack(len(view), kind, 0, stream)
        with self.send_lock:
            if len(view) < 65536:
                self.sock.sendall(header + bytes(view))
                return
            self.sock.sendall(header)
            self.sock.sendall(view)

    def send_message(self, message: dict) -> None:
        text = json.dumps(message, ensure_ascii=False, separators=(',', ':')).encode()
        self.send(CONTROL, 0, text)

    # ---- in ----------------------------------------------------------------------------------

    def receive(self) -> tuple[int, int, memoryview]:
        """kind, stream, payload; EOFError when the other side is gone."""
        head = bytearray(HEADER.size)
        self._fill(memoryview(head))
        length, kind, zero, stream = HEADER.unpack(head)
        if zero != 0 or kind not in (CONTROL, ROWS, END):
            raise protocol('a frame of no known kind')
        most = MAX_CONTROL if kind == CONTROL else MAX_ROWS if kind == ROWS else 0
        if length > most:
            raise protocol('a frame that is too long')
        if kind == CONTROL and stream != 0:
            raise protocol('a frame of a stream that is not there')
        payload = memoryview(pa.allocate_buffer(length)) if length else memoryview(b'')
        self._fill(payload)
        return kind, stream, payload

    def _fill(self, view: memoryview) -> None:
        while len(view):
            n = self.sock.recv_into(view)
            if n == 0:
                raise EOFError
            view = view[n:]


def read_message(payload: memoryview) -> dict:
    try:
        message = json.loads(bytes(payload))
    except ValueError as error:
        raise protocol('a control message that is no JSON') from error
    if not isinstance(message, dict) or not isinstance(message.get('type'), str):
        raise protocol('a control message without a type')
    return message


# ---- inputs ----------------------------------------------------------------------------------

class _Frames:
    """Frames of a stream as the file that Arrow's stream reader reads: each read lies within one
    frame, so nothing is copied."""

    def __init__(self, stream: 'InputStream'):
        self.stream, self.left, self.closed = stream, memoryview(b''), False

    def read(self, n: int = -1):
        if not len(self.left):
            found = self.stream.take()
            if found is None:
                return b''
            self.left = found
        part, self.left = self.left[:n], self.left[n:]
        return part

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self.closed = True


class InputStream:
    """One input of one job. `pull(n)` asks the other side for n more batches."""

    def __init__(self, number: int, pull):
        self.number, self.pull = number, pull
        self.frames: queue.SimpleQueue = queue.SimpleQueue()
        self.is_ended = False
        self.failure: HostError | None = None

    # The reading thread puts; None is the end.
    def put(self, payload: memoryview | None) -> None:
        self.frames.put(payload)

    def fail(self, error: HostError) -> None:
        self.failure = error
        self.frames.put(None)

    def take(self) -> memoryview | None:
        if self.is_ended:
            return None
        frame = self.frames.get()
        if frame is None:
            self.is_ended = True
            if self.failure:
                raise self.failure
        return frame

    def batches(self, reader: pa.RecordBatchReader, schema: pa.Schema):
        while True:
            try:
                batch = reader.read_next_batch()
            except StopIteration:
                return
            finally:
                if self.failure:
                    raise self.failure
            self.pull(self.number, 1)
            yield pa.RecordBatch.from_arrays(batch.columns, schema=schema)

    def open(self, schema: pa.Schema) -> pa.RecordBatchReader:
        """Asks for the first batches; the schema that comes must be the one that was announced."""
        self.pull(self.number, WINDOW)
        try:
            reader = pa.ipc.open_stream(pa.PythonFile(_Frames(self), mode='r'))
        except (pa.ArrowException, OSError) as error:
            raise self.failure or protocol(f'input {self.number} is no Arrow stream') from error
        if reader.schema.types != schema.types:
            raise protocol(f'input {self.number} has other columns than were announced')
        return pa.RecordBatchReader.from_batches(schema, self.batches(reader, schema))


# ---- results ---------------------------------------------------------------------------------

class ResultStream:
    """Sends record batches of one schema, cut to a size that fits a frame."""

    def __init__(self, connection: Connection, schema: pa.Schema):
        self.connection, self.schema = connection, schema
        self.has_dictionary = any(holds_dictionary(t) for t in schema.types)
        self.rows = 0
        self.sent_dictionaries = False
        connection.send(ROWS, 0, schema.serialize())

    def send(self, batch: pa.RecordBatch) -> None:
        if batch.schema != self.schema:
            raise HostError('engine', 'a result of other columns than were asked for')
        for part in cut(batch):
            if self.has_dictionary:
                self._send_with_dictionaries(part)
            else:
                self.connection.send(ROWS, 0, part.serialize())
            self.rows += part.num_rows

    def _send_with_dictionaries(self, batch: pa.RecordBatch) -> None:
        """Enums have the same dictionary in every batch: it is sent once."""
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, self.schema) as writer:
            writer.write_batch(batch)
        for message, payload in split_messages(sink.getvalue()):
            if message.type == 'dictionary' and not self.sent_dictionaries or \
                    message.type == 'record batch':
                self.connection.send(ROWS, 0, payload)
        self.sent_dictionaries = True

    def end(self) -> None:
        self.connection.send(END, 0)


def holds_dictionary(t: pa.DataType) -> bool:
    if pa.types.is_dictionary(t):
        return True
    return any(holds_dictionary(t.field(i).type) for i in range(t.num_fields))


def split_messages(data: pa.Buffer):
    """The messages of an Arrow stream, each with the bytes that it takes in it."""
    at = 0
    while at + 8 <= data.size:
        length = struct.unpack_from('<i', data, at + 4)[0]
        if length == 0:
            return
        message = pa.ipc.read_message(data.slice(at))
        end = at + 8 + length + (message.body.size if message.body is not None else 0)
        yield message, data.slice(at, end - at)
        at = end


def cut(batch: pa.RecordBatch):
    """Parts of about BATCH_BYTES; one for a small batch."""
    size = batch.nbytes
    if size <= 2 * BATCH_BYTES or batch.num_rows <= 1:
        yield batch
        return
    n = max(1, batch.num_rows * BATCH_BYTES // size)
    for at in range(0, batch.num_rows, n):
        yield batch.slice(at, n)


def merge_small(batches):
    """Batches of less than a megabyte are joined, so that a frame is worth its way."""
    waiting, size = [], 0
    for batch in batches:
        if batch.num_rows == 0:
            continue
        waiting.append(batch)
        size += batch.nbytes
        if size >= _SMALL_BATCH:
            yield join(waiting)
            waiting, size = [], 0
    if waiting:
        yield join(waiting)


def join(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    return batches[0] if len(batches) == 1 else pa.concat_batches(batches)

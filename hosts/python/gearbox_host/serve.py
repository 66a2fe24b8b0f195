"""One connection: the messages of the host protocol, in their order.

Three threads: this one does the work of jobs, one reads frames (so that cancel and input rows come
through at any time), one says every second that the job lives.
"""
from __future__ import annotations

import os
import queue
import socket
import sys
import threading

from . import PROTOCOL, VERSION, process
from .engines.base import Engine, Prepared
from .errors import HostError, from_exception
from .inputs import Inputs
from .jobs import config_of, input_specs, job_of
from .wire import CONTROL, END, ROWS, Connection, InputStream, ResultStream, merge_small
from .wire import protocol, read_message

HEARTBEAT_S = 1.0


def hello(engine: type[Engine]) -> dict:
    return {'type': 'hello', 'protocol': PROTOCOL, 'engine': engine.name,
            'host': f'gearbox-python {VERSION}',
            'versions': {'python': '.'.join(map(str, sys.version_info[:3])), **engine.versions()},
            'pid': os.getpid(), 'capabilities': engine.capabilities()}


class Running:
    """A job from prepare to its end, as the reading thread sees it."""

    def __init__(self, number: int, message: dict, connection: Connection):
        self.number, self.message = number, message
        self.is_cancelled = False
        self.prepared: Prepared | None = None
        self.connection = connection
        self.streams: dict[int, InputStream] = {}
        self.specs: list = []
        self.failure: HostError | None = None
        try:
            self.specs = input_specs(message)
        except HostError as error:  # said when the job is prepared
            self.failure = error
        for spec in self.specs:
            self.streams[spec.stream] = InputStream(spec.stream, self.pull)

    def pull(self, stream: int, n: int) -> None:
        self.connection.send_message(
            {'type': 'pull', 'job': self.number, 'stream': stream, 'n': n})

    def open_stream(self, number: int, schema):
        return self.streams[number].open(schema)

    def cancel(self) -> None:
        self.is_cancelled = True
        error = HostError('cancelled', 'the job was cancelled')
        for stream in self.streams.values():
            stream.fail(error)
        if self.prepared is not None:
            self.prepared.cancel()

    def check(self) -> None:
        if self.is_cancelled:
            raise HostError('cancelled', 'the job was cancelled')


class Heart:
    """Beats while a job lives."""

    def __init__(self, connection: Connection, running: Running):
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.beat, args=(connection, running), daemon=True)
        self.thread.start()

    def beat(self, connection: Connection, running: Running) -> None:
        while not self.stop.wait(HEARTBEAT_S):
            try:
                connection.send_message({'type': 'heartbeat', 'rss_bytes': process.rss_bytes()})
                fraction = running.prepared.progress() if running.prepared else None
                if fraction is not None:
                    connection.send_message({'type': 'progress', 'job': running.number,
                                             'fraction': max(0.0, min(1.0, fraction))})
            except OSError:
                return  # the other side is gone: the reading thread ends the process

    def end(self) -> None:
        self.stop.set()
        self.thread.join()


class Server:
    def __init__(self, engine_class: type[Engine], connection: Connection):
        self.engine_class, self.connection = engine_class, connection
        self.engine: Engine | None = None
        self.config = config_of({})
        self.messages: queue.SimpleQueue = queue.SimpleQueue()
        self.running: Running | None = None

    # ---- the reading thread ------------------------------------------------------------------

    def read_forever(self) -> None:
        try:
            while True:
                self.take(*self.connection.receive())
        except (EOFError, OSError):
            process.end_now(1)
        except HostError as error:
            self.fail(None, error)
            process.end_now(1)

    def take(self, kind: int, stream: int, payload: memoryview) -> None:
        if kind in (ROWS, END):
            found = self.running.streams.get(stream) if self.running else None
            if found is not None:  # rows of a job that has ended are let go
                found.put(payload if kind == ROWS else None)
            return
        message = read_message(payload)
        if message['type'] == 'cancel':
            if self.running is not None and self.running.number == message.get('job'):
                self.running.cancel()
            return
        if message['type'] == 'goodbye' and self.running is not None:
            self.running.cancel()
        if message['type'] == 'prepare':
            self.running = Running(int(message.get('job') or 0), message, self.connection)
        self.messages.put(message)

    # ---- the working thread ------------------------------------------------------------------

    def fail(self, job: int | None, error: HostError) -> None:
        message = {'type': 'failed', 'code': error.code, 'message': error.message}
        if job is not None:
            message['job'] = job
        if error.detail:
            message['detail'] = error.detail
        self.connection.send_message(message)

    def work(self) -> None:
        while True:
            message = self.messages.get()
            kind = message['type']
            if kind == 'goodbye':
                return
            if kind == 'configure':
                self.configure(message)
            elif kind == 'prepare':
                self.job(self.running)
            elif kind == 'run':
                self.fail(message.get('job'), protocol('run without a prepared job'))
            else:
                self.fail(None, protocol(f"an unknown message '{kind[:40]}'"))

    def configure(self, message: dict) -> None:
        try:
            self.config = config_of(message)
            if self.engine is not None:
                self.engine.close()
            self.engine = self.engine_class(self.config)
        except BaseException as error:
            self.fail(None, from_exception(error))
            return
        self.connection.send_message({'type': 'ready'})

    def job(self, running: Running) -> None:
        heart = Heart(self.connection, running)
        answer: dict | HostError
        try:
            answer = self.prepare_and_run(running)
        except BaseException as error:
            answer = from_exception(error)
            if running.is_cancelled:
                answer = HostError('cancelled', 'the job was cancelled')
        finally:
            heart.end()
            running.prepared = None
        if isinstance(answer, HostError):
            self.fail(running.number, answer)
        elif answer:
            self.connection.send_message(answer)

    def prepare_and_run(self, running: Running) -> dict:
        if running.failure:
            raise running.failure
        if self.engine is None:
            raise protocol('prepare before configure')
        inputs = Inputs(running.specs, running.open_stream)
        job = job_of(running.message, inputs)
        running.message = {}
        process.reset_peak()
        cpu = process.cpu_s()
        running.check()
        running.prepared = self.engine.prepare(job)
        running.check()
        ready = {'type': 'prepared', 'job': running.number}
        if running.prepared.shown:
            ready['shown'] = running.prepared.shown
        self.connection.send_message(ready)
        self.wait_for_run(running)
        rows = self.run(running, job.schema)
        return {'type': 'done', 'job': running.number, 'rows': rows,
                'cpu_s': round(process.cpu_s() - cpu, 6),
                'peak_rss_bytes': process.peak_rss_bytes()}

    def wait_for_run(self, running: Running) -> None:
        while True:
            try:
                message = self.messages.get(timeout=0.05)
            except queue.Empty:
                running.check()
                continue
            if message['type'] == 'run' and message.get('job') == running.number:
                running.check()
                return
            if message['type'] == 'goodbye':
                self.messages.put(message)
                raise HostError('cancelled', 'the job was not run')
            raise protocol(f"'{message['type'][:40]}' where run was expected")

    def run(self, running: Running, schema) -> int:
        result = ResultStream(self.connection, schema)
        for batch in merge_small(running.prepared.run()):
            running.check()
            result.send(batch)
        running.check()
        result.end()
        return result.rows


def serve(engine_class: type[Engine], start: dict) -> int:
    """Connects, serves until goodbye. `start` is the line that came on stdin."""
    if start.get('protocol') != PROTOCOL:
        sys.stderr.write(f'host: protocol {PROTOCOL} is spoken here, not {start.get("protocol")}\n')
        return 2
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.connect(start['socket'])
    connection = Connection(sock)
    server = Server(engine_class, connection)
    connection.send_message({**hello(engine_class), 'token': start['token']})
    threading.Thread(target=server.read_forever, name='reader', daemon=True).start()
    server.work()
    if server.engine is not None:
        server.engine.close()
    return 0

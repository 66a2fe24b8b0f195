#!/usr/bin/env python3
"""A host that gives back the rows of its first input, and misbehaves on command.

Standard library only. What it is to do stands in the file `command` beside it, as JSON, read when a
job is prepared (`start`: when it starts):

    {"fault": "kill9", "at": "time", "after_s": 0.01}

at      start, hello, prepare, run, time (after_s from prepare on), rows (before row frame `n`)
fault   kill9, stop, exit, garbage, cut, silent, eat, full, crowd, failed, schema, lost, late,
        deaf, family, token, version, engine, caps
repeat  how often each input batch is given back

Its number and those of its children are written to the file `pids`.
"""
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(sys.argv[0]))
HEADER = struct.Struct('<IBBH')
CONTROL, ROWS, END = 1, 2, 3
CAPABILITIES = {'semantics': 1, 'speaks': 'plan', 'operators': ['*'], 'types': ['*'],
                'functions': {'scalar': ['*'], 'aggregate': ['*'], 'window': ['*']}}


def note_pid(pid):
    with open(os.path.join(HERE, 'pids'), 'a', encoding='ascii') as out:
        out.write(f'{pid}\n')


def read_command():
    try:
        with open(os.path.join(HERE, 'command'), encoding='utf-8') as file:
            return json.load(file)
    except FileNotFoundError:
        return {}


class Host:
    def __init__(self, start):
        self.start, self.command, self.lock = start, read_command(), threading.Lock()
        self.spill_dir, self.sock, self.n_rows_frames = None, None, 0
        self.is_late = False

    # ---- misbehaving -------------------------------------------------------------------------

    def fault(self):
        getattr(self, 'do_' + self.command['fault'])()

    def point(self, name, n=None):
        if self.command.get('at') == name and n in (None, self.command.get('n', 0)):
            self.fault()

    def do_kill9(self):
        os.kill(os.getpid(), signal.SIGKILL)

    def do_stop(self):
        os.kill(os.getpid(), signal.SIGSTOP)

    def do_exit(self):
        sys.stderr.write('Traceback\nRuntimeError: these are the last words\n')
        sys.stderr.flush()
        os._exit(3)

    def do_garbage(self):
        with self.lock:
            self.sock.sendall(b'HTTP/1.1 200 OK\r\n' * 8)
        time.sleep(3600)

    def do_cut(self):
        with self.lock:
            self.sock.sendall(HEADER.pack(1000, ROWS, 0, 0) + b'half')
        os._exit(0)

    def do_silent(self):
        with self.lock:
            time.sleep(3600)

    def do_eat(self):
        held = []
        while True:
            held.append(bytearray(os.urandom(1) * (8 << 20)))
            time.sleep(0.002)

    def do_full(self):
        os.symlink('/dev/full', os.path.join(self.spill_dir, 'spilled'))
        try:
            with open(os.path.join(self.spill_dir, 'spilled'), 'wb', buffering=0) as file:
                file.write(b'x' * 4096)
        except OSError as error:
            self.send({'type': 'failed', 'job': self.job, 'code': 'io',
                       'message': f'cannot spill: {error.strerror}'})
        raise StopIteration

    def do_crowd(self):
        """It starts others, and dies."""
        self.do_family()
        self.do_kill9()

    def do_family(self):
        """Children of children, some in sessions of their own."""
        code = ('import subprocess,sys,time\n'
                'p = subprocess.Popen(["sleep", "3600"], start_new_session=True)\n'
                'print(p.pid, flush=True)\ntime.sleep(3600)')
        for own_session in (False, True):
            child = subprocess.Popen([sys.executable, '-c', code], stdout=subprocess.PIPE,
                                     start_new_session=own_session)
            note_pid(child.pid)
            note_pid(int(child.stdout.readline()))

    def do_failed(self):
        self.send({'type': 'failed', 'job': self.job, 'code': self.command.get('code', 'engine'),
                   'message': 'asked to fail'})
        raise StopIteration

    def do_late(self):
        self.is_late = True
        while True:
            time.sleep(3600)

    def do_deaf(self):
        """Alive, but it does not answer; heartbeats go on."""
        time.sleep(3600)

    # ---- frames ------------------------------------------------------------------------------

    def send_frame(self, kind, stream, payload=b''):
        with self.lock:
            self.sock.sendall(HEADER.pack(len(payload), kind, 0, stream))
            self.sock.sendall(payload)

    def send(self, message):
        self.send_frame(CONTROL, 0, json.dumps(message).encode())

    def fill(self, n):
        data = bytearray(n)
        view = memoryview(data)
        while view:
            got = self.sock.recv_into(view)
            if got == 0:
                raise EOFError
            view = view[got:]
        return data

    def receive(self):
        length, kind, _, stream = HEADER.unpack(self.fill(HEADER.size))
        return kind, stream, self.fill(length)

    # ---- the protocol ------------------------------------------------------------------------

    def hello(self):
        self.point('start')
        fault = self.command.get('fault') if self.command.get('at') == 'hello' else None
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.start['socket'])
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 << 20)
        if fault in ('garbage', 'silent', 'cut'):
            self.fault()
        if fault == 'token':  # somebody else comes first
            with socket.socket(socket.AF_UNIX) as other:
                other.connect(self.start['socket'])
                text = json.dumps({'type': 'hello', 'protocol': 1, 'token': '0' * 64, 'engine': 'x',
                                   'versions': {}, 'capabilities': {}}).encode()
                self.sock, ours = other, self.sock
                self.send_frame(CONTROL, 0, text)
                self.sock = ours
        capabilities = dict(CAPABILITIES, semantics=2) if fault == 'caps' else CAPABILITIES
        self.send({'type': 'hello', 'protocol': 2 if fault == 'version' else 1,
                   'token': self.start['token'],
                   'engine': 'other' if fault == 'engine' else self.start['engine'],
                   'host': 'fake 1', 'versions': {}, 'pid': os.getpid(),
                   'capabilities': capabilities})

    def beat(self, done):
        while not done.wait(0.05):
            try:
                self.send({'type': 'heartbeat', 'rss_bytes': 1})
                self.send({'type': 'progress', 'job': self.job, 'fraction': 0.5})
            except OSError:
                return

    def timer(self):
        time.sleep(self.command.get('after_s', 0))
        try:
            self.fault()
        except StopIteration:
            pass

    def next_frame(self):
        """Of the job; raises when it is cancelled."""
        kind, stream, payload = self.receive()
        if kind == CONTROL:
            message = json.loads(payload)
            if message['type'] == 'cancel':
                self.send({'type': 'failed', 'job': self.job, 'code': 'cancelled',
                           'message': 'cancelled'})
                raise StopIteration
            return message['type'], 0, payload
        return kind, stream, payload

    def send_rows(self, payload, times, is_batch):
        for _ in range(times):
            self.point('rows', self.n_rows_frames)
            self.n_rows_frames += 1
            self.send_frame(ROWS, 0, payload)

    def run_job(self, message):
        self.job, self.n_rows_frames, cpu_s = message['job'], 0, time.process_time()
        self.command = read_command()
        self.point('prepare')
        if self.command.get('at') == 'time':
            threading.Thread(target=self.timer, daemon=True).start()
        self.send({'type': 'prepared', 'job': self.job})
        while self.next_frame()[0] != 'run':
            pass
        self.point('run')
        pull = {'type': 'pull', 'job': self.job, 'stream': 1, 'n': 1}
        rows, n_messages = 0, 0
        self.send(pull)
        while True:
            kind, stream, payload = self.next_frame()
            if kind == END:
                break
            if kind != ROWS:
                continue
            n_messages += 1
            times = self.command.get('repeat', 1) if n_messages > 1 else 1
            if n_messages == 1 and self.command.get('fault') == 'schema':
                payload = payload.replace(b'@\0\0\0', b' \0\0\0')  # 64 bits to 32
            self.send_rows(payload, times, n_messages > 1)
            if n_messages > 1:
                rows += times * batch_rows(payload)
                self.send(pull)
        self.send_frame(END, 0)
        if self.command.get('fault') == 'lost':
            rows += 1
        self.send({'type': 'done', 'job': self.job, 'rows': rows,
                   'cpu_s': time.process_time() - cpu_s, 'peak_rss_bytes': 1000})

    def serve(self):
        self.hello()
        while True:
            kind, _, payload = self.receive()
            if kind != CONTROL:
                continue
            message = json.loads(payload)
            if message['type'] == 'configure':
                self.spill_dir = message['spill_dir']
                unknown = [key for key in message['options'] if key != 'known.key']
                if unknown:
                    self.send({'type': 'failed', 'code': 'invalid',
                               'message': f"fake has no option '{unknown[0]}'"})
                else:
                    assert message['options'] in ({}, {'known.key': '"hush"'})
                    self.send({'type': 'ready'})
            elif message['type'] == 'goodbye':
                return
            elif message['type'] == 'prepare':
                done = threading.Event()
                self.job = message['job']
                threading.Thread(target=self.beat, args=(done,), daemon=True).start()
                try:
                    self.run_job(message)
                except StopIteration:
                    pass
                done.set()


def batch_rows(payload):
    """The length in the head of a record batch, as any flatbuffer has it."""
    flat = memoryview(payload)[8:]

    def member(table, index):
        vtable = table - struct.unpack_from('<i', flat, table)[0]
        if struct.unpack_from('<H', flat, vtable)[0] < 6 + 2 * index:
            return 0
        offset = struct.unpack_from('<H', flat, vtable + 4 + 2 * index)[0]
        return table + offset if offset else 0

    message = struct.unpack_from('<I', flat, 0)[0]
    at = member(message, 2)
    batch = at + struct.unpack_from('<I', flat, at)[0]
    return struct.unpack_from('<q', flat, member(batch, 0))[0]


def watch_stdin():
    while os.read(0, 4096):
        pass
    os._exit(0)


def main():
    line = b''
    while not line.endswith(b'\n'):
        more = os.read(0, 1)
        if not more:
            return 0
        line += more
    note_pid(os.getpid())
    threading.Thread(target=watch_stdin, daemon=True).start()
    host = Host(json.loads(line))
    try:
        host.serve()
    except (EOFError, OSError):
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())

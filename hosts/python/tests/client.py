"""A small Gearbox for tests: starts a host program and speaks the protocol with it."""
import json
import os
import queue
import secrets
import socket
import subprocess
import sys
import tempfile
import threading

from gearbox_host import wire

HERE = os.path.dirname(os.path.abspath(__file__))


class Client:
    """`Client([program, args…])`; a failed message is an Exception of the class Failed."""

    def __init__(self, command, engine='echo', configure=None):
        self.folder = tempfile.TemporaryDirectory()
        path = os.path.join(self.folder.name, 'host')
        self.token = secrets.token_hex(32)
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
            listener.bind(path)
            listener.listen(1)
            listener.settimeout(60)
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)
            start = {'protocol': 1, 'socket': path, 'token': self.token, 'engine': engine}
            self.process.stdin.write(json.dumps(start).encode() + b'\n')
            self.process.stdin.flush()
            sock, _ = listener.accept()
        sock.settimeout(60)
        self.connection = wire.Connection(sock)
        self.frames = queue.Queue()
        self.heartbeats = 0
        threading.Thread(target=self.read, daemon=True).start()
        self.hello = self.message('hello')
        if configure is not None:
            self.send({'type': 'configure', **configure})
            self.message('ready')

    def read(self):
        try:
            while True:
                self.frames.put(self.connection.receive())
        except BaseException as error:
            self.frames.put(error)

    def send(self, message):
        self.connection.send_message(message)

    def frame(self, timeout=30):
        """The next frame but heartbeats; control messages as dictionaries."""
        while True:
            found = self.frames.get(timeout=timeout)
            if isinstance(found, BaseException):
                raise EOFError from found
            kind, stream, payload = found
            if kind != wire.CONTROL:
                return kind, stream, payload
            message = wire.read_message(payload)
            if message['type'] in ('heartbeat', 'progress'):
                self.heartbeats += 1
                continue
            return message

    def message(self, wanted, timeout=30):
        found = self.frame(timeout)
        if not isinstance(found, dict) or found['type'] != wanted:
            raise AssertionError(f'{wanted} expected, not {found!r}')
        return found

    def prepare(self, message):
        self.send({'type': 'prepare', **message})
        found = self.frame()
        if found['type'] == 'failed':
            raise Failed(found)
        return found

    def run(self, message, inputs=None):
        """The whole way of a job: the payloads of its result, and its `done`."""
        self.prepare(message)
        self.send({'type': 'run', 'job': message['job']})
        payloads, feeds = [], {n: iter(p) for n, p in (inputs or {}).items()}
        while True:
            found = self.frame()
            if not isinstance(found, dict):
                if found[0] == wire.ROWS:
                    payloads.append(bytes(found[2]))
                continue
            if found['type'] == 'pull':
                self.feed(found, feeds[found['stream']])
            elif found['type'] == 'failed':
                raise Failed(found)
            else:
                return payloads, found

    def feed(self, pull, feed):
        """`feed` gives lists of payloads, one list for each batch (the schema is in the first)."""
        for _ in range(pull['n']):
            payloads = next(feed, None)
            for payload in payloads or []:
                self.connection.send(wire.ROWS, pull['stream'], payload)
            if payloads is None:
                self.connection.send(wire.END, pull['stream'])
                return

    def close(self):
        """Says goodbye; the exit code."""
        try:
            self.send({'type': 'goodbye'})
        except OSError:
            pass
        code = self.process.wait(timeout=10)
        self.drop()
        return code

    def drop(self):
        self.process.stdin.close()
        self.process.wait(timeout=10)
        self.connection.sock.close()
        self.folder.cleanup()


class Failed(Exception):
    def __init__(self, message):
        super().__init__(f"{message['code']}: {message['message']}")
        self.code, self.message, self.job = message['code'], message['message'], message.get('job')


def echo_command():
    return [sys.executable, os.path.join(HERE, 'echo_host.py')]

"""A host whose engine hands its first input on, for the tests of the protocol.

What it does besides is told by the plan's `sql` text: sleep, fail, spawn, value.
"""
import json
import os
import subprocess
import sys
import time

import pyarrow as pa

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import host  # noqa: E402
from gearbox_host import errors, process, serve  # noqa: E402
from gearbox_host.engines.base import Engine, Prepared  # noqa: E402


class EchoPrepared(Prepared):
    def __init__(self, job):
        self.job, self.shown, self.is_cancelled = job, job.sql.text, False

    def cancel(self):
        self.is_cancelled = True

    def progress(self):
        return 0.5

    def run(self):
        text = self.job.sql.text
        if text.startswith('sleep'):
            end = time.monotonic() + float(text.split()[1])
            while time.monotonic() < end and not self.is_cancelled:
                time.sleep(0.01)
        if text == 'fail':
            raise ZeroDivisionError("the value 'secret'")
        if text == 'spawn':
            child = subprocess.Popen(['sleep', '600'], start_new_session=True)
            yield pa.RecordBatch.from_arrays([pa.array([child.pid])], schema=self.job.schema)
            return
        if text == 'wrong':
            yield pa.RecordBatch.from_arrays([pa.array([1.5])], names=['x'])
            return
        for number in sorted(self.job.inputs.by_stream):
            yield from self.job.inputs.reader(number)


class Echo(Engine):
    name = 'echo'

    @staticmethod
    def versions():
        return {'pyarrow': pa.__version__}

    @staticmethod
    def capabilities():
        return {'semantics': 1, 'speaks': 'duckdb', 'operators': []}

    def prepare(self, job):
        if job.sql is None:
            raise errors.unsupported('a plan')
        return EchoPrepared(job)


if __name__ == '__main__':
    LINE = json.loads(host.read_line(sys.stdin.fileno()))
    process.end_with(sys.stdin)
    process.end_now(serve.serve(Echo, LINE))

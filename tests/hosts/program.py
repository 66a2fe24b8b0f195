#!/usr/bin/env python3
"""The program with an engine in another process: what a user sees when that process misbehaves.

The engine is tests/support/fake_host.py, which gives back the rows that it reads.
"""
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

PROGRAM = os.environ['GEARBOX_PROGRAM']
SOURCE = pathlib.Path(os.environ['GEARBOX_SOURCE_DIR'])
MANIFEST = {'gearbox_engine': 1, 'engine': 'polars', 'protocol': 1, 'versions': {'polars': '9.9'},
            'capabilities': {'semantics': 1, 'speaks': 'plan', 'operators': ['*'], 'types': ['*'],
                             'functions': {'scalar': ['*']}}}


class Program(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix='gearbox-test-')
        self.home = pathlib.Path(self.folder.name)
        python = self.home / 'engines/polars/bin/python'
        python.parent.mkdir(parents=True)
        python.symlink_to(sys.executable)
        (self.home / 'engines/polars/gearbox-engine.json').write_text(json.dumps(MANIFEST))
        self.host = self.home / 'hosts/python'
        self.host.mkdir(parents=True)
        (self.host / 'host.py').symlink_to(SOURCE / 'tests/support/fake_host.py')
        for name in ('temp', 'run'):
            (self.home / name).mkdir()
        (self.home / 't.csv').write_text('a,b\n' + ''.join(f'{i},x{i}\n' for i in range(50)))
        self.env = dict(os.environ, GEARBOX_ENGINES_DIR=str(self.home / 'engines'),
                        GEARBOX_HOSTS_DIR=str(self.home / 'hosts'), TMPDIR=str(self.home / 'temp'),
                        XDG_RUNTIME_DIR=str(self.home / 'run'))

    def tearDown(self):
        for pid in self.pids():
            self.assertFalse(is_running(pid), f'process {pid} is left')
        self.assertEqual(os.listdir(self.home / 'temp'), [])
        self.assertEqual(os.listdir(self.home / 'run'), [])
        self.folder.cleanup()

    def pids(self):
        noted = self.host / 'pids'
        return [int(line) for line in noted.read_text().split()] if noted.exists() else []

    def command(self, **command):
        (self.host / 'command').write_text(json.dumps(command))

    def start(self, *more):
        return subprocess.Popen([PROGRAM, 'sql', '-e', 'polars', "FROM 't.csv'", *more],
                                cwd=self.home, env=self.env, text=True, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def run_sql(self, *more):
        program = self.start(*more)
        out, err = program.communicate(timeout=300)
        return program.returncode, out, err

    def test_rows_come(self):
        code, out, err = self.run_sql()
        self.assertEqual((code, err), (0, ''))
        self.assertEqual(out, (self.home / 't.csv').read_text())
        self.assertEqual(len(self.pids()), 1)

    def test_a_killed_host(self):
        self.command(fault='kill9', at='run')
        code, out, err = self.run_sql()
        self.assertEqual((code, out), (5, ''))
        self.assertIn('the host of polars was killed by signal 9 (Killed)', err)

    def test_last_words(self):
        self.command(fault='exit', at='start')
        code, _, err = self.run_sql()
        self.assertEqual(code, 5)
        self.assertIn('ended with status 3; its last words: RuntimeError: these are', err)

    def test_an_output_appears_whole_or_not_at_all(self):
        self.command(fault='kill9', at='rows', n=1)
        code, _, _ = self.run_sql('-o', 'out.parquet')
        self.assertEqual(code, 5)
        self.assertFalse((self.home / 'out.parquet').exists())

    def test_the_time_limit(self):
        self.command(fault='deaf', at='run')
        code, _, err = self.run_sql('--timeout', '2s')
        self.assertEqual(code, 7)
        self.assertIn('the time limit of 2 s was reached', err)

    def test_ctrl_c_while_it_starts(self):
        self.command(fault='silent', at='hello')
        program = self.start()
        deadline = time.monotonic() + 60
        while not self.pids() and time.monotonic() < deadline:
            time.sleep(0.01)
        program.send_signal(signal.SIGINT)
        _, err = program.communicate(timeout=60)
        self.assertEqual(program.returncode, 7, err)

    def test_a_killed_program(self):
        self.command(repeat=1, fault='deaf', at='run')
        program = self.start()
        deadline = time.monotonic() + 60
        while not self.pids() and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(0.3)
        program.kill()
        program.communicate(timeout=60)
        deadline = time.monotonic() + 30
        while any(map(is_running, self.pids())) and time.monotonic() < deadline:
            time.sleep(0.01)
        self.command()
        self.assertEqual(self.run_sql()[0], 0)  # and sweeps what was left


def is_running(pid):
    try:
        stat = pathlib.Path(f'/proc/{pid}/stat').read_text()
    except OSError:
        return False
    return stat.rsplit(')', 1)[1].split()[0] not in 'ZX'


if __name__ == '__main__':
    unittest.main()

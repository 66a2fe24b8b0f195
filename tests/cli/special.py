#!/usr/bin/env python3
"""What a case file can't say: terminals, signals, measures, disks that are full.

    special.py [--slow] PROGRAM [NAME…]
"""
import fcntl
import os
import pty
import resource
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

import data
import run

ENDLESS = ('SELECT sum(sqrt(a.x * b.x + 1)) AS s '
           'FROM range(3000000) a(x), range(3000000) b(x)')
IS_SLOW = '--slow' in sys.argv  # sanitizers: times and memory say nothing


class Terminal:
    """The program with a pseudo terminal as stdout and stderr, or stderr alone."""

    def __init__(self, place, args, columns=60, stdout=None, **extra):
        self.controller, terminal = pty.openpty()
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack('HHHH', 24, columns, 0, 0))
        self.process = subprocess.Popen(
            ['gearbox', *args], cwd=place.folder, env={**place.env, **extra}, stdin=terminal,
            stdout=stdout or terminal, stderr=terminal, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(terminal)
        self.text = b''

    def read(self, seconds):
        """What comes within this time, or until the end."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            ready, _, _ = select.select([self.controller], [], [], 0.05)
            if not ready:
                continue
            try:
                part = os.read(self.controller, 65536)
            except OSError:
                break
            if not part:
                break
            self.text += part
        return self.text.decode('utf-8', 'replace').replace('\r\n', '\n')

    def finish(self, seconds=20):
        text = self.read(seconds)
        return self.process.wait(timeout=seconds), text

    def press(self, key):
        os.write(self.controller, key)


class Place:
    def __init__(self, folder, program):
        self.folder = folder
        self.env = run.environment(program, folder)
        data.make(folder, self.env)

    def start(self, *args, **more):
        return subprocess.Popen(['gearbox', *args], cwd=self.folder, env=self.env,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True, **more)


def expect(fact, *about):
    if not fact:
        raise AssertionError(' '.join(repr(thing) for thing in about))


def test_table_on_a_terminal(place):
    code, text = Terminal(place, ['sql', "FROM 'people.csv'"]).finish()
    expect(code == 0 and '│ Grace │' in text, code, text)


def test_width_of_a_terminal(place):
    sql = "SELECT repeat('x', 200) AS t"
    for columns in (40, 100):
        _, text = Terminal(place, ['sql', sql], columns=columns, NO_COLOR='1').finish()
        widest = max(len(line) for line in text.splitlines())
        expect(widest <= columns, columns, widest, text)


def test_colour(place):
    _, plain = Terminal(place, ['sql', 'SELECT NULL AS n'], NO_COLOR='1').finish()
    expect('\x1b' not in plain, plain)
    _, dumb = Terminal(place, ['sql', 'SELECT NULL AS n'], TERM='dumb').finish()
    expect('\x1b' not in dumb, dumb)


def test_control_bytes_on_a_terminal(place):
    for form in ('table', 'csv'):
        _, text = Terminal(place, ['sql', "FROM 'control.csv'", '--format', form],
                           NO_COLOR='1').finish()
        expect('\x1b' not in text and '\a' not in text and 'red' in text, form, text)


def test_a_caret_below_the_query(place):
    code, text = Terminal(place, ['sql', "SELECT nmae\nFROM 'people.csv'"]).finish()
    lines = text.splitlines()
    expect(code == 3 and lines[0].startswith('query:1:8: '), code, text)
    expect(lines[1:] == ['  SELECT nmae', '         ^'], lines)


def test_arrow_is_not_for_a_terminal(place):
    code, text = Terminal(place, ['sql', 'SELECT 1', '--format', 'arrow']).finish()
    expect(code == 2 and '-o FILE.arrow' in text, code, text)


def test_progress(place):
    terminal = Terminal(place, ['sql', ENDLESS, '--timeout', '2.5s'])
    code, text = terminal.finish()
    expect(code == 7, code, text)
    expect('\x1b[K' in text and ' s' in text, text)
    expect(text.endswith('\r\x1b[Kgearbox: the time limit of 2.5 s was reached\n'), text)
    _, quiet = Terminal(place, ['sql', ENDLESS, '--timeout', '1.5s', '--quiet']).finish()
    expect(quiet == 'gearbox: the time limit of 1.5 s was reached\n', quiet)
    _, short = Terminal(place, ['sql', 'SELECT 1 AS a']).finish()
    expect('\x1b[K' not in short, short)


def test_ctrl_c(place):
    terminal = Terminal(place, ['sql', ENDLESS, '-o', 'out.csv', '--stats', 'stats.json', '--quiet'])
    time.sleep(0.7)
    start = time.monotonic()
    terminal.press(b'\x03')
    code, text = terminal.finish()
    expect(code == 7 and 'gearbox: cancelled' in text, code, text)
    expect(time.monotonic() - start < 2, time.monotonic() - start)
    left = [name for name in os.listdir(place.folder) if 'out.csv' in name]
    expect(left == [], left)
    stats = open(os.path.join(place.folder, 'stats.json')).read()
    expect('"status":"cancelled"' in stats, stats)


def test_sigterm(place):
    took = []
    for _ in range(3):  # other tests run at the same time: the best of three
        process = place.start('sql', ENDLESS)
        time.sleep(0.5)
        start = time.monotonic()
        process.terminate()
        out, err = process.communicate(timeout=20)
        took.append(time.monotonic() - start)
        expect(process.returncode == 7 and err == 'gearbox: cancelled\n' and out == '', err, out)
        if took[-1] < 0.3:
            break
    expect(min(took) < (3 if IS_SLOW else 0.3), took)


def test_sigterm_while_the_query_is_read(place):
    reader, writer = os.pipe()
    process = subprocess.Popen(['gearbox', 'sql', '-'], cwd=place.folder, env=place.env,
                               stdin=reader, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    time.sleep(0.3)
    process.terminate()
    _, err = process.communicate(timeout=20)
    os.close(writer)
    os.close(reader)
    expect(process.returncode == 7, process.returncode, err)


def test_a_second_signal_kills(place):
    # Its stdout is a pipe that nobody reads: a first signal can't get the rows out of the way.
    process = place.start('sql', 'SELECT x FROM range(100000000) t(x)')
    time.sleep(0.7)
    for _ in range(2):
        if process.poll() is None:
            process.terminate()
        time.sleep(0.3)
    code = process.wait(timeout=5)
    process.stdout.close()
    process.stderr.close()
    expect(code in (7, -signal.SIGTERM), code)


SORT = "SELECT i, md5(i::VARCHAR) AS h FROM range(%d) t(i) ORDER BY h"
FAILING_SORT = ("SELECT CASE WHEN n = 3000000 THEN error('the last row') ELSE h END AS h FROM ("
                "SELECT h, row_number() OVER (ORDER BY h) AS n FROM ("
                "SELECT md5(i::VARCHAR) AS h FROM range(3000000) t(i)))")


class Spilling:
    """A query that sorts more than its memory, and the folder that it spills into."""

    def __init__(self, place, folder, query, *args):
        self.folder = folder
        limit = [] if IS_SLOW else ['--memory', '320MB', '--threads', '1']
        self.process = subprocess.Popen(
            ['gearbox', 'sql', '--quiet', *limit, *args, query], cwd=place.folder,
            env={**place.env, 'TMPDIR': folder}, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def wait_for_files(self):
        end = time.monotonic() + 60
        while time.monotonic() < end:
            for path, _, files in os.walk(self.folder):
                if path != self.folder and (files or IS_SLOW):
                    return
            expect(self.process.poll() is None, 'ended without spilling', self.process.poll())
            time.sleep(0.01)
        raise AssertionError('nothing was spilled')

    def finish(self):
        _, text = self.process.communicate(timeout=120)
        return self.process.returncode, text


def test_spill_folders_go(place):
    with tempfile.TemporaryDirectory() as folder:
        for query, args, exit_code in ((SORT % 3000000, [], 0), (FAILING_SORT, [], 3),
                                       (SORT % 100000000, ['--timeout', '2s'], 7)):
            code, text = Spilling(place, folder, query, *args).finish()
            expect(code == exit_code, code, text)
            expect(os.listdir(folder) == [], query, os.listdir(folder))
        for number in (signal.SIGINT, signal.SIGTERM):
            spilling = Spilling(place, folder, SORT % 100000000)
            spilling.wait_for_files()
            spilling.process.send_signal(number)
            code, text = spilling.finish()
            expect(code == 7, code, text)
            expect(os.listdir(folder) == [], number, os.listdir(folder))
        spilling = Spilling(place, folder, SORT % 100000000)
        spilling.wait_for_files()
        spilling.process.kill()
        spilling.finish()
        expect(len(os.listdir(folder)) == 1, os.listdir(folder))
        code, text = Spilling(place, folder, 'SELECT 1').finish()
        expect(code == 0 and os.listdir(folder) == [], text, os.listdir(folder))


def test_ignored_signals_stay_ignored(place):
    process = place.start('sql', ENDLESS, '--timeout', '1.2s',
                          preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))
    time.sleep(0.6)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    expect(process.returncode == 7 and 'time limit' in err, err)


def measure(place, *args):
    """Exit code, CPU seconds, peak MB, stdout, stderr."""
    process = place.start(*args)
    out, err = process.stdout.read(), process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    process.stderr.close()
    seconds = usage.ru_utime + usage.ru_stime
    return process.returncode, seconds, usage.ru_maxrss / 1024, out, err


def test_long_queries(place):
    """Texts of a megabyte are answered or refused, at once and in little memory."""
    answers = {'long_text.sql': 'n\n1000000\n', 'long_comment.sql': 'n\n1\n',
               'many_rows.sql': 'n,s\n30000,449985000\n', 'many_numbers.sql': 'n\n150000\n'}
    refused = ('nested.sql', 'nested_case.sql', 'nested_lists.sql', 'nots.sql', 'lambdas.sql',
               'chain.sql', 'unions.sql', 'joins.sql', 'ctes.sql', 'keys.sql', 'long_name.sql',
               'long_number.sql')
    for name in (*answers, *refused):
        code, _, megabytes, out, err = measure(place, 'sql', '--no-opaque', '-f', name)
        if name in answers:
            expect(code == 0 and out == answers[name], name, code, out, err)
        else:
            expect(code == 3 and out == '' and err.count('\n') == 1, name, code, out, err)
        if not IS_SLOW:
            expect(megabytes < 110, name, megabytes)


def test_files_without_rights(place):
    if data.is_root():
        return
    for args, word in ((('sql', "FROM 'unreadable.csv'"), 'unreadable.csv'),
                       (('sql', 'SELECT 1', '-o', 'no_rights/x.csv'), 'no_rights/x.csv')):
        code, _, _, _, err = measure(place, *args)
        expect(code == 3 and word in err and 'ermission' in err and err.count('\n') == 1, err)


def test_disks_that_are_full_or_read_only(place):
    disk = os.path.join(place.folder, 'disk')
    os.mkdir(disk)
    mount = ['mount', '-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', disk]
    if not data.is_root() or subprocess.run(mount, capture_output=True).returncode != 0:
        return
    try:
        for name in ('x.csv', 'x.parquet', 'x.jsonl'):
            sql = 'SELECT x, hash(x) AS h FROM range(1000000) t(x)'
            code, _, _, _, err = measure(place, 'sql', sql, '-o', f'disk/{name}')
            expect(code == 3 and err.count('\n') == 1 and 'space' in err, name, code, err)
            expect(os.listdir(disk) == [], os.listdir(disk))
        subprocess.run(['mount', '-o', 'remount,ro', disk], check=True)
        for name in ('x.csv', 'x.parquet'):
            code, _, _, _, err = measure(place, 'sql', 'SELECT 1 AS a', '-o', f'disk/{name}')
            expect(code == 3 and err.count('\n') == 1 and 'ead-only' in err, name, code, err)
    finally:
        subprocess.run(['umount', disk], check=True)


def main():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    program, *wanted = [arg for arg in sys.argv[1:] if arg != '--slow']
    failed = 0
    with tempfile.TemporaryDirectory(prefix='gearbox-cli-') as folder:
        place = Place(folder, program)
        os.environ['PATH'] = place.env['PATH']
        tests = {name[5:]: f for name, f in globals().items() if name.startswith('test_')}
        for name, test in tests.items():
            if wanted and name not in wanted:
                continue
            try:
                test(place)
            except (AssertionError, subprocess.TimeoutExpired, OSError) as e:
                failed += 1
                print(f'not ok: {name}: {e!r}')
    print(f'special: {len(tests)} tests, {failed} failed')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())

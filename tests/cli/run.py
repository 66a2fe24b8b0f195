#!/usr/bin/env python3
"""Runs the cases of one file against the program, in a folder of their own with data.py's files.

    run.py [--update] PROGRAM CASES.case [NAME]

A case:

    == name of the case
    $ gearbox sql 'SELECT 42 AS a'       a line for sh; more lines follow as they are
    --- stdout
    a
    42
    --- stderr
    --- exit 0

Left-out parts are empty, or 0. In what is expected `<*>` stands for any text within a line and a line
`...` for any lines. --update writes what came into the file where a case fails.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import data

PARTS = ('stdout', 'stderr', 'exit')


def read_cases(text):
    cases, part = [], None
    for line in text.splitlines():
        if line.startswith('== '):
            cases.append({'name': line[3:], 'command': [], 'stdout': [], 'stderr': [], 'exit': 0})
            part = None
        elif line.startswith('$ ') and cases and part is None:
            cases[-1]['command'].append(line[2:])
            part = 'command'
        elif line.startswith('--- exit '):
            cases[-1]['exit'] = int(line[9:])
            part = 'exit'
        elif line in ('--- stdout', '--- stderr'):
            part = line[4:]
        elif part in ('command', 'stdout', 'stderr'):
            cases[-1][part].append(line)
        elif line.strip() and not line.startswith('#'):
            sys.exit(f'a line that belongs nowhere: {line}')
    for case in cases:
        for part in ('command', 'stdout', 'stderr'):
            while case[part] and not case[part][-1].strip():
                case[part].pop()
    return cases


def pattern(lines):
    out = ''
    for line in lines:
        out += '(?:.*\n)*' if line == '...' else re.escape(line).replace(re.escape('<*>'), '.*') + '\n'
    return re.compile(out + r'\Z')


def fits(lines, text):
    if text and not text.endswith('\n'):
        text += '\n'
    return pattern(lines).match(text) is not None


def environment(program, folder):
    keep = {key: os.environ[key] for key in
            ('PATH', 'GEARBOX_DUCKDB_LIBRARY', 'ASAN_OPTIONS', 'UBSAN_OPTIONS', 'LSAN_OPTIONS',
             'TSAN_OPTIONS')
            if key in os.environ}
    keep['PATH'] = f'{pathlib.Path(program).resolve().parent}:{keep["PATH"]}'
    return {**keep, 'HOME': folder, 'TMPDIR': folder, 'LC_ALL': 'C.UTF-8', 'TERM': 'xterm'}


def run(case, folder, env):
    done = subprocess.run(['/bin/sh', '-c', '\n'.join(case['command'])], cwd=folder, env=env,
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=300)
    return {'stdout': done.stdout.decode('utf-8', 'backslashreplace'),
            'stderr': done.stderr.decode('utf-8', 'backslashreplace'), 'exit': done.returncode}


def written(case):
    lines = [f'== {case["name"]}', f'$ {case["command"][0]}', *case['command'][1:]]
    for part in ('stdout', 'stderr'):
        if case[part]:
            lines += [f'--- {part}', *case[part]]
    if case['exit']:
        lines.append(f'--- exit {case["exit"]}')
    return '\n'.join(lines) + '\n'


def main():
    args = sys.argv[1:]
    update = '--update' in args
    args = [arg for arg in args if arg != '--update']
    program, path = args[0], pathlib.Path(args[1])
    text = path.read_text(encoding='utf-8')
    cases = read_cases(text)
    failed = 0
    with tempfile.TemporaryDirectory(prefix='gearbox-cli-') as folder:
        env = environment(program, folder)
        data.make(folder, env)
        for case in cases:
            if len(args) > 2 and args[2] != case['name']:
                continue
            came = run(case, folder, env)
            wrong = [part for part in ('stdout', 'stderr') if not fits(case[part], came[part])]
            if case['exit'] != came['exit']:
                wrong.append('exit')
            if not wrong:
                continue
            failed += 1
            print(f'not ok: {case["name"]}\n  $ ' + '\n    '.join(case['command']))
            for part in wrong:
                print(f'  {part} expected:\n{case[part]}\n  {part} came:\n{came[part]}')
            for part in wrong:
                case[part] = came[part] if part == 'exit' else came[part].splitlines()
    print(f'{path.name}: {len(cases)} cases, {failed} failed')
    if update and failed:
        head = text[:text.index('== ')]
        path.write_text(head + '\n'.join(written(case) for case in cases), encoding='utf-8')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())

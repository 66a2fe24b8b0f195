#!/usr/bin/env python3
"""The README's console examples, run: each `$ command` must print what stands below it.

Usage: readme.py README.md PATH/TO/gearbox. A line "..." matches all that follows it.
"""
import os
import re
import subprocess
import sys
import tempfile

FILES = {
    'people.csv': 'name,age,city\nAda,36,London\nGrace,45,New York\nLinus,,Helsinki\nMary,51,London\n',
    'cities.csv': 'city,country\nLondon,UK\nNew York,USA\nHelsinki,Finland\n',
}


def examples(text):
    """(command, expected lines) of every console block."""
    for block in re.findall(r'```console\n(.*?)```', text, re.S):
        lines = block.rstrip('\n').split('\n')
        assert lines[0].startswith('$ '), lines[0]
        yield lines[0][2:], lines[1:]


def run(command, folder, path):
    env = dict(os.environ, PATH=path + os.pathsep + os.environ['PATH'], NO_COLOR='1')
    done = subprocess.run(['bash', '-c', command + ' 2>&1'], cwd=folder, env=env, text=True,
                          capture_output=True, timeout=60)
    return done.stdout.rstrip('\n').split('\n')


def same(want, got):
    if want and want[-1] == '...':
        return got[:len(want) - 1] == want[:-1]
    return got == want


def main():
    text = open(sys.argv[1], encoding='utf-8').read()
    path = os.path.dirname(os.path.abspath(sys.argv[2]))
    failed = count = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, content in FILES.items():
            with open(os.path.join(folder, name), 'w', encoding='utf-8') as file:
                file.write(content)
        for command, want in examples(text):
            got = run(command, folder, path)
            count += 1
            if not same(want, got):
                failed += 1
                print('not ok: $', command, '\nexpected:', *want, '\ncame:', *got, sep='\n')
    print(f'{count - failed} passed, {failed} failed')
    return 1 if failed or count < 6 else 0


sys.exit(main())

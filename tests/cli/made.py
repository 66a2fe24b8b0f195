#!/usr/bin/env python3
"""Manual pages and completions are made of the program's tables; the files in the tree must agree.

    made.py [--update] PROGRAM ROOT
"""
import pathlib
import subprocess
import sys

COMMANDS = ('sql', 'explain', 'verify', 'engines', 'help')


def made(program, *args):
    return subprocess.run([program, 'help', '--print', *args], check=True, capture_output=True,
                          text=True).stdout


def main():
    args = [arg for arg in sys.argv[1:] if arg != '--update']
    program, root = args[0], pathlib.Path(args[1])
    files = {'completions/gearbox.bash': made(program, 'bash'),
             'completions/_gearbox': made(program, 'zsh'),
             'completions/gearbox.fish': made(program, 'fish'),
             'man/gearbox.1': made(program, 'man')}
    listed = files['man/gearbox.1'].replace('\\-', '-')
    for command in COMMANDS:
        files[f'man/gearbox-{command}.1'] = made(program, 'man', command)
        assert f'gearbox-{command}' in listed, command
    assert listed.count('\\fBgearbox-') == len(COMMANDS), 'a command has no page: add it here'
    stale = 0
    for name, text in files.items():
        path = root / name
        if path.exists() and path.read_text(encoding='utf-8') == text:
            continue
        stale += 1
        print(f'{name} is not what the program makes: {sys.argv[0]} --update {program} {root}')
        if '--update' in sys.argv:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding='utf-8')
    return 1 if stale else 0


if __name__ == '__main__':
    sys.exit(main())

#!/usr/bin/env python3
"""Runs an example over people.csv and compares what it prints.

    check.py PROGRAM EXAMPLES-FOLDER
"""
import pathlib
import subprocess
import sys

program, folder = sys.argv[1], pathlib.Path(sys.argv[2])
name = pathlib.Path(program).name
source = (folder / f'{name}.c').read_text()
args = [str(folder / 'people.csv')] if 'people.csv' in source else []
done = subprocess.run([program, *args], capture_output=True, text=True, timeout=60)
expected = (folder / 'expected' / f'{name}.txt').read_text()
if done.returncode != 0 or done.stdout != expected or done.stderr:
    sys.exit(f'exit code {done.returncode}\nprinted:\n{done.stdout}{done.stderr}expected:\n{expected}')

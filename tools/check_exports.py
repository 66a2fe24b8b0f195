#!/usr/bin/env python3
"""Fails when libgearbox.so exports a name that is not public: gbx_..., and not gbx__...

    check_exports.py LIBRARY
"""
import re
import subprocess
import sys


def main():
    out = subprocess.run(['nm', '-D', '--defined-only', sys.argv[1]], check=True,
                         capture_output=True, text=True).stdout
    # `A` is the version node itself.
    symbols = [name.split('@')[0] for _, kind, name in map(str.split, out.splitlines()) if kind != 'A']
    wrong = [name for name in symbols if not re.match(r'gbx_[a-z]', name)]
    for name in wrong:
        print(f'exported, but not public: {name}')
    print(f'exports: {len(symbols)}, {len(wrong)} wrong')
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())

#!/usr/bin/env python3
"""The host of Python's engines.

    host.py ENGINE               serves the connection that one line of JSON on stdin names
    host.py ENGINE --describe    prints what the engine can do, as one line of JSON
    host.py ENGINE --run prepare.json [--out out.arrow] [--input 1=rows.arrow] [--repeat N]
                                 for developers: runs one prepare message in this process and
                                 writes its rows as an Arrow stream (stdout when no --out)
"""
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))


def say_failure(error) -> int:
    sys.stderr.write(f'{error.code}: {error.message}\n')
    return 1


def main(argv: list[str]) -> int:
    if len(argv) < 2 or argv[1] in ('-h', '--help'):
        sys.stderr.write(__doc__)
        return 2
    from gearbox_host import engines, errors, process, serve
    try:
        engine = engines.load(argv[1])
        if argv[2:] == ['--describe']:
            print(json.dumps(serve.hello(engine), ensure_ascii=False, separators=(',', ':')))
            return 0
        if '--run' in argv:
            from gearbox_host import develop
            return develop.main(engine, argv[2:])
    except errors.HostError as error:
        return say_failure(error)
    if argv[2:]:
        sys.stderr.write(__doc__)
        return 2
    start = read_line(sys.stdin.fileno())
    process.end_with(sys.stdin)
    try:
        code = serve.serve(engine, json.loads(start))
    except (ValueError, KeyError, OSError) as error:
        sys.stderr.write(f'host: {type(error).__name__}: {error}\n')
        code = 1
    process.end_now(code)
    return code


def read_line(fd: int) -> bytes:
    """One line, and no byte more: the rest of stdin is for who waits for its end."""
    line = b''
    while not line.endswith(b'\n'):
        byte = os.read(fd, 1)
        if not byte:
            break
        line += byte
    return line


if __name__ == '__main__':
    sys.exit(main(sys.argv))

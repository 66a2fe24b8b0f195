#!/usr/bin/env python3
"""Compiles each public header alone, as C99 and (where there is a C++ compiler) as C++17.

    check_headers.py CC INCLUDE-DIR...
"""
import pathlib
import subprocess
import sys
import tempfile

FLAGS = ['-Wall', '-Wextra', '-pedantic', '-Werror', '-fsyntax-only']


def compiles(command, code, suffix):
    with tempfile.NamedTemporaryFile('w', suffix=suffix) as f:
        f.write(code)
        f.flush()
        run = subprocess.run([*command, f.name], capture_output=True, text=True)
    return run.returncode == 0, run.stderr


def main():
    cc, folders = sys.argv[1], sys.argv[2:]
    include = [f'-I{folder}' for folder in folders]
    languages = [('C99', [cc, '-std=c99', *FLAGS, *include], '.c')]
    cxx = [cc, '-x', 'c++', '-std=c++17', *FLAGS, *include]
    if compiles(cxx, '#include <cstddef>\n', '.cpp')[0]:
        languages.append(('C++17', cxx, '.cpp'))
    else:
        print('no C++ compiler here: headers are checked as C99 only')
    # Twice, so that a missing guard shows; a declaration, so that the unit is not empty.
    names = [path.relative_to(folder).as_posix() for folder in map(pathlib.Path, folders)
             for path in sorted(folder.rglob('*.h'))]
    faults = 0
    for name in names:
        for language, command, suffix in languages:
            code = f'#include <{name}>\n#include <{name}>\nextern int gbx_header_alone;\n'
            good, message = compiles(command, code, suffix)
            if not good:
                faults += 1
                print(f'{name} does not compile alone as {language}:\n{message}')
    print(f'headers: {len(names)}, {faults} faults')
    return 1 if faults or not names else 0


if __name__ == '__main__':
    sys.exit(main())

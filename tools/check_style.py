#!/usr/bin/env python3
"""Fails on what the house style forbids and a compiler does not see.

    check_style.py [ROOT]

All C files: no // comments, no tabs, no white space at a line's end, lines of at most 100 columns,
files of at most 1,200 lines, a newline at the end. src/ outside base/: no function of BANNED (base/
has a better one, or a library must not do that at all). tools/style_exceptions.txt lists, as
`path: name  # why`, the uses that are right all the same.
"""
import pathlib
import re
import sys

FOLDERS = ('src', 'include', 'cli', 'tests', 'fuzz', 'bench', 'examples', 'tools')
MAX_COLUMNS, MAX_LINES = 100, 1200
BANNED = {
    'malloc calloc realloc reallocarray free strdup strndup asprintf vasprintf aligned_alloc '
    'posix_memalign': 'use gbx__alloc or an arena: allocation can be made to fail in tests',
    'strcpy strcat strncat sprintf vsprintf gets': 'unbounded write',
    'strtok': 'keeps hidden state',
    'atoi atol atoll atof sscanf': 'no error is reported',
    'printf vprintf puts putchar perror stdout stderr': 'a library does not print',
    'exit abort quick_exit': 'a library does not end the program',
    'system popen': 'runs a shell',
    'localtime gmtime ctime asctime': 'not safe with threads',
    'setlocale getenv secure_getenv': 'process-wide state: base/ reads the environment',
    'rand srand random srandom': 'hidden state, poor numbers',
}
REASON = {name: why for names, why in BANNED.items() for name in names.split()}
# A name that is not a member (x->free, x.free) nor a part of a longer one.
USE = re.compile(r'(?<![\w.])(?<!->)(?<!format\()(?<!\(\*)(' + '|'.join(REASON) + r')\b(?=\s*\(|\s*[;,)])')
TOKEN = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def blank(text):
    """The text with comments and literals blanked, and the places of // comments."""
    slashes = []

    def replace(match):
        if match[0].startswith('//'):
            slashes.append(text.count('\n', 0, match.start()) + 1)
        return re.sub(r'[^\n]', ' ', match[0])
    return TOKEN.sub(replace, text), slashes


def read_exceptions(path):
    pairs = set()
    if path.exists():
        for line in path.read_text().splitlines():
            entry = line.split('#')[0]
            if ':' in entry:
                file, names = entry.split(':', 1)
                pairs.update((file.strip(), name) for name in names.split())
    return pairs


def check(path, name, exceptions):
    text = path.read_text(encoding='utf-8')
    lines = text.split('\n')
    if not text.endswith('\n'):
        yield len(lines), 'no newline at the end'
    if len(lines) - 1 > MAX_LINES:
        yield MAX_LINES + 1, f'the file has {len(lines) - 1} lines, more than {MAX_LINES}'
    for number, line in enumerate(lines, 1):
        if '\t' in line:
            yield number, 'a tab'
        if line != line.rstrip():
            yield number, 'white space at the end'
        if len(line) > MAX_COLUMNS:
            yield number, f'{len(line)} columns, more than {MAX_COLUMNS}'
    code, slashes = blank(text)
    for number in slashes:
        yield number, 'a // comment: use /* */'
    if name.startswith('src/') and not name.startswith('src/base/'):
        for match in USE.finditer(code):
            if (name, match[1]) not in exceptions:
                yield code.count('\n', 0, match.start()) + 1, f'{match[1]}: {REASON[match[1]]}'


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else '.').resolve()
    exceptions = read_exceptions(root / 'tools' / 'style_exceptions.txt')
    files, faults = 0, 0
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob('*.[ch]')):
            name = path.relative_to(root).as_posix()
            files += 1
            for number, what in check(path, name, exceptions):
                faults += 1
                print(f'{name}:{number}: {what}')
    print(f'style: {files} files, {faults} faults')
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main())

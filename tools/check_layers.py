#!/usr/bin/env python3
"""Fails when an #include reaches past what src/LAYERS allows.

    check_layers.py [ROOT]

Checked: src/ (each folder includes only what its line names, and no other folder's *_priv.h),
include/gearbox/ (libc and itself only), cli/ (the public headers, libc and its own files only).
"""
import fnmatch
import pathlib
import re
import sys

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+(["<])([^">]+)[">]', re.M)
LIBC = set('assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal '
           'stdalign stdarg stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string tgmath '
           'threads time uchar wchar wctype'.split())


def read_layers(path):
    """Two tables: folder -> allowed folders, and header pattern -> allowed folders."""
    folders, headers = {}, {}
    for number, line in enumerate(path.read_text().splitlines(), 1):
        line = line.split('#')[0].strip()
        if not line:
            continue
        name, _, allowed = line.partition(':')
        if name.startswith('<'):
            headers[name.strip('<>')] = set(allowed.split())
            continue
        for other in allowed.split():
            if other not in folders:
                sys.exit(f'{path}:{number}: {name} may include {other}, which is not above it')
        folders[name] = set(allowed.split())
    return folders, headers


def includes(path):
    text = path.read_text(encoding='utf-8')
    for match in INCLUDE.finditer(text):
        yield text.count('\n', 0, match.start()) + 1, match[1], match[2]


def check_src(root, folders, headers):
    for path in sorted((root / 'src').rglob('*.[ch]')):
        folder = path.parent.relative_to(root / 'src').as_posix()
        where = path.relative_to(root).as_posix()
        if folder not in folders:
            yield f'{where}: src/LAYERS has no line for {folder}'
            continue
        for line, _, name in includes(path):
            target, _, file = name.rpartition('/')
            for pattern, allowed in headers.items():
                if fnmatch.fnmatch(name, pattern) and folder not in allowed:
                    yield f'{where}:{line}: <{name}> is for {", ".join(sorted(allowed))} only'
            if target not in folders or target == folder:
                continue
            if target not in folders[folder]:
                yield f'{where}:{line}: {folder} may not include {target} ("{name}")'
            elif file.endswith('_priv.h'):
                yield f'{where}:{line}: "{name}" belongs to {target} alone'


def check_public(root):
    for path in sorted((root / 'include').rglob('*.h')):
        for line, _, name in includes(path):
            if not name.startswith('gearbox/') and name.removesuffix('.h') not in LIBC:
                yield f'{path.relative_to(root)}:{line}: a public header includes {name}'


def check_cli(root, folders):
    for path in sorted((root / 'cli').rglob('*.[ch]')):
        for line, quote, name in includes(path):
            if quote == '"' and (root / 'cli' / name).exists():
                continue
            if name.rpartition('/')[0] in folders or (quote == '"' and not name.startswith('gearbox/')):
                yield f'{path.relative_to(root)}:{line}: cli/ knows the public headers only, not {name}'


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else '.').resolve()
    folders, headers = read_layers(root / 'src' / 'LAYERS')
    faults = [*check_src(root, folders, headers), *check_public(root), *check_cli(root, folders)]
    print(*faults, sep='\n', end='\n' if faults else '')
    print(f'layers: {len(folders)} folders, {len(faults)} faults')
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main())

#!/usr/bin/env python3
"""Every function of src/plan/functions.def has a case, or a line in uncovered.txt that says why not.

    check_coverage.py [--count] [ROOT]

--count also prints how many cases there are, by file and kind.
"""
import collections
import fnmatch
import pathlib
import re
import sys

ROW = re.compile(r'^X\((\w+), \w+, "((?:\\.|[^"])*)"', re.M)
KINDS = ('scalar', 'aggregate', 'window', 'table')


def functions(root):
    text = (root / 'src/plan/functions.def').read_text(encoding='utf-8')
    return [f'{m[1].lower()} ' + re.sub(r'\\(.)', r'\1', m[2]) for m in ROW.finditer(text)]


def cases(path):
    """Yields (subject, kind) for each case of a file."""
    subject, is_query = None, False
    for line in path.read_text(encoding='utf-8').splitlines():
        if line.startswith('== '):
            subject, is_query = line[3:].strip(), False
        elif line.startswith(':: '):
            is_query = True
            yield subject, 'query'
        elif not line.strip():
            is_query = False
        elif not is_query and ' | ' in line and line[0] not in '#@':
            yield subject, 'expression'


def uncovered(path):
    for line in path.read_text(encoding='utf-8').splitlines():
        if line and not line.startswith('#'):
            kind, name, _why = line.split(None, 2)
            yield f'{kind} {name}'


def main():
    arguments = [a for a in sys.argv[1:] if not a.startswith('--')]
    here = pathlib.Path(__file__).resolve().parent
    root = pathlib.Path(arguments[0]) if arguments else here.parent.parent
    known = functions(root)
    subjects, counts = set(), collections.Counter()
    for path in sorted((here / 'cases').glob('*.cases')):
        for subject, kind in cases(path):
            subjects.add(subject)
            counts[path.stem, kind] += 1
    patterns = list(uncovered(here / 'uncovered.txt'))
    # '!' and '[' are names here, not patterns.
    excused = {f for f in known for p in patterns
               if f == p or '*' in p[-2:] and len(p) > 10 and fnmatch.fnmatchcase(f, p)}
    faults = [f'{f} has neither a case nor a line in uncovered.txt'
              for f in known if f not in subjects and f not in excused]
    faults += [f'{f} has a case: take it out of uncovered.txt'
               for f in known if f in subjects and f in excused]
    faults += [f'{s} is no function of functions.def' for s in sorted(subjects)
               if s.split()[0] in KINDS[:2] + KINDS[3:] and s not in known]
    faults += [f'{p} of uncovered.txt is no function' for p in patterns
               if not any(f == p or fnmatch.fnmatchcase(f, p) for f in known)]
    for fault in faults:
        print(fault)
    if '--count' in sys.argv:
        for (stem, kind), n in sorted(counts.items()):
            print(f'{stem:12} {kind:10} {n:5}')
    covered = sum(f in subjects for f in known)
    print(f'conformance: {sum(counts.values())} cases, {covered} of {len(known)} functions covered, '
          f'{len(excused)} excused, {len(faults)} faults')
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main())

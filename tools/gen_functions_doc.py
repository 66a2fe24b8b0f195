#!/usr/bin/env python3
"""Writes docs/functions.md from src/plan/functions.def.

    gen_functions_doc.py [--check] [ROOT]

--check writes nothing and fails when the page is not what would be written.
"""
import collections
import pathlib
import re
import sys

ROW = re.compile(r'^X\((\w+), (\w+), "((?:\\.|[^"])*)", (-?\d+), (-?\d+), (\w+), (\w+), ([\w |]+), '
                 r'([\w |]+),\s+"((?:\\.|[^"])*)"\)$', re.M)
EXPANSION = re.compile(r'^EXPANDS\("(\w+)", "((?:\\.|[^"])*)"\)$', re.M)
Row = collections.namedtuple('Row', 'kind group name min max nulls volatility flags engines signature')

KINDS = {'SCALAR': 'Scalar functions and operators', 'AGGREGATE': 'Aggregates',
         'WINDOW': 'Window functions', 'TABLE': 'Table functions'}
GROUPS = {
    'LOGIC': 'Logic and comparison', 'NUMBER': 'Numbers', 'TEXT': 'Text',
    'TIME': 'Dates, times and intervals', 'LIST': 'Lists and arrays',
    'STRUCT': 'Structs, maps and unions', 'JSON': 'JSON', 'VARIANT': 'Variants',
    'BINARY': 'Bytes, bits, hashes and UUIDs', 'GEOMETRY': 'Geometry', 'COLLATION': 'Collations',
    'OTHER': 'Types and others',
    'GENERAL': 'General', 'STATISTICS': 'Statistics', 'COLLECT': 'Collecting',
    'APPROXIMATION': 'Approximate',
    'WINDOW': '', 'TABLE': '',
}
NULLS = {'PROPAGATES': 'NULL', 'SKIPS': 'skipped', 'SPECIAL': 'its own'}
NOTES = {'JOB': 'fixed during a job', 'ROW': 'new for each row', 'ORDER_SENSITIVE': 'order of rows',
         'APPROXIMATE': 'approximate', 'FLOAT_SUM': 'floats to 1e-9', 'LAMBDA': 'takes a lambda',
         'SIDE_EFFECTS': 'has effects', 'MAY_ERROR': 'may fail'}
ENGINES = {'DUCKDB': 'DuckDB'}
LOCALE = re.compile(r'^((?:icu_)?collate_)(\w+)$')

HEAD = """\
# Functions

<!-- Written by tools/gen_functions_doc.py from src/plan/functions.def: change that file. -->

What a query may call: {scalar} scalar functions and operators ({collation} of them for collations),
{aggregate} aggregates (each also over a window), {window} window functions and {table} table functions.
Whatever else it names is refused. The answer is the same on all engines that have the function.

- **Name**: as in a plan. Operators have their symbol: `~~` is LIKE, `~~*` ILIKE, `~~~` GLOB, `!~~` NOT
  LIKE, `^@` "starts with", `//` division of integers, `@` the absolute value; a postfix `!` is
  `factorial`. SQL writes `is_null`, `in` and `is_distinct_from` as IS NULL, IN and IS DISTINCT FROM.
- **Arguments and result**: the types are those of plans; `T`, `K`, `V` stand for any type, the same
  wherever the letter is, `number` and `integer` for any of theirs, `temporal` for dates, times,
  timestamps and intervals, `lambda` for `lambda x: …`. `, …` repeats; a last `…` means further overloads.
  A function of `json` takes utf8 that holds JSON, too.
- **NULL**: what a NULL argument does. *NULL*: the result is NULL. *skipped*: an aggregate leaves the
  row out. *its own*: the function looks at NULLs itself.
- **Notes**: *may fail*: some values are an error (overflow, a division by zero, a text that is no date).
  *order of rows*: the result depends on the order of the rows, or on which of equal rows comes first;
  without a total order it may differ between runs. *floats to 1e-9*: on floats the order of additions
  shows, so results are equal to 1e-9, relative. *approximate*: engines may differ. *fixed during a
  job*: the time that the job began, also when it is tried again. *new for each row*: random.
"""


def unescape(text):
    return re.sub(r'\\(.)', r'\1', text)


def code(text):
    return '`' + text.replace('|', '\\|') + '`'


def read(path):
    text = path.read_text(encoding='utf-8')
    rows = [Row(m[1], m[2], unescape(m[3]), int(m[4]), int(m[5]), m[6], m[7],
                [flag for flag in m[8].split(' | ') if flag != 'NONE'], m[9].split(' | '), unescape(m[10]))
            for m in ROW.finditer(text)]
    if len(rows) != len(re.findall(r'^X\(', text, re.M)):
        sys.exit(f'{path}: a row is not laid out like the others')
    return rows, [(m[1], unescape(m[2])) for m in EXPANSION.finditer(text)]


def by_name(row):
    return row.name[0].isalnum(), row.name.lower()


def table(rows, nulls):
    """One line for each row; the column of NULLs only where it says something."""
    one_engine = all(row.engines == ['DUCKDB'] for row in rows)
    heads = ['Name', 'Arguments and result'] + ['NULL'] * nulls + ['Notes'] + ['Engines'] * (not one_engine)
    yield '| ' + ' | '.join(heads) + ' |'
    yield '|' + '---|' * len(heads)
    for row in sorted(rows, key=by_name):
        overloads = '<br>'.join('…' if part == '…' else code(part) for part in row.signature.split(' | '))
        notes = [NOTES[row.volatility]] if row.volatility in NOTES else []
        cells = [code(row.name), overloads] + [NULLS[row.nulls]] * nulls
        cells.append(', '.join(notes + [NOTES[flag] for flag in row.flags]))
        cells += [', '.join(ENGINES[engine] for engine in row.engines)] * (not one_engine)
        yield '| ' + ' | '.join(cells) + ' |'


def collations(rows):
    """Two functions for each language are said in a sentence."""
    languages = collections.defaultdict(list)
    for row in rows:
        match = LOCALE.match(row.name)
        if match:
            languages[match[1]].append(match[2])
    names = ' and '.join(f'`{prefix}…`' for prefix in sorted(languages))
    yield f'{names} of a text sort as a language wants:'
    yield '`ORDER BY x COLLATE de` calls `collate_de`. There are'
    lists = set(map(tuple, languages.values()))
    line = ''
    for language in lists.pop() if len(lists) == 1 else sorted(set(sum(languages.values(), []))):
        if len(line) + len(language) > 95:
            yield line.rstrip()
            line = ''
        line += language + ', '
    yield line.rstrip(', ') + '.'


def page(rows, expansions):
    counts = collections.Counter(row.kind.lower() for row in rows)
    counts['collation'] = sum(row.group == 'COLLATION' for row in rows)
    yield from HEAD.format(**counts).split('\n')
    if all(row.engines == ['DUCKDB'] for row in rows):
        yield 'All of them run on DuckDB.'
        yield ''
    for kind, title in KINDS.items():
        yield f'## {title}'
        yield ''
        for group, heading in GROUPS.items():
            part = [row for row in rows if row.kind == kind and row.group == group]
            if not part:
                continue
            if heading:
                yield f'### {heading}'
                yield ''
            plain = [row for row in part if not LOCALE.match(row.name)]
            if len(plain) < len(part):
                yield from collations(part)
                yield ''
            yield from table(plain, kind in ('SCALAR', 'AGGREGATE'))
            yield ''
    yield '## Other names'
    yield ''
    yield 'SQL knows these names as well; a plan has the functions that they stand for.'
    yield ''
    yield '| Name | Stands for |'
    yield '|---|---|'
    for name, into in expansions:
        yield f'| {code(name)} | {code(into)} |'


def main():
    arguments = sys.argv[1:]
    check = '--check' in arguments
    roots = [argument for argument in arguments if argument != '--check']
    root = pathlib.Path(roots[0]) if roots else pathlib.Path(__file__).resolve().parent.parent
    text = '\n'.join(page(*read(root / 'src/plan/functions.def'))) + '\n'
    target = root / 'docs/functions.md'
    if check:
        if not target.exists() or target.read_text(encoding='utf-8') != text:
            sys.exit('docs/functions.md is not what functions.def says: run tools/gen_functions_doc.py')
        return
    target.parent.mkdir(exist_ok=True)
    target.write_text(text, encoding='utf-8')


if __name__ == '__main__':
    main()

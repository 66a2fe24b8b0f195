#!/usr/bin/env python3
"""Writes docs/engines.md from tests/conformance/summary.json, what the conformance suite found last.

    gen_engines_doc.py [--check] [ROOT]
    gen_engines_doc.py --from OUT.json … [ROOT]

--check writes nothing and fails when the page is not what would be written. --from first takes the verdicts of the runner's --json
files into the summary; engines that they don't have stay as they are.
"""
import argparse
import collections
import json
import pathlib
import re
import sys

ROW = re.compile(r'^X\((\w+), (\w+), "((?:\\.|[^"])*)"', re.M)
ORDER = ['duckdb', 'polars', 'pandas', 'datafusion', 'dask', 'modin', 'spark']
GROUPS = {'LOGIC': 'logic', 'NUMBER': 'numbers', 'TEXT': 'text', 'TIME': 'dates and times', 'LIST': 'lists',
          'STRUCT': 'structs and maps', 'JSON': 'JSON', 'VARIANT': 'variants', 'BINARY': 'bytes and bits',
          'GEOMETRY': 'geometry', 'OTHER': 'others', 'GENERAL': 'aggregates', 'STATISTICS': 'statistics',
          'COLLECT': 'collecting aggregates', 'APPROXIMATION': 'approximations', 'WINDOW': 'window functions',
          'TABLE': 'table functions'}

HEAD = """\
# Engines

<!-- Written by tools/gen_engines_doc.py from tests/conformance/summary.json: run the suite, then that. -->

What each engine answers as the contract wants ([semantics](semantics.md)), as the
[conformance suite](../tests/conformance/README.md) found it. What an engine does not support it refuses by name; it is never
answered otherwise.

- **yes**: every case has the reference's answer. **part**: some have, the others are refused. **–**: none.
- **differs**: an answer is stated as another one in `tests/conformance/differences.txt`, or was wrong in that run.
"""


def summarise(path, summary):
    """Verdicts of each subject and engine, as counts."""
    found = json.loads(path.read_text(encoding='utf-8'))
    for engine in found['engines']:
        subjects = collections.defaultdict(collections.Counter)
        for case in found['cases']:
            subjects[case['subject']][case['verdicts'][engine['name']]['verdict']] += 1
        counts = {v: engine[v] for v in ('ok', 'unsupported', 'wrong', 'error', 'declared')}
        summary[engine['name']] = {'version': engine['version'], 'cases': engine['cases'], **counts,
                                   'subjects': {s: dict(sorted(c.items())) for s, c in sorted(subjects.items())}}


def written(summary):
    """One line for each subject, so that what changed is seen."""
    engines = []
    for name, engine in sorted(summary.items()):
        lines = [f'   {json.dumps(s, ensure_ascii=False)}: {json.dumps(c)}' for s, c in engine['subjects'].items()]
        head = json.dumps({k: v for k, v in engine.items() if k != 'subjects'})[:-1]
        engines.append(f' {json.dumps(name)}: {head}, "subjects": {{\n' + ',\n'.join(lines) + '\n }}')
    return '{\n' + ',\n'.join(engines) + '\n}\n'


def names(summary):
    return [name for name in ORDER if name in summary] + sorted(set(summary) - set(ORDER))


def word(counts):
    """One cell: what an engine makes of a subject's cases."""
    if not counts:
        return ''
    if set(counts) - {'ok', 'unsupported'}:
        return 'differs'
    if 'unsupported' not in counts:
        return 'yes'
    return 'part' if 'ok' in counts else '–'


def table(summary, subjects, title):
    engines = names(summary)
    yield f'| {title} | ' + ' | '.join(engines) + ' |'
    yield '|---|' + '---|' * len(engines)
    for subject in subjects:
        name = subject.split(' ', 1)[1].replace('|', '\\|')
        yield f'| `{name}` | ' + ' | '.join(word(summary[e]['subjects'].get(subject)) for e in engines) + ' |'


def functions(root):
    text = (root / 'src/plan/functions.def').read_text(encoding='utf-8')
    for match in ROW.finditer(text):
        yield match[1].lower(), match[2], re.sub(r'\\(.)', r'\1', match[3])


def group_rows(root, summary):
    """For each group of functions, how many an engine has; then those that not all have."""
    groups, engines = collections.defaultdict(list), names(summary)
    known = {s for e in engines for s in summary[e]['subjects']}
    for kind, group, name in functions(root):
        if f'{kind} {name}' in known:
            groups[GROUPS.get(group, group.lower())].append(f'{kind} {name}')
    groups['aggregates over windows'] = sorted(
        s for s in known if s.startswith('window ') and s not in groups['window functions'])
    yield '| group | functions | ' + ' | '.join(engines) + ' |'
    yield '|---|---|' + '---|' * len(engines)
    for group, members in groups.items():
        cells = []
        for engine in engines:
            words = [word(summary[engine]['subjects'].get(s)) for s in members]
            n = sum(w == 'yes' for w in words)
            cells.append('all' if n == len(members) else str(n))
        yield f'| {group} | {len(members)} | ' + ' | '.join(cells) + ' |'
    yield ''
    yield 'Functions that one of them lacks or has in part:'
    yield ''
    odd = [s for members in groups.values() for s in members
           if any(word(summary[e]['subjects'].get(s)) not in ('yes', '') for e in engines)]
    if odd:
        yield from table(summary, odd, 'function')
    else:
        yield 'none.'


def page(root, summary):
    yield from HEAD.split('\n')
    yield '| engine | version | cases | as the contract wants | refused | other |'
    yield '|---|---|---|---|---|---|'
    for name in names(summary):
        e = summary[name]
        other = e['wrong'] + e['error'] + e['declared']
        yield (f'| {name} | {e["version"]} | {e["cases"]} | {100 * e["ok"] / e["cases"]:.1f} % | '
               f'{e["unsupported"]} | {other} |')
    subjects = sorted({s for e in summary.values() for s in e['subjects']})
    for kind, title in (('operator', 'Operators'), ('type', 'Types')):
        yield from ('', f'## {title}', '')
        yield from table(summary, [s for s in subjects if s.startswith(kind + ' ')], kind)
    yield from ('', '## Functions', '')
    yield from group_rows(root, summary)
    yield from ('', '## Rules', '')
    yield from table(summary, [s for s in subjects if s.startswith('rule ')], 'rule')


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('root', nargs='?', type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parent.parent)
    parser.add_argument('--check', action='store_true')
    parser.add_argument('--from', dest='found', action='append', type=pathlib.Path, default=[])
    args = parser.parse_args()
    source, target = args.root / 'tests/conformance/summary.json', args.root / 'docs/engines.md'
    summary = json.loads(source.read_text(encoding='utf-8')) if source.exists() else {}
    for path in args.found:
        summarise(path, summary)
    if args.found:
        source.write_text(written(summary), encoding='utf-8')
    text = '\n'.join(page(args.root, summary)) + '\n'
    if args.check:
        if not target.exists() or target.read_text(encoding='utf-8') != text:
            sys.exit('docs/engines.md is not what summary.json says: run tools/gen_engines_doc.py')
        return
    target.write_text(text, encoding='utf-8')


if __name__ == '__main__':
    main()

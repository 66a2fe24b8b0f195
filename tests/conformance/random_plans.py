#!/usr/bin/env python3
"""Random tables and random queries over them: does every engine give the reference's answer?

    random_plans.py --program PATH/gearbox-conform --engines polars,pandas [--queries N] [--seed S] [--keep FOLDER]

A seed makes the same tables and queries for ever. A query that the reference refuses counts for nothing. One on which an engine
is wrong or fails is made smaller, as long as it stays so, and printed with the seed and the tables.
"""
import argparse
import copy
import json
import pathlib
import random
import subprocess
import sys
import tempfile

TYPES = ('int', 'float', 'decimal', 'text', 'bool', 'date')
SQL_TYPES = {'int': 'INTEGER', 'float': 'DOUBLE', 'decimal': 'DECIMAL(9,2)', 'text': 'VARCHAR',
             'bool': 'BOOLEAN', 'date': 'DATE'}
LETTERS = {'int': 'i', 'float': 'f', 'decimal': 'm', 'text': 's', 'bool': 'b', 'date': 'd'}
VALUES = {
    'int': ['0', '1', '-1', '2', '3', '7', '-7', '100', '-32768', '65536'],
    'float': ['0.0', '1.5', '-2.5', '0.1', '1e10', '-0.0', "'nan'::DOUBLE", "'inf'::DOUBLE", "'-inf'::DOUBLE", '3.5'],
    'decimal': ['0.00', '1.50', '-2.50', '0.01', '99.99', '-99.99', '2.50', '7.00'],
    'text': ["''", "'a'", "'b'", "'A'", "'ab'", "'é'", "'🦆'", "' a '", "'abc'", "'Zz'", "'1'"],
    'bool': ['true', 'false'],
    'date': ["'1970-01-01'", "'1969-12-31'", "'2024-02-29'", "'2000-01-01'", "'0001-01-01'", "'9999-12-31'"],
}
# (type, template, types of the arguments); what may fail is guarded.
CALLS = [
    ('int', '({} + {})', 'int int'), ('int', '({} - {})', 'int int'), ('int', '(-{})', 'int'),
    ('int', '({} // nullif({}, 0))', 'int int'), ('int', '({} % nullif({}, 0))', 'int int'),
    ('int', 'abs({})', 'int'), ('int', 'length({})', 'text'), ('int', 'year({})', 'date'),
    ('int', 'month({})', 'date'), ('int', 'coalesce({}, {})', 'int int'), ('int', 'greatest({}, {})', 'int int'),
    ('int', 'CAST({} AS INTEGER)', 'bool'), ('int', 'TRY_CAST({} AS INTEGER)', 'float'),
    ('int', 'TRY_CAST({} AS INTEGER)', 'decimal'), ('int', 'TRY_CAST({} AS INTEGER)', 'text'),
    ('int', 'CASE WHEN {} THEN {} ELSE {} END', 'bool int int'), ('int', 'nullif({}, {})', 'int int'),
    ('float', '({} + {})', 'float float'), ('float', '({} * {})', 'float float'), ('float', '({} / {})', 'int int'),
    ('float', '({} - {})', 'float int'), ('float', 'abs({})', 'float'), ('float', 'round({}, 1)', 'float'),
    ('float', 'floor({})', 'float'), ('float', 'CAST({} AS DOUBLE)', 'decimal'), ('float', 'least({}, {})', 'float float'),
    ('float', 'CASE WHEN {} THEN {} END', 'bool float'), ('float', 'sqrt(abs({}))', 'float'),
    ('decimal', '({} + {})', 'decimal decimal'), ('decimal', '({} - {})', 'decimal decimal'),
    ('decimal', '(-{})', 'decimal'), ('decimal', 'coalesce({}, {})', 'decimal decimal'),
    ('decimal', 'CASE WHEN {} THEN {} ELSE {} END', 'bool decimal decimal'),
    ('decimal', 'TRY_CAST({} AS DECIMAL(9,2))', 'int'), ('decimal', 'abs({})', 'decimal'),
    ('text', '({} || {})', 'text text'), ('text', 'upper({})', 'text'), ('text', 'lower({})', 'text'),
    ('text', 'trim({})', 'text'), ('text', 'substring({}, 2, 2)', 'text'), ('text', 'concat({}, {})', 'text text'),
    ('text', 'CAST({} AS VARCHAR)', 'int'), ('text', 'CAST({} AS VARCHAR)', 'date'),
    ('text', 'CAST({} AS VARCHAR)', 'decimal'), ('text', 'coalesce({}, {})', 'text text'),
    ('text', "replace({}, 'a', 'xy')", 'text'), ('text', 'CASE WHEN {} THEN {} ELSE {} END', 'bool text text'),
    ('bool', '({} AND {})', 'bool bool'), ('bool', '({} OR {})', 'bool bool'), ('bool', '(NOT {})', 'bool'),
    ('bool', '({} < {})', 'int int'), ('bool', '({} = {})', 'int int'), ('bool', '({} >= {})', 'float float'),
    ('bool', '({} = {})', 'float float'), ('bool', '({} <> {})', 'text text'), ('bool', '({} < {})', 'text text'),
    ('bool', '({} <= {})', 'date date'), ('bool', '({} > {})', 'decimal decimal'), ('bool', '({} = {})', 'decimal int'),
    ('bool', '({} IS NULL)', 'text'), ('bool', '({} IS NOT NULL)', 'int'), ('bool', '({} IS NOT DISTINCT FROM {})', 'int int'),
    ('bool', '({} IN ({}, 1, NULL))', 'int int'), ('bool', "({} LIKE '%a%')", 'text'), ('bool', '({} BETWEEN {} AND {})', 'int int int'),
    ('bool', "starts_with({}, {})", 'text text'), ('bool', 'isnan({})', 'float'),
    ('date', 'coalesce({}, {})', 'date date'), ('date', 'greatest({}, {})', 'date date'),
    ('date', 'CASE WHEN {} THEN {} END', 'bool date'), ('date', "CAST(date_trunc('month', {}) AS DATE)", 'date'),
]
AGGREGATES = [
    ('int', 'count({})', 'any'), ('int', 'count(DISTINCT {})', 'any'), ('int', 'sum({})', 'int'), ('float', 'sum({})', 'float'),
    ('decimal', 'sum({})', 'decimal'), ('float', 'avg({})', 'int'), ('float', 'avg({})', 'float'), ('float', 'avg({})', 'decimal'),
    ('bool', 'bool_or({})', 'bool'), ('bool', 'bool_and({})', 'bool'), ('float', 'stddev_samp({})', 'int'),
    ('int', 'sum({}) FILTER (WHERE {})', 'int bool'), ('same', 'min({})', 'any'), ('same', 'max({})', 'any'),
    ('int', 'bit_xor({})', 'int'), ('float', 'median({})', 'int'),
]
WINDOWS = [('int', 'row_number()', ''), ('int', 'rank()', ''), ('int', 'dense_rank()', ''), ('same', 'lag({})', 'any'),
           ('same', 'lead({}, 2)', 'any'), ('same', 'first_value({})', 'any'), ('same', 'last_value({})', 'any'),
           ('int', 'sum({})', 'int'), ('int', 'count({})', 'any'), ('same', 'max({})', 'any'), ('same', 'min({})', 'any'),
           ('float', 'avg({})', 'int'), ('int', 'ntile(3)', '')]
FRAMES = ['', '', ' ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING', ' ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW',
          ' ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING']
JOINS = ['JOIN', 'LEFT JOIN', 'FULL JOIN', 'SEMI JOIN', 'ANTI JOIN', 'JOIN', 'LEFT JOIN']


class Expr:
    def __init__(self, type_, template, args=()):
        self.type, self.template, self.args = type_, template, list(args)

    def sql(self):
        return self.template.format(*(arg.sql() for arg in self.args)) if self.args else self.template


class Rel:
    """An operator over others: its columns are [(name, type)]. `parts` are lists of expressions."""

    def __init__(self, kind, inputs, parts, columns, extra=None):
        self.kind, self.inputs, self.parts = kind, inputs, parts
        self.columns, self.extra = columns, extra

    def source(self, alias):
        return self.extra if self.kind == 'table' else f'({self.sql()}) AS {alias}'

    def sql(self):
        return getattr(self, 'sql_' + self.kind)()

    def sql_table(self):
        return f'SELECT * FROM {self.extra}'

    def sql_project(self):
        return f'SELECT {self.items(self.parts[0])} FROM {self.inputs[0].source("q")}'

    def sql_filter(self):
        return f'SELECT * FROM {self.inputs[0].source("q")} WHERE {" AND ".join(e.sql() for e in self.parts[0]) or "true"}'

    def items(self, exprs):
        return ', '.join(f'{e.sql()} AS {name}' for e, name in zip(exprs, self.extra)) or '1 AS one'

    def sql_aggregate(self):
        keys, aggregates = self.parts
        by = f' GROUP BY {", ".join(e.sql() for e in keys)}' if keys else ''
        return f'SELECT {self.items(keys + aggregates)} FROM {self.inputs[0].source("q")}{by}'

    def sql_window(self):
        return f'SELECT *, {self.items(self.parts[0])} FROM {self.inputs[0].source("q")}'

    def sql_join(self):
        on = ' AND '.join(e.sql() for e in self.parts[0]) or 'true'
        names = ', '.join(f'{old} AS {new}' for old, new in self.extra[1])
        left, right = (i.sql() for i in self.inputs)
        return f'SELECT {names} FROM ({left}) AS l {self.extra[0]} ({right}) AS r ON {on}'

    def sql_setop(self):
        return f'{self.inputs[0].sql()} {self.extra} {self.inputs[1].sql()}'

    def sql_distinct(self):
        return f'SELECT DISTINCT * FROM {self.inputs[0].source("q")}'

    def sql_sort(self):
        return f'SELECT * FROM {self.inputs[0].source("q")} ORDER BY ALL{self.extra}'


class Maker:
    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.n_names = 0
        self.tables = {f't{i}': self.table(i) for i in range(3)}

    # ---- tables: name → ([(column, type)], rows)

    def table(self, index):
        columns = [(f'{LETTERS[t]}{k}', t) for t in TYPES for k in range(2 if t in ('int', 'text') else 1)]
        n_rows = self.rng.choice([0, 1, 7, 25, 60]) if index == 2 else self.rng.choice([7, 25, 60])
        return columns, [['NULL' if self.rng.random() < 0.15 else self.rng.choice(VALUES[t])
                          for _, t in columns] for _ in range(n_rows)]

    # ---- expressions

    def name(self):
        self.n_names += 1
        return f'x{self.n_names}'

    def pick(self, columns, type_):
        """A column of the type, or a constant."""
        fitting = [name for name, t in columns if t == type_]
        if fitting and self.rng.random() < 0.85:
            return Expr(type_, self.rng.choice(fitting))
        value = 'NULL' if self.rng.random() < 0.1 else self.rng.choice(VALUES[type_])
        return Expr(type_, f'CAST({value} AS {SQL_TYPES[type_]})')

    def expr(self, columns, type_, depth):
        if depth <= 0 or self.rng.random() < 0.25:
            return self.pick(columns, type_)
        calls = [c for c in CALLS if c[0] == type_]
        _, template, types = self.rng.choice(calls)
        return Expr(type_, template, [self.expr(columns, t, depth - 1) for t in types.split()])

    def of_any(self, columns, choices):
        """One of AGGREGATES or WINDOWS over the columns."""
        type_, template, types = self.rng.choice(choices)
        args = [self.expr(columns, self.rng.choice(TYPES) if t == 'any' else t, 1) for t in types.split()]
        return Expr(args[0].type if type_ == 'same' else type_, template, args)

    # ---- operators

    def rel(self, depth):
        if depth <= 0:
            name = self.rng.choice(list(self.tables))
            return Rel('table', [], [], self.tables[name][0], name)
        make = self.rng.choice([self.project, self.filter, self.filter, self.aggregate, self.window, self.join,
                                self.join, self.setop, self.distinct, self.sort])
        return make(depth - 1)

    def project(self, depth):
        child = self.rel(depth)
        exprs = [self.expr(child.columns, self.rng.choice(TYPES), 3) for _ in range(self.rng.randint(1, 5))]
        names = [self.name() for _ in exprs]
        return Rel('project', [child], [exprs], [(n, e.type) for n, e in zip(names, exprs)], names)

    def filter(self, depth):
        child = self.rel(depth)
        return Rel('filter', [child], [[self.expr(child.columns, 'bool', 2) for _ in range(self.rng.randint(1, 2))]],
                   child.columns)

    def aggregate(self, depth):
        child = self.rel(depth)
        keys = []
        for _ in range(self.rng.choice([0, 1, 1, 2])):
            if child.columns:
                name, type_ = self.rng.choice(child.columns)
                keys.append(Expr(type_, name))
        aggregates = [self.of_any(child.columns, AGGREGATES) for _ in range(self.rng.randint(1, 4))]
        names = [self.name() for _ in keys + aggregates]
        return Rel('aggregate', [child], [keys, aggregates],
                   [(n, e.type) for n, e in zip(names, keys + aggregates)], names)

    def window(self, depth):
        """Ordered by all columns: what is equal in all of them gets equal answers but for the numbers of rows."""
        child = self.rel(depth)
        names, exprs = [], []
        for _ in range(self.rng.randint(1, 2)):
            call = self.of_any(child.columns, WINDOWS)
            order = [n + self.rng.choice(['', ' DESC', ' NULLS FIRST']) for n, _ in child.columns]
            self.rng.shuffle(order)
            by = f'PARTITION BY {self.rng.choice(child.columns)[0]} ' if self.rng.random() < 0.5 else ''
            frame = '' if call.template.startswith(('row_', 'rank', 'dense', 'lag', 'lead', 'ntile')) else self.rng.choice(FRAMES)
            names.append(self.name())
            exprs.append(Expr(call.type, f'{call.template} OVER ({by}ORDER BY {", ".join(order)}{frame})', call.args))
        return Rel('window', [child], [exprs], child.columns + [(n, e.type) for n, e in zip(names, exprs)], names)

    def join(self, depth):
        left, right = self.rel(depth), self.rel(min(depth, 1))
        word = self.rng.choice(JOINS)
        pairs = [(a, b) for a, t in left.columns for b, u in right.columns if t == u]
        keys = self.rng.sample(pairs, min(len(pairs), self.rng.choice([1, 1, 2])))
        on = [Expr('bool', f'l.{a} = r.{b}') for a, b in keys]
        if pairs and word in ('JOIN', 'LEFT JOIN') and self.rng.random() < 0.2:
            on.append(Expr('bool', 'l.{} < r.{}'.format(*self.rng.choice(pairs))))
        sides = [('l', left)] if word in ('SEMI JOIN', 'ANTI JOIN') else [('l', left), ('r', right)]
        columns, names = [], []
        for side, rel in sides:
            for name, type_ in rel.columns[:6]:
                new = self.name()
                columns.append((new, type_))
                names.append((f'{side}.{name}', new))
        return Rel('join', [left, right], [on], columns, [word, names])

    def setop(self, depth):
        left = self.project(depth)
        right = self.rel(depth)
        exprs = [self.expr(right.columns, t, 1) for _, t in left.columns]
        # Both sides must have the same types.
        for e in left.parts[0] + exprs:
            e.template = f'CAST({e.template} AS {SQL_TYPES[e.type] if e.type != "decimal" else "DECIMAL(18,2)"})'
        other = Rel('project', [right], [exprs], left.columns, [n for n, _ in left.columns])
        word = self.rng.choice(['UNION', 'UNION ALL', 'INTERSECT', 'EXCEPT', 'EXCEPT ALL', 'INTERSECT ALL'])
        return Rel('setop', [left, other], [], left.columns, word)

    def distinct(self, depth):
        child = self.rel(depth)
        return Rel('distinct', [child], [], child.columns)

    def sort(self, depth):
        child = self.rel(depth)
        limit = f' LIMIT {self.rng.choice([0, 1, 5, 20])}' if self.rng.random() < 0.5 else ''
        if limit and self.rng.random() < 0.3:
            limit += ' OFFSET 2'
        return Rel('sort', [child], [], child.columns, limit)


# ---- smaller -----------------------------------------------------------------------------------------------

def places(rel):
    """Every operator below, by the path of inputs that leads there."""
    yield ()
    for i, child in enumerate(rel.inputs):
        for path in places(child):
            yield (i,) + path


def at(rel, path):
    for i in path:
        rel = rel.inputs[i]
    return rel


def expr_places(expr):
    yield ()
    for i, arg in enumerate(expr.args):
        for path in expr_places(arg):
            yield (i,) + path


def replaced(root, path, by):
    if not path:
        return by
    at(root, path[:-1]).inputs[path[-1]] = by
    return root


def smaller(root):
    """Queries with something less. Not all of them are right: the reference says which."""
    for path in places(root):
        for child in range(len(at(root, path).inputs)):
            new = copy.deepcopy(root)
            yield replaced(new, path, at(new, path).inputs[child])
    for path in places(root):
        node = at(root, path)
        for p, part in enumerate(node.parts):
            for e in range(len(part)):
                yield from without(root, path, p, e)
                yield from simpler(root, path, p, e)


def without(root, path, p, e):
    new = copy.deepcopy(root)
    node = at(new, path)
    if node.kind in ('project', 'aggregate', 'window'):
        if sum(map(len, node.parts)) < 2 or node.kind == 'window' and len(node.parts[0]) < 2:
            return
        del node.extra[e if p == 0 else len(node.parts[0]) + e]
    del node.parts[p][e]
    yield new


def simpler(root, path, p, e):
    for place in list(expr_places(at(root, path).parts[p][e]))[:12]:
        new = copy.deepcopy(root)
        holder, key = at(new, path).parts[p], e
        for i in place:
            holder, key = holder[key].args, i
        for arg in holder[key].args:
            if arg.type == holder[key].type:
                whole = holder[key]
                holder[key] = arg
                yield copy.deepcopy(new)
                holder[key] = whole


# ---- running -----------------------------------------------------------------------------------------------

class Runner:
    def __init__(self, program, engines, folder):
        self.program, self.engines, self.folder = program, engines, pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)

    def tables(self, tables):
        text = ''
        for name, (columns, rows) in tables.items():
            casts = ', '.join(f'CAST({c} AS {SQL_TYPES[t]}) AS {c}' for c, t in columns)
            shown = rows or [['NULL'] * len(columns)]
            values = ', '.join('(' + ', '.join(row) + ')' for row in shown)
            where = '' if rows else ' WHERE false'
            text += f'== table {name}\nSELECT {casts} FROM (VALUES {values}) AS v({", ".join(c for c, _ in columns)}){where}\n\n'
        return text

    def run(self, tables, queries):
        """For each query: {engine: (verdict, reason)}."""
        (self.folder / 'tables.txt').write_text(self.tables(tables), encoding='utf-8')
        (self.folder / 'random.cases').write_text(
            '== rule random\n' + ''.join(f':: {i}\n{q}\n\n' for i, q in enumerate(queries)), encoding='utf-8')
        out = self.folder / 'out.json'
        out.unlink(missing_ok=True)
        done = subprocess.run([self.program, '--engines', ','.join(self.engines), '--json', out,
                               '--tables', self.folder / 'tables.txt', self.folder / 'random.cases'],
                              capture_output=True, text=True)
        if not out.exists():
            sys.exit(f'{self.program} ended with {done.returncode}: {done.stderr}')
        cases = json.loads(out.read_text(encoding='utf-8'))['cases']
        return [{e: (v['verdict'], v.get('reason')) for e, v in case['verdicts'].items()} for case in cases]


def is_bad(verdicts, engine):
    return verdicts[engine][0] in ('wrong', 'error')


def shrink(runner, tables, query, engine):
    """The smallest query, then the fewest rows, on which the engine is still wrong."""
    alone = Runner(runner.program, [engine], runner.folder)
    for _ in range(40):
        candidates = sorted(smaller(query), key=lambda q: len(q.sql()))[:150]
        found = [c for c, v in zip(candidates, alone.run(tables, [c.sql() for c in candidates])) if is_bad(v, engine)] \
            if candidates else []
        if not found or len(found[0].sql()) >= len(query.sql()):
            break
        query = found[0]
    for name in list(tables):
        n = max(1, len(tables[name][1]) // 2)
        while n >= 1 and tables[name][1]:
            rows = tables[name][1]
            for start in range(0, len(rows), n):
                fewer = dict(tables)
                fewer[name] = (tables[name][0], rows[:start] + rows[start + n:])
                if is_bad(alone.run(fewer, [query.sql()])[0], engine):
                    tables = fewer
                    break
            else:
                n //= 2
    return tables, query


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--program', required=True)
    parser.add_argument('--engines', default='duckdb', type=lambda text: text.split(','))
    parser.add_argument('--queries', type=int, default=2000)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--failures', type=int, default=5, help='make at most so many smaller')
    parser.add_argument('--keep', help='a folder for the files of the last run')
    args = parser.parse_args()
    counts, n_shrunk, is_agreed = {}, 0, True
    with tempfile.TemporaryDirectory() as temp:
        runner = Runner(args.program, args.engines, args.keep or temp)
        for first in range(0, args.queries, 100):  # new tables for each hundred
            maker = Maker(args.seed * 1000003 + first)
            queries = [maker.rel(maker.rng.randint(1, 4)) for _ in range(min(100, args.queries - first))]
            results = runner.run(maker.tables, [q.sql() for q in queries])
            for query, verdicts in zip(queries, results):
                for engine, (verdict, _) in verdicts.items():
                    counts.setdefault(engine, {}).setdefault(verdict, 0)
                    counts[engine][verdict] += 1
                    if not is_bad(verdicts, engine):
                        continue
                    is_agreed = False
                    n_shrunk += 1
                    if n_shrunk > args.failures:
                        continue
                    tables, small = shrink(runner, maker.tables, query, engine)
                    reason = Runner(args.program, [engine], runner.folder).run(tables, [small.sql()])[0][engine]
                    used = {n: t for n, t in tables.items() if f' {n}' in small.sql()}
                    print(f'{engine}: {reason[0]}: {reason[1]}\n  --seed {args.seed}, query {first}+\n'
                          f'{runner.tables(used)}{small.sql()}\n', flush=True)
    for engine, found in counts.items():
        print(f'{engine}: ' + ', '.join(f'{n} {verdict}' for verdict, n in sorted(found.items())))
    sys.exit(0 if is_agreed and any(f.get('ok') for f in counts.values()) else 1)


if __name__ == '__main__':
    main()

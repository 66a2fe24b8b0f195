"""The Polars engine: the contract, and what is its own."""
import itertools
import math
import os
import tempfile
import unittest

import pyarrow as pa
import pyarrow.parquet as pq

from gearbox_host.engines.polars import columns
from gearbox_host.errors import HostError
from gearbox_host.plan.types import parse

from .contract import Contract, ordered
from .plans import agg, call, col, const, key, node, rows, table, values

INT = 'int32'
LEFT = [(1, 1, 'x'), (2, None, 'y'), (3, 2, 'z'), (4, 2, None), (5, 9, 'w'), (6, None, None)]
RIGHT = [(1, 1, 'x'), (2, 2, 'q'), (3, 2, None), (4, None, 'y'), (5, 7, 'x')]


def side(first, data):
    return values([(first, INT), (first + 1, INT), (first + 2, 'utf8')], data)


def equals(a, b):
    return None if a is None or b is None else a == b


def stream(name, fields, cols):
    return {'op': 'scan', 'scan': {'format': 'stream', 'name': name,
                                   'fields': [{'name': n, 'type': t} for n, t in fields]},
            'fields': list(range(len(fields))),
            'cols': [{'id': id, 'type': t} for id, (_, t) in zip(cols, fields)]}


def parquet(path, fields, cols, **more):
    scan = stream('t', fields, cols)
    scan['scan'].update(format='parquet', paths=[path], **more)
    return scan


class PolarsContract(Contract, unittest.TestCase):
    name = 'polars'

    # ---- joins, against loops over the rows

    CONDITIONS = {
        'key': ([call('=', 'bool', col(2, INT), col(12, INT), duckdb='"c2" = "c12"')],
                lambda l, r: [equals(l[1], r[1])]),
        'null-safe': ([call('is_not_distinct_from', 'bool', col(2, INT), col(12, INT),
                            duckdb='"c2" IS NOT DISTINCT FROM "c12"')],
                      lambda l, r: [l[1] == r[1]]),
        'mixed': ([call('=', 'bool', col(2, INT), col(12, INT), duckdb='"c2" = "c12"'),
                   call('is_not_distinct_from', 'bool', col(3, 'utf8'), col(13, 'utf8'),
                        duckdb='"c3" IS NOT DISTINCT FROM "c13"')],
                  lambda l, r: [equals(l[1], r[1]), l[2] == r[2]]),
        'other': ([call('=', 'bool', col(2, INT), col(12, INT), duckdb='"c2" = "c12"'),
                   call('<>', 'bool', col(1, INT), col(11, INT), duckdb='"c1" <> "c11"')],
                  lambda l, r: [equals(l[1], r[1]), l[0] != r[0]]),
        'order': ([call('<', 'bool', col(1, INT), col(11, INT), duckdb='"c1" < "c11"')],
                  lambda l, r: [l[0] < r[0]]),
        'two keys': ([call('=', 'bool', col(2, INT), col(12, INT), duckdb='"c2" = "c12"'),
                      call('=', 'bool', col(3, 'utf8'), col(13, 'utf8'), duckdb='"c3" = "c13"')],
                     lambda l, r: [equals(l[1], r[1]), equals(l[2], r[2])]),
        'nothing': ([], lambda l, r: []),
    }

    def joined_by(self, kind, on, left=LEFT, right=RIGHT):
        made = [(20, 'bool')] if kind == 'mark' else []
        return node('join', side(1, left), side(11, right), join=kind, on=on, cols=made)

    def test_joins_of_every_kind_and_condition(self):
        for name, (on, holds) in self.CONDITIONS.items():
            for kind in ('inner', 'left', 'right', 'full', 'semi', 'anti'):
                for left, right in ((LEFT, RIGHT), (LEFT, []), ([], RIGHT)):
                    with self.subTest(condition=name, kind=kind, n=(len(left), len(right))):
                        self.same(self.joined_by(kind, on, left, right),
                                  joined(kind, holds, left, right))

    def test_marks_of_every_condition(self):
        for name, (on, holds) in self.CONDITIONS.items():
            for left, right in ((LEFT, RIGHT), (LEFT, []), (LEFT, RIGHT[:3])):
                with self.subTest(condition=name, n=len(right)):
                    self.same(self.joined_by('mark', on, left, right),
                              [l + (marked(holds, l, right),) for l in left])

    def test_positional_fills_the_shorter_side(self):
        root = node('join', values([(1, INT)], [[1], [2], [3]]), values([(2, INT)], [[7]]),
                    join='positional')
        self.assertEqual(self.rows(root), [(1, 7), (2, None), (3, None)])

    def test_asof_takes_the_nearest(self):
        on = [call('=', 'bool', col(1, INT), col(11, INT), duckdb='"c1" = "c11"'),
              call('>=', 'bool', col(2, INT), col(12, INT), duckdb='"c2" >= "c12"')]
        left = values([(1, INT), (2, INT)], [[1, 5], [1, 1], [2, 9], [None, 5], [1, None]])
        right = values([(11, INT), (12, INT)], [[1, 2], [1, 4], [2, 10], [None, 1], [1, 6]])
        root = node('join', left, right, join='left', asof=True, on=on)
        self.same(root, [(1, 5, 1, 4), (1, 1, None, None), (2, 9, None, None),
                         (None, 5, None, None), (1, None, None, None)])

    # ---- groups

    def test_grouping_sets(self):
        source = values([(1, INT), (2, 'utf8'), (3, INT)],
                        [[1, 'a', 10], [1, 'b', 20], [2, 'a', 30]])
        root = node('aggregate', source, groups=[col(1, INT), col(2, 'utf8')],
                    sets=[[0, 1], [0], []],
                    aggs=[agg('sum', 'int64', col(3, INT), duckdb='CAST(sum("c3") AS BIGINT)')],
                    grouping=[[0, 1]], cols=[(4, INT), (5, 'utf8'), (6, 'int64'), (7, 'int64')])
        self.same(root, [(1, 'a', 10, 0), (1, 'b', 20, 0), (2, 'a', 30, 0), (1, None, 30, 1),
                         (2, None, 30, 1), (None, None, 60, 3)])

    def test_aggregates_of_the_kernel_keep_their_groups(self):
        source = values([(1, 'utf8'), (2, INT)], [['a', 3], [None, 1], ['a', 2], [None, None]])
        root = node('aggregate', source, groups=[col(1, 'utf8')], aggs=[
            agg('list', f'list<{INT}>', col(2, INT),
                duckdb='list("c2" ORDER BY "c2" ASC NULLS LAST)', order=[key(col(2, INT))])],
            cols=[(3, 'utf8'), (4, f'list<{INT}>')])
        self.same(root, [('a', [2, 3]), (None, [1, None])])

    def test_no_groups_give_one_row_of_no_rows(self):
        root = node('aggregate', values([(1, INT)], []), aggs=[
            agg('count_star', 'int64', duckdb='count(*)'),
            agg('sum', 'int64', col(1, INT), duckdb='CAST(sum("c1") AS BIGINT)'),
            agg('string_agg', 'utf8', col(1, INT), duckdb='string_agg("c1"::VARCHAR, \',\')')],
            cols=[(2, 'int64'), (3, 'int64'), (4, 'utf8')])
        self.assertEqual(self.rows(root), [(0, None, None)])

    def test_windows_keep_the_order_of_rows(self):
        window = {'ex': 'window', 'fn': 'row_number', 'type': 'int64', 'args': [], 'unit': 'rows',
                  'start': 'unbounded_preceding', 'end': 'current_row',
                  'order': [key(col(1, INT))], 'duckdb': 'row_number() OVER (ORDER BY "c1" ASC)'}
        root = node('window', values([(1, INT)], [[3], [1], [2]]), exprs=[window],
                    cols=[(2, 'int64')])
        self.assertEqual(self.rows(root), [(3, 3), (1, 1), (2, 2)])

    # ---- rows

    def test_unnest_goes_on_to_the_longest(self):
        source = values([(1, INT), (2, 'list<int64>'), (3, 'list<utf8>')],
                        [[1, [1, 2], ['x']], [2, None, ['y', 'z']], [3, [], None], [4, [None], []]])
        unnest = [{'ex': 'unnest', 'type': t, 'args': [col(c, f'list<{t}>')],
                   'duckdb': f'unnest("c{c}")'}
                  for c, t in ((2, 'int64'), (3, 'utf8'))]
        root = node('unnest', source, exprs=unnest, cols=[(4, 'int64'), (5, 'utf8')])
        got = [(row[0], row[3], row[4]) for row in self.rows(root)]
        self.assertEqual(got, [(1, 1, 'x'), (1, 2, None), (2, None, 'y'), (2, None, 'z'),
                               (4, None, None)])

    def test_set_operations_count_their_rows(self):
        left = values([(1, INT)], [[1], [1], [None], [None], [2]])
        right = values([(2, INT)], [[1], [None], [None], [None]])
        for kind, wanted in (('intersect', [(1,), (None,), (None,)]), ('except', [(1,), (2,)])):
            self.same(node('setop', left, right, setop=kind, all=True, cols=[(3, INT)]), wanted)

    def test_a_recursion_ends(self):
        step = node('filter', node('project', {'op': 'cte_ref', 'cte': 1, 'fields': [0],
                                               'cols': [{'id': 3, 'type': INT}]},
                    exprs=[call('+', INT, col(3, INT), const(INT, 1), duckdb='"c3" + 1')],
                    cols=[(4, INT)]),
                    conjuncts=[call('<', 'bool', col(4, INT), const(INT, 5), duckdb='"c4" < 5')])
        root = node('recursive', values([(1, INT)], [[1]]), step, cte=1, all=True, cols=[(2, INT)])
        self.same(root, [(1,), (2,), (3,), (4,)])

    def test_a_sample_of_a_seed_is_the_same(self):
        source = values([(1, INT)], [[i] for i in range(200)])
        for method, amount, percent in (('reservoir', 10, False), ('bernoulli', 30, True)):
            root = node('sample', source, method=method, amount=amount, percent=percent, seed=5)
            found = self.rows(root)
            self.assertEqual(found, self.rows(root))
            self.assertTrue(0 < len(found) < 200)

    def test_an_or_of_what_fails_is_left_to_the_kernel(self):
        more = call('+', 'int64', col(1, 'int64'), const('int64', 1))
        fails = call('=', 'bool', more, const('int64', 0))
        both = call('or', 'bool', call('is_not_null', 'bool', col(1, 'int64')), fails,
                    duckdb='("c1" IS NOT NULL OR "c1" + 1 = 0)')
        root = node('filter', values([(1, 'int64')], [[5]]), conjuncts=[both])
        self.assertEqual(self.rows(root), [(5,)])

    def test_a_conjunct_guards_the_next(self):
        conjuncts = [call('<>', 'bool', col(1, INT), const(INT, 0), duckdb='"c1" <> 0'),
                     call('>', 'bool', call('//', INT, const(INT, 10), col(1, INT)), const(INT, 1),
                          duckdb='(10 // "c1") > 1')]
        for order in (conjuncts, conjuncts[::-1]):
            root = node('filter', values([(1, INT)], [[0], [2], [10]]), conjuncts=order)
            if order is conjuncts:
                self.assertEqual(self.rows(root), [(2,)])

    # ---- sources

    def test_streams_are_read_as_asked_for(self):
        data = pa.table({'a': pa.array(range(10), pa.int32()), 'b': pa.array(list('abcdefghij'))})
        source = stream('in', [('a', INT), ('b', 'utf8')], [1, 2])
        root = node('filter', source, conjuncts=[
            call('>', 'bool', col(1, INT), const(INT, 7), duckdb='"c1" > 7')])
        found = rows(self.engine, root, streams={'in': data})
        self.assertEqual(ordered(found), [[8, 'i'], [9, 'j']])

    def test_a_stream_that_is_read_twice_is_kept(self):
        data = pa.table({'a': pa.array([1, 2], pa.int32())})
        root = node('join', stream('in', [('a', INT)], [1]), stream('in', [('a', INT)], [2]),
                    join='cross')
        self.assertEqual(len(rows(self.engine, root, streams={'in': data})), 4)

    def test_a_limit_leaves_the_rest_of_a_stream(self):
        data = pa.table({'a': pa.array(range(10), pa.int32())})
        root = node('limit', stream('in', [('a', INT)], [1]), limit=const('int64', 2))
        self.assertEqual(len(rows(self.engine, root, streams={'in': data})), 2)

    def test_nan_in_a_file_is_not_lost_to_its_statistics(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, 't.parquet')
            pq.write_table(pa.table({'x': [1.0, 2.0, math.nan, 1.5]}), path, row_group_size=2)
            root = node('filter', parquet(path, [('x', 'float64')], [1]), conjuncts=[
                call('>', 'bool', col(1, 'float64'), const('float64', 2.8), duckdb='"c1" > 2.8')])
            found = self.rows(root)
            self.assertEqual(len(found), 1)
            self.assertTrue(math.isnan(found[0][0]))

    def test_files_of_other_widths_are_read_as_the_plan_says(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, 't.parquet')
            data = pa.table({'x': pa.array([1, None], pa.int16()), 'd': pa.array([1, 2])})
            pq.write_table(data, path)
            self.assertEqual(self.rows(parquet(path, [('x', 'int64'), ('d', 'int64')], [1, 2])),
                             [(1, 1), (None, 2)])
            with self.assertRaises(HostError):
                self.rows(parquet(path, [('x', 'utf8'), ('d', 'int64')], [1, 2]))
            with self.assertRaises(HostError) as caught:
                self.rows(parquet(path + '.not', [('x', 'int64')], [1]))
            self.assertEqual(caught.exception.code, 'not_found')

    def range_of(self, *given, fn='range'):
        return node('table_fn', fn=fn, args=[const('int64', one) for one in given],
                    fields=[{'name': fn, 'type': 'int64'}], used=[0], cols=[(1, 'int64')])

    def test_ranges_are_those_of_the_contract(self):
        for given, wanted in (((3,), [0, 1, 2]), ((1, 3), [1, 2]), ((10, 0, -4), [10, 6, 2]),
                              ((3, 3), []), ((0, 9, 3), [0, 3, 6])):
            self.assertEqual(self.rows(self.range_of(*given)), [(one,) for one in wanted])
        series = self.range_of(1, 9, 4, fn='generate_series')
        self.assertEqual(self.rows(series), [(1,), (5,), (9,)])
        error = self.fails(lambda: self.rows(self.range_of(0, 9, 0)))
        self.assertEqual(error.code, 'invalid')

    def test_a_long_range_is_not_made_for_its_first_rows(self):
        root = node('limit', self.range_of(1 << 60), limit=const('int64', 2))
        self.assertEqual(self.rows(root), [(0,), (1,)])

    # ---- what is refused

    def test_what_has_no_way_is_refused_before_it_runs(self):
        source = values([(1, INT)], [[1]])
        nothing = call('nothing', INT, col(1, INT))
        for root in (node('project', source, exprs=[nothing], cols=[(2, INT)]),
                     values([(1, 'union<"n": int64>')], []),
                     node('sink', source, format='csv', path='x', cols=[(2, 'int64')])):
            with self.assertRaises(HostError) as caught:
                table(self.engine, root)
            self.assertEqual(caught.exception.code, 'unsupported')

    def test_capabilities_name_what_is_there(self):
        found = type(self.engine).capabilities()
        self.assertEqual((found['semantics'], found['speaks']), (1, 'plan'))
        self.assertNotIn('quirks', found)


def pairs(holds, left, right):
    return [(i, j) for (i, l), (j, r) in itertools.product(enumerate(left), enumerate(right))
            if all(one is True for one in holds(l, r))]


def joined(kind, holds, left, right):
    found = pairs(holds, left, right)
    lefts, rights = {i for i, _ in found}, {j for _, j in found}
    if kind in ('semi', 'anti'):
        return [l for i, l in enumerate(left) if (i in lefts) == (kind == 'semi')]
    rows_ = [left[i] + right[j] for i, j in found]
    if kind in ('left', 'full'):
        rows_ += [l + (None,) * 3 for i, l in enumerate(left) if i not in lefts]
    if kind in ('right', 'full'):
        rows_ += [(None,) * 3 + r for j, r in enumerate(right) if j not in rights]
    return rows_


def marked(holds, row, right):
    """EXISTS where no comparison is NULL; IN's third value where one is."""
    answers = [holds(row, r) for r in right]
    if any(all(one is True for one in answer) for answer in answers):
        return True
    unknown = any(None in answer and False not in answer for answer in answers)
    return None if unknown else False


class Carried(unittest.TestCase):
    """Types that Polars lacks come back as they were."""

    def test_there_and_back(self):
        samples = {
            'int128': ['99999999999999999999999999999999999999', None, '-1'],
            'uuid': ['01234567-89ab-cdef-0123-456789abcdef', None],
            'interval': [[1, 2, 3], None, [0, 0, -5]],
            'time(us)': [86400000000, None, 0],
            'timestamp(s)': [-1, None, 253402300800],
            'timestamp(ns)': [1, None], 'timestamp(us, zone)': [1, None],
            'map<utf8, int64>': [['a', 1, 'b', None], None, []],
            "enum<'x', 'y'>": ['y', None], 'json': ['{"a": 1}', None],
            'list<list<int64>>': [[[1], None, []], None], 'array<int64, 2>': [[1, None], None],
            'struct<"a": int64, "b": list<utf8>>': [[1, ['x']], None],
            'struct<int64, utf8>': [[1, 'x'], None], 'binary': ['00ff', None],
            'uint64': ['18446744073709551615', None], 'date': [2932896, None, -719162],
        }
        from gearbox_host.plan import values as constants
        from .plans import engine_of
        engine = engine_of('polars')
        for name, given in samples.items():
            with self.subTest(type=name):
                t = parse(name)
                found = table(engine, values([(1, name)], [[one] for one in given]))
                self.assertEqual(found.schema.types, [t.arrow])
                self.assertTrue(found.column(0).combine_chunks().equals(
                    constants.to_array(t, given)), found)

    def test_a_slice_of_intervals(self):
        array = pa.array([(1, 2, 3), None, (4, 5, 6)], pa.month_day_nano_interval()).slice(1)
        back = columns.to_arrow(columns.series(array, parse('interval')), parse('interval'))
        self.assertEqual(back.to_pylist(), array.to_pylist())


if __name__ == '__main__':
    unittest.main()

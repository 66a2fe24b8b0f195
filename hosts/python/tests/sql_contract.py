"""What every engine that is given SQL text must do with it: kernels, constants, tables, failures.

The texts are such as every dialect reads. A test of an engine derives from `SqlContract` and says
its name.
"""
import datetime
import decimal

import pyarrow as pa

from gearbox_host.engines.base import Config
from gearbox_host.errors import HostError, from_exception
from gearbox_host.inputs import Inputs, InputSpec
from gearbox_host.jobs import job_of
from gearbox_host.plan.types import parse, to_schema

from .plans import engine_of

# One value of each type that may be a column, as plan-json.md names it.
SAMPLES = {
    'bool': [True, None, False], 'int8': [-128, None, 127], 'int16': [-32768, None, 32767],
    'int32': [-2147483648, None, 2147483647],
    'int64': [-9223372036854775808, None, 9223372036854775807],
    'uint8': [0, None, 255], 'uint16': [0, None, 65535], 'uint32': [0, None, 4294967295],
    'uint64': [0, None, 18446744073709551615],
    'int128': [decimal.Decimal(-10 ** 37), None, decimal.Decimal(10 ** 37)],
    'float32': [-1.5, None, float('inf')], 'float64': [0.1, None, float('-inf')],
    'decimal(38,10)': [decimal.Decimal('-1.0000000001'), None, decimal.Decimal(10 ** 27)],
    'decimal(5,2)': [decimal.Decimal('-999.99'), None, decimal.Decimal('0.01')],
    'utf8': ["it's \\ \n ü", None, ''], 'binary': [b'\x00\xff', None, b''],
    'date': [datetime.date(1, 1, 1), None, datetime.date(9999, 12, 31)],
    'timestamp(us)': [datetime.datetime(1969, 12, 31, 23, 59, 59, 999999), None,
                      datetime.datetime(2020, 2, 29)],
    'list<int32>': [[1, None, 3], None, []],
    'struct<"a": int32, "b": utf8>': [{'a': 1, 'b': None}, None, {'a': None, 'b': 'x'}],
}


def scan(table, types, number=1):
    """A table of the text that is the stream `number`."""
    columns = [{'name': f'c{i}', 'type': t} for i, t in enumerate(types, 1)]
    return {'name': table, 'columns': columns, 'fields': list(range(len(types))),
            'scan': {'format': 'stream', 'name': f'in{number}', 'fields': columns}}


def kernel(name, args, t, duckdb):
    return {'name': name, 'args': args, 'type': t, 'duckdb': duckdb}


class SqlContract:
    name = ''

    @classmethod
    def setUpClass(cls):
        cls.engine = engine_of(cls.name, threads=1)

    @classmethod
    def tearDownClass(cls):
        cls.engine.close()

    def prepare(self, text, types, tables=(), kernels=(), streams=(), params=()):
        message = {'job': 1, 'columns': [{'name': 'x', 'type': t} for t in types],
                   'params': list(params), 'now_us': 0, 'timezone': 'UTC',
                   'sql': {'text': text, 'tables': list(tables), 'kernels': list(kernels)}}
        specs = [InputSpec(i, f'in{i}', []) for i, _ in enumerate(streams, 1)]
        inputs = Inputs(specs, lambda number, _: streams[number - 1].to_reader(max_chunksize=2))
        job = job_of(message, inputs)
        return self.engine.prepare(job), job

    def table(self, *args, **more):
        prepared, job = self.prepare(*args, **more)
        return pa.Table.from_batches(list(prepared.run()), job.schema)

    def rows(self, *args, **more):
        found = self.table(*args, **more)
        return list(zip(*(column.to_pylist() for column in found.columns)))

    def fails(self, *args, **more) -> HostError:
        with self.assertRaises(Exception) as caught:
            self.table(*args, **more)
        return from_exception(caught.exception)

    def stream(self, types, *columns):
        schema = to_schema([(f'c{i}', parse(t)) for i, t in enumerate(types, 1)])
        return pa.Table.from_arrays([pa.array(column, field.type)
                                     for column, field in zip(columns, schema)], schema=schema)

    # ---- values

    def test_columns_come_back_as_they_went(self):
        known = type(self.engine).capabilities()['types']
        for t, values in SAMPLES.items():
            if not parse(t).kinds <= set(known):
                continue
            with self.subTest(t):
                found = self.table('SELECT t1.c1 AS c1 FROM t1', [t], [scan('t1', [t])],
                                   streams=[self.stream([t], values)])
                self.assertEqual(found.schema.types, [parse(t).arrow])
                self.assertEqual(sorted(found.column(0).to_pylist(), key=repr),
                                 sorted(values, key=repr))

    def test_constants_are_computed_once_with_their_type(self):
        words = {'date': "DATE '2020-02-29' - INTERVAL 1 DAY", 'utf8': "'it''s \\ ' || chr(10)",
                 'decimal(5,2)': "CAST('1.25' AS DECIMAL(5,2))", 'float64': "CAST('nan' AS DOUBLE)",
                 'int64': 'CAST(-5 AS BIGINT)', 'list<int32>': '[1, NULL]', 'bool': '1 = 1',
                 'binary': "CAST('\\x00\\xFF' AS BLOB)", 'int32': 'CAST(NULL AS INTEGER)',
                 'timestamp(us)': "TIMESTAMP '2020-02-29 12:00:00.000001'"}
        wanted = [datetime.date(2020, 2, 28), "it's \\ \n", decimal.Decimal('1.25'), 'nan', -5,
                  [1, None], True, b'\x00\xff', None,
                  datetime.datetime(2020, 2, 29, 12, 0, 0, 1)]
        kernels = [kernel(f'gbx_k{i}', [], t, text) for i, (t, text) in enumerate(words.items(), 1)]
        text = 'SELECT ' + ', '.join(f'gbx_k{i}() AS c{i}' for i in range(1, len(words) + 1))
        found = self.rows(text, list(words), kernels=kernels)
        self.assertEqual([('nan' if one != one else one) for one in found[0]], wanted)

    def test_a_text_that_looks_like_a_kernel_stays_one(self):
        found = self.rows("SELECT 'gbx_k1()' AS c1, gbx_k1() AS c2", ['utf8', 'int32'],
                          kernels=[kernel('gbx_k1', [], 'int32', 'CAST(7 AS INTEGER)')])
        self.assertEqual(found, [('gbx_k1()', 7)])

    def test_parameters_reach_kernels(self):
        found = self.rows("SELECT gbx_k1() AS c1, gbx_k2(t1.c1) AS c2 FROM t1", ['int32', 'utf8'],
                          [scan('t1', ['utf8'])],
                          [kernel('gbx_k1', [], 'int32', 'CAST($n AS INTEGER) + 1'),
                           kernel('gbx_k2', ['utf8'], 'utf8', '"a0" || CAST($s AS VARCHAR)')],
                          [self.stream(['utf8'], ['a', None])],
                          [{'name': 'n', 'type': 'int32', 'value': 41},
                           {'name': 's', 'type': 'utf8', 'value': '$n'}])
        self.assertEqual(sorted(found, key=repr), [(42, 'a$n'), (42, None)])

    # ---- kernels

    def test_kernels_keep_rows_and_nulls(self):
        found = self.rows('SELECT gbx_k1(t1.c1) AS c1, t1.c1 AS c2 FROM t1 ORDER BY t1.c1 ASC '
                          'NULLS LAST', ['utf8', 'utf8'], [scan('t1', ['utf8'])],
                          [kernel('gbx_k1', ['utf8'], 'utf8', 'upper("a0")')],
                          [self.stream(['utf8'], ['b', None, 'ß', 'a', 'é'])])
        self.assertEqual(found, [('A', 'a'), ('B', 'b'), ('ẞ', 'ß'), ('É', 'é'), (None, None)])

    def test_a_kernel_with_a_subquery_keeps_the_order_of_its_rows(self):
        n = 500
        found = self.rows('SELECT t1.c1 AS c1, gbx_k1(t1.c1) AS c2 FROM t1', ['int32', 'int64'],
                          [scan('t1', ['int32'])],
                          [kernel('gbx_k1', ['int32'], 'int64',
                                  '(SELECT CAST(sum(x) AS BIGINT) FROM range("a0" + 1) AS r(x))')],
                          [self.stream(['int32'], list(range(n)))])
        self.assertEqual(sorted(found), [(i, i * (i + 1) // 2) for i in range(n)])

    LISTS = ['list<struct<"f0": utf8, "f1": int32>>']
    ITEMS = [[{'f0': 'a', 'f1': 2}, {'f0': 'b', 'f1': 1}], None, [], [{'f0': None, 'f1': 3}]]

    def test_aggregates_of_lists(self):
        body = '(SELECT {} FROM (SELECT unnest("a0") AS u))'
        kernels = [kernel('gbx_k1', self.LISTS, 'utf8',
                          body.format("string_agg(u.f0, 'u.f1' ORDER BY u.f1)")),
                   kernel('gbx_k2', self.LISTS, 'int64', body.format('count(u.f0)'))]
        found = self.rows('SELECT gbx_k1(t1.c1) AS c1, gbx_k2(t1.c1) AS c2 FROM t1',
                          ['utf8', 'int64'], [scan('t1', self.LISTS)], kernels,
                          [self.stream(self.LISTS, self.ITEMS)])
        self.assertEqual(sorted(found, key=repr),
                         [('bu.f1a', 2), (None, 0), (None, 0), (None, 0)])

    def test_windows_of_lists(self):
        body = ('(SELECT list(s) FROM (SELECT struct_pack(g0 := u.f0, g1 := sum(u.f1) OVER (ORDER '
                'BY u.f1)::BIGINT) AS s FROM (SELECT unnest("a0") AS u)))')
        t = 'list<struct<"g0": utf8, "g1": int64>>'
        found = self.rows('SELECT gbx_k1(t1.c1) AS c1 FROM t1', [t], [scan('t1', self.LISTS)],
                          [kernel('gbx_k1', self.LISTS, t, body)],
                          [self.stream(self.LISTS, self.ITEMS[:1])])
        self.assertEqual(found, [([{'g0': 'a', 'g1': 3}, {'g0': 'b', 'g1': 1}],)])

    def test_a_kernel_sees_a_wide_integer_as_one(self):
        found = self.rows('SELECT gbx_k1(t1.c1) AS c1 FROM t1', ['utf8'], [scan('t1', ['int128'])],
                          [kernel('gbx_k1', ['int128'], 'utf8', 'typeof("a0")')],
                          [self.stream(['int128'], [decimal.Decimal(10 ** 30)])])
        self.assertEqual(found, [('HUGEINT',)])

    # ---- tables

    def test_a_table_of_a_text_is_computed_once(self):
        found = self.rows('SELECT count(DISTINCT t3.c2) AS c1 FROM (SELECT c2 FROM cte1 UNION ALL '
                          'SELECT c2 FROM cte1) AS t3', ['int64'],
                          [scan('t1', ['int32']),
                           {'name': 'cte1', 'text': 'SELECT t1.c1 AS c1, gbx_k1() AS c2 FROM t1',
                            'columns': [{'name': 'c1', 'type': 'int32'},
                                        {'name': 'c2', 'type': 'int32'}]}],
                          [kernel('gbx_k1', [], 'int32', 'CAST(3 AS INTEGER)')],
                          [self.stream(['int32'], [1, 2, 3])])
        self.assertEqual(found, [(1,)])

    def test_rows_of_a_stream_have_numbers(self):
        table = {**scan('t1', ['int64', 'utf8']), 'fields': ['rowid', 0]}
        table['scan'] = {'format': 'stream', 'name': 'in1',
                         'fields': [{'name': 'c1', 'type': 'utf8'}]}
        found = self.rows('SELECT t1.c1 AS c1, t1.c2 AS c2 FROM t1', ['int64', 'utf8'], [table],
                          streams=[self.stream(['utf8'], ['a', 'b', 'c'])])
        self.assertEqual(sorted(found), [(0, 'a'), (1, 'b'), (2, 'c')])

    def test_nothing_in_nothing_out(self):
        found = self.table('SELECT gbx_k1(t1.c1) AS c1 FROM t1', ['list<int32>'],
                           [scan('t1', ['int32'])],
                           [kernel('gbx_k1', ['int32'], 'list<int32>', '["a0"]')],
                           [self.stream(['int32'], [])])
        self.assertEqual((found.num_rows, found.schema.types), (0, [parse('list<int32>').arrow]))

    # ---- failures

    def test_failures_say_what_the_contract_says(self):
        one = [scan('t1', ['int32'])]
        rows = [self.stream(['int32'], [0, 1])]
        error = self.fails('SELECT CAST(1 AS INT) % t1.c1 AS c1 FROM t1', ['int32'], one,
                           streams=rows)
        self.assertEqual(error.code, 'invalid')
        error = self.fails('SELECT gbx_k1(t1.c1) AS c1 FROM t1', ['int32'], one,
                           [kernel('gbx_k1', ['int32'], 'int32', "error('no such thing')")], rows)
        self.assertEqual((error.code, error.message), ('invalid', 'no such thing'))

    def test_a_constant_that_fails_fails_only_where_it_is_reached(self):
        kernels = [kernel('gbx_k1', [], 'int32', "CAST(error('reached') AS INTEGER)")]
        text = 'SELECT CASE WHEN t1.c1 > {} THEN gbx_k1() ELSE t1.c1 END AS c1 FROM t1'
        rows = [self.stream(['int32'], [1])]
        found = self.rows(text.format(5), ['int32'], [scan('t1', ['int32'])], kernels, rows)
        self.assertEqual(found, [(1,)])
        error = self.fails(text.format(0), ['int32'], [scan('t1', ['int32'])], kernels, rows)
        self.assertEqual(error.message, 'reached')

    def test_a_cancelled_job_ends_as_that(self):
        prepared, _ = self.prepare('SELECT t1.c1 AS c1 FROM t1', ['int32'], [scan('t1', ['int32'])],
                                   streams=[self.stream(['int32'], [1])])
        prepared.cancel()
        with self.assertRaises(Exception) as caught:
            list(prepared.run())
        self.assertEqual(from_exception(caught.exception).code, 'cancelled')

    def test_unknown_options_are_refused_by_name(self):
        with self.assertRaises(HostError) as caught:
            type(self.engine)(Config(options={'colour': 'blue'}))
        self.assertIn("'colour'", caught.exception.message)

    def test_capabilities_name_what_is_there(self):
        found = type(self.engine).capabilities()
        self.assertEqual((found['semantics'], found['speaks']), (1, self.name))
        self.assertTrue(set(found['scan_types']) <= set(found['types']))

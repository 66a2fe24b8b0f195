"""Types: text, Arrow and DuckDB's SQL."""
import unittest

import pyarrow as pa

from gearbox_host import arrow
from gearbox_host.plan import types, values

TEXTS = ('int64', 'decimal(15,2)', 'timestamp(us)', 'timestamp(ns, zone)', 'time(ns)',
         'list<int64>', 'array<float64, 3>', 'struct<"a": int64, "b": utf8>', 'struct<int64, utf8>',
         'map<utf8, int64>', 'union<"n": int64>', "enum<'x', 'it''s'>", 'struct<"a ""b": int8>',
         'list<struct<"u": list<uuid>>>', 'bignum', 'null', 'uint128', 'struct<>', 'enum<>')
WRONG = ('', 'int65', 'decimal', 'decimal(39,0)', 'decimal(2,3)', 'decimal(0,0)', 'list<int64',
         'int64 x',
         "enum<'x>", 'timestamp(h)', 'time(ms)', 'array<int64>', 'map<int64>', 'list<' * 300)


class TypeTest(unittest.TestCase):
    def test_texts_are_read_and_printed(self):
        for text in TEXTS:
            self.assertEqual(str(types.parse(text)), text)

    def test_what_is_no_type_is_refused(self):
        for text in WRONG:
            with self.assertRaises(ValueError, msg=text):
                types.parse(text)

    def test_units_have_defaults(self):
        self.assertEqual(types.parse('timestamp'), types.parse('timestamp(us)'))

    def test_arrow_types(self):
        want = {'int128': pa.decimal128(38, 0), 'date': pa.date32(), 'uuid': pa.binary(16),
                'timestamp(ms, zone)': pa.timestamp('ms', 'UTC'),
                "enum<'x'>": pa.dictionary(pa.uint8(), pa.string()),
                'struct<int64, utf8>': pa.struct([('element1', pa.int64()),
                                                  ('element2', pa.string())])}
        for text, t in want.items():
            self.assertEqual(types.parse(text).arrow, t)

    def test_what_arrow_lacks_is_named_beside(self):
        field = types.to_field('u', types.parse('list<uuid>'))
        self.assertEqual(field.type.value_field.metadata[b'ARROW:extension:name'], b'arrow.uuid')

    def test_sql(self):
        want = {'struct<int64, utf8>': 'TUPLE(BIGINT, VARCHAR)', 'list<int128>': 'HUGEINT[]',
                'timestamp(us, zone)': 'TIMESTAMP WITH TIME ZONE',
                'map<utf8, bool>': 'MAP(VARCHAR, BOOLEAN)',
                'struct<"a": int8>': 'STRUCT("a" TINYINT)', "enum<'it''s'>": "ENUM('it''s')"}
        for text, sql in want.items():
            self.assertEqual(types.parse(text).sql, sql)
        self.assertEqual(types.wide_sql(types.parse('list<int128>')), 'DECIMAL(38,0)[]')


class ValueTest(unittest.TestCase):
    def check(self, text, given, want):
        self.assertEqual(values.to_array(types.parse(text), [given, None]).to_pylist()[0], want)

    def test_values(self):
        self.check('int64', '9223372036854775807', 2**63 - 1)
        self.check('utf8', 'é', 'é')
        self.check('binary', '00ff', b'\x00\xff')
        self.check('list<int64>', [1, None], [1, None])
        self.check('map<utf8, int64>', ['a', 1, 'b', None], [('a', 1), ('b', None)])
        self.check('struct<"a": int8, "b": utf8>', [1, 'x'], {'a': 1, 'b': 'x'})
        self.check("enum<'x', 'y'>", 'y', 'y')
        small = values.to_array(types.parse('decimal(38,2)'), ['-0.05'])
        self.assertEqual(str(small[0].as_py()), '-0.05')
        self.assertTrue(values.to_array(types.parse('float64'), ['NaN'])[0].as_py() != 0)
        days = values.to_array(types.parse('date'), [1]).cast(pa.int32())
        self.assertEqual(days.to_pylist(), [1])


class ArrowTest(unittest.TestCase):
    def same(self, array, text):
        t = types.parse(text)
        got = arrow.exactly(array, t)
        self.assertEqual(got.type, t.arrow)
        got.validate(full=True)
        self.assertEqual(got.to_pylist(), array.to_pylist())

    def test_large_forms_become_the_contracts(self):
        self.same(pa.array(['a', None], pa.large_string()), 'utf8')
        self.same(pa.array(['a', None], pa.string_view()), 'utf8')
        self.same(pa.array([b'a', None], pa.large_binary()), 'binary')
        self.same(pa.array([[1], None, []], pa.large_list(pa.int64())), 'list<int64>')
        deep = pa.large_list(pa.large_list(pa.large_string()))
        self.same(pa.array([[['x']], None, [None]], deep), 'list<list<utf8>>')
        self.same(pa.array([{'a': 1, 'b': 'x'}, None]), 'struct<"a": int64, "b": utf8>')
        self.same(pa.array([[1, 2], None], pa.list_(pa.int64(), 2)), 'array<int64, 2>')
        self.same(pa.array([[('k', 1)], None, []], pa.map_(pa.string(), pa.int64())),
                  'map<utf8, int64>')
        self.same(pa.array(['x', None, 'y']), "enum<'y', 'x'>")
        self.same(pa.array(['x', None, 'y']).dictionary_encode(), "enum<'y', 'x'>")

    def test_slices(self):
        self.same(pa.array([[1], None, [], [2, 3]], pa.large_list(pa.int64())).slice(1, 3),
                  'list<int64>')
        maps = pa.array([[('k', 1)], None, [('l', 2)]], pa.map_(pa.string(), pa.int64()))
        self.same(maps.slice(1), 'map<utf8, int64>')
        self.same(pa.array([{'a': 1, 'b': 'x'}, None]).slice(1), 'struct<"a": int64, "b": utf8>')
        self.same(pa.array([[1, 2], None, [3, 4]], pa.list_(pa.int64(), 2)).slice(1),
                  'array<int64, 2>')


if __name__ == '__main__':
    unittest.main()

"""The pandas engine: the contract, and what is its own."""
import decimal
import tempfile
import unittest
from unittest import mock

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from gearbox_host.engines.pandas import columns, keys, reduce, scan
from gearbox_host.plan.types import Type, parse

from .contract import Contract
from .plans import agg, call, col, const, engine_of, node, prepare, rows, table, values


class PandasContract(Contract, unittest.TestCase):
    name = 'pandas'

    def test_a_stream_is_read_piece_by_piece(self):
        batches = pa.table({'a': pa.array([1, 2, None, 4, 5, 6, 7], pa.int32()),
                            'b': pa.array(list('xyxyxyx'))})
        scan = {'op': 'scan', 'scan': {'format': 'stream', 'name': 'in',
                                       'fields': [{'name': 'a', 'type': 'int32'},
                                                  {'name': 'b', 'type': 'utf8'}]},
                'fields': [0, 1], 'cols': [{'id': 1, 'type': 'int32'}, {'id': 2, 'type': 'utf8'}]}
        root = node('aggregate', scan, groups=[col(2, 'utf8')], aggs=[
            agg('sum', 'int64', col(1, 'int32')), agg('avg', 'float64', col(1, 'int32'))],
            cols=[(3, 'utf8'), (4, 'int64'), (5, 'float64')])
        self.assertEqual(sorted(rows(self.engine, root, streams={'in': batches})),
                         [('x', 13, 13 / 3), ('y', 12, 4.0)])

    def test_a_product_beyond_64_bits_is_left_to_the_kernel(self):
        one = call('*', 'decimal(38,4)', col(1, 'decimal(18,2)'), col(1, 'decimal(18,2)'),
                   duckdb='CAST("c1" AS DECIMAL(20,2)) * CAST("c1" AS DECIMAL(18,2))')
        found = self.one(one, [(1, 'decimal(18,2)')], ['9999999999999999.99'])
        self.assertEqual(found, decimal.Decimal('99999999999999999800000000000000.0001'))

    def test_a_branch_that_no_row_takes_does_not_fail(self):
        case = {'ex': 'case', 'type': 'int32', 'args': [
            call('>', 'bool', col(1, 'int32'), {'ex': 'const', 'type': 'int32', 'value': 5}),
            call('error', 'int32', {'ex': 'const', 'type': 'utf8', 'value': 'no'}),
            col(1, 'int32')],
            'duckdb': 'CASE WHEN "c1" > 5 THEN error(\'no\') ELSE "c1" END'}
        self.assertEqual(self.one(case, [(1, 'int32')], [5]), 5)
        self.fails(lambda: self.one(case, [(1, 'int32')], [6]))

    def test_nothing_in_nothing_out(self):
        source = values([(1, 'int32'), (2, 'utf8')], [])
        grouped = node('aggregate', source, groups=[col(2, 'utf8')], aggs=[
            agg('max', 'int32', col(1, 'int32'))], cols=[(3, 'utf8'), (4, 'int32')])
        self.assertEqual(table(self.engine, grouped).num_rows, 0)
        self.assertEqual(table(self.engine, grouped).schema.types, [pa.string(), pa.int32()])

    def of_file(self, path, fn, id, type, value, sql):
        fields = [{'name': 'x', 'type': 'float64'}, {'name': 'n', 'type': 'int64'},
                  {'name': 's', 'type': 'utf8'}]
        scan = {'op': 'scan', 'fields': [0, 1, 2],
                'scan': {'format': 'parquet', 'name': 'f', 'paths': [path], 'fields': fields},
                'cols': [{'id': i, 'type': one['type']} for i, one in enumerate(fields, 1)]}
        where = call(fn, 'bool', col(id, type), const(type, value),
                     duckdb=f'("c{id}" {fn} {sql})')
        return rows(self.engine, node('filter', scan, conjuncts=[where]))

    def test_files_are_pruned_but_not_by_floats(self):
        with tempfile.TemporaryDirectory() as folder:
            path = f'{folder}/nan.parquet'
            n = 4000
            pq.write_table(pa.table({
                'x': [1.0, float('nan')] * (n // 2), 'n': list(range(n)),
                's': ['a', None, 'b', 'c'] * (n // 4)}), path, row_group_size=1000)
            nan = self.of_file(path, '>', 1, 'float64', 2.8, '2.8::DOUBLE')
            self.assertEqual(len(nan), n // 2)
            with mock.patch.object(scan, '_read', side_effect=scan._read) as seen:
                self.assertEqual([row[1:] for row in self.of_file(
                    path, '>=', 2, 'int64', 3998, '3998')], [(3998, 'b'), (3999, 'c')])
            self.assertEqual([list(one.args[1]) for one in seen.call_args_list], [[3]])
            found = self.of_file(path, '=', 3, 'utf8', 'b', "'b'")
            self.assertEqual((len(found), found[0][1]), (n // 4, 2))

    def test_the_limit_of_memory_is_told(self):
        small = engine_of('pandas', memory_bytes=1 << 20)
        error = self.fails(lambda: rows(small, values([(1, 'int32')], [[1]])))
        self.assertEqual(error.code, 'out_of_memory')

    def test_a_cancelled_job_ends(self):
        prepared = prepare(self.engine, values([(1, 'int32')], [[1]]))
        prepared.cancel()
        self.assertEqual(self.fails(lambda: list(prepared.run())).code, 'cancelled')

    def test_capabilities_name_what_is_there(self):
        found = type(self.engine).capabilities()
        self.assertEqual((found['semantics'], found['speaks']), (1, 'plan'))


class Columns(unittest.TestCase):
    SAMPLES = {
        'bool': [True, None, False], 'int8': [-128, None, 127], 'uint64': [0, None, (1 << 64) - 1],
        'float32': [1.5, None, float('inf')], 'decimal(15,2)': ['1.25', None, '-99999.01'],
        'decimal(38,3)': ['12345678901234567890123456789012345.678', None, '-0.001'],
        'int128': ['1', None, '-99999999999999999999999999999999999999'],
        'date': [0, None, -719162], 'timestamp(us)': [0, None, 1], 'time(us)': [0, None, 86399999999],
        'utf8': ['é', None, ''], 'binary': ['00ff', None, ''], 'list<int32>': [[1, None], None, []],
        'interval': [[1, 2, 3], None, [0, 0, 0]],
    }

    def test_there_and_back(self):
        from gearbox_host.plan.values import to_array
        for text, sample in self.SAMPLES.items():
            type = parse(text)
            array = to_array(type, sample)
            for some in (array, array.slice(1), array.slice(0, 0), pa.chunked_array([array, array])):
                vec = columns.from_arrow(some, type)
                back = columns.to_arrow(columns.vec_of(columns.array_of(vec)), type)
                self.assertEqual(back.type, type.arrow, text)
                self.assertTrue(back.equals(columns.one_chunk(some)), text)

    def test_dictionaries_stay_codes(self):
        array = pa.chunked_array([pa.array(['a', None, 'b']).dictionary_encode(),
                                  pa.array(['b', 'c']).dictionary_encode()])
        vec = columns.from_arrow(array, Type('utf8'))
        self.assertEqual(len(vec.categories), 3)
        self.assertEqual(columns.to_arrow(vec, Type('utf8')).to_pylist(), ['a', None, 'b', 'b', 'c'])

    def test_pieces_of_different_forms_are_joined(self):
        type = parse('decimal(38,0)')
        small = columns.from_ints([1, None], type)
        large = columns.from_ints([10 ** 30], type)
        both = columns.concat_vecs([small, large], type)
        self.assertEqual(reduce.ints_of(both, type), [1, None, 10 ** 30])


class Keys(unittest.TestCase):
    INT = Type('int64')

    def pairs(self, left, right, null_safe=False):
        def vec(items):
            mask = np.array([one is None for one in items], bool)
            return columns.Vec(np.array([one or 0 for one in items], np.int64),
                               mask if mask.any() else None)
        found = keys.Table([vec(right)], [self.INT], [null_safe], len(right), None)
        there, here = found.pairs(found.find([vec(left)]))
        return sorted(zip(there.tolist(), here.tolist()))

    def test_dense_sparse_and_repeated_keys(self):
        self.assertEqual(self.pairs([1, 2, 9, -5], [2, 1]), [(0, 1), (1, 0)])
        self.assertEqual(self.pairs([1, 1 << 60], [1 << 60, 1, 1]), [(0, 1), (0, 2), (1, 0)])
        self.assertEqual(self.pairs([3], []), [])

    def test_null(self):
        self.assertEqual(self.pairs([None, 1], [1, None]), [(1, 0)])
        self.assertEqual(self.pairs([None, 1], [1, None], True), [(0, 1), (1, 0)])

    def test_groups_of_many_columns(self):
        data = np.arange(1000, dtype=np.int64) * (1 << 50)
        vecs = [columns.Vec(data), columns.Vec(data[::-1].copy()), columns.Vec(data),
                columns.Vec(data), columns.Vec(data), columns.Vec(data), columns.Vec(data)]
        _, n = keys.codes(vecs, [self.INT] * 7, 1000, None)
        self.assertEqual(n, 1000)


class Sums(unittest.TestCase):
    def test_exact_at_any_size(self):
        random = np.random.default_rng(1)
        for most in (10, 1 << 40, (1 << 62)):
            data = random.integers(-most, most, 5000)
            codes = random.integers(0, 7, 5000)
            groups = reduce.Groups(codes, 7, 5000)
            wanted = [sum(data[codes == i].tolist()) for i in range(7)]
            self.assertEqual(list(map(int, reduce.exact_sums(data, groups))), wanted)
            whole = reduce.Groups(None, 1, 5000)
            self.assertEqual(int(reduce.exact_sums(data, whole)[0]), sum(data.tolist()))


if __name__ == '__main__':
    unittest.main()

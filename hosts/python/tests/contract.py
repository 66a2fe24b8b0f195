"""What every engine that interprets plans must answer: the rows where engines disagree.

A test of an engine derives from `Contract` and says its name.
"""
import math

from gearbox_host.engines.base import Config
from gearbox_host.errors import HostError, from_exception

from .plans import agg, call, col, const, engine_of, key, node, rows, values

NAN = float('nan')


def plain(value):
    return 'nan' if isinstance(value, float) and math.isnan(value) else value


def ordered(found):
    return sorted(([plain(value) for value in row] for row in found), key=repr)


class Contract:
    name = ''

    @classmethod
    def setUpClass(cls):
        cls.engine = engine_of(cls.name)

    @classmethod
    def tearDownClass(cls):
        cls.engine.close()

    def rows(self, root, **more):
        return rows(self.engine, root, **more)

    def same(self, root, wanted):
        self.assertEqual(ordered(self.rows(root)), ordered(wanted))

    def one(self, expr, cols=(), row=()):
        """The value of an expression over one row."""
        root = node('project', values(cols or [(1, 'int32')], [row or [0]]), exprs=[expr],
                    cols=[(90, expr['type'])])
        return self.rows(root)[0][0]

    def fails(self, run):
        """What the other side would be told."""
        with self.assertRaises(Exception) as caught:
            run()
        return from_exception(caught.exception)

    # ---- numbers

    def test_integers_do_not_wrap(self):
        for type, most in (('int8', 127), ('int32', 2147483647), ('int64', 9223372036854775807)):
            one = call('+', type, col(1, type), const(type, 1, f'CAST(1 AS {_SQL[type]})'),
                       duckdb=f'"c1" + CAST(1 AS {_SQL[type]})')
            self.assertEqual(self.one(one, [(1, type)], [most - 1]), most)
            error = self.fails(lambda: self.one(one, [(1, type)], [str(most)]))
            self.assertEqual(error.code, 'invalid')

    def test_remainder_has_the_sign_of_the_first(self):
        one = call('%', 'int64', col(1, 'int64'), const('int64', 3), duckdb='"c1" % 3')
        self.assertEqual(self.one(one, [(1, 'int64')], [-7]), -1)

    def test_whole_division_is_towards_zero(self):
        one = call('//', 'int64', col(1, 'int64'), const('int64', 2), duckdb='"c1" // 2')
        self.assertEqual(self.one(one, [(1, 'int64')], [-7]), -3)

    def test_whole_division_by_zero_is_an_error_and_by_null_is_null(self):
        one = call('//', 'int32', const('int32', 7), col(1, 'int32'), duckdb='7 // "c1"')
        self.assertIsNone(self.one(one, [(1, 'int32')], [None]))
        zero = self.fails(lambda: self.one(one, [(1, 'int32')], [0]))
        self.assertEqual(zero.code, 'invalid')

    def test_division_by_zero_is_infinite(self):
        one = call('/', 'float64', col(1, 'float64'), const('float64', 0), duckdb='"c1" / 0.0::DOUBLE')
        self.assertEqual(self.one(one, [(1, 'float64')], [7]), math.inf)

    def test_halves_of_decimals_away_from_zero_of_floats_to_even(self):
        for type, value, wanted in (('decimal(3,1)', '2.5', 3), ('decimal(3,1)', '-2.5', -3),
                                    ('float64', 2.5, 2), ('float64', 3.5, 4), ('float64', 2.7, 3)):
            one = {'ex': 'cast', 'type': 'int32', 'args': [col(1, type)],
                   'duckdb': 'CAST("c1" AS INTEGER)'}
            self.assertEqual(self.one(one, [(1, type)], [value]), wanted, (type, value))

    def test_products_of_decimals_are_exact(self):
        one = call('*', 'decimal(18,4)', col(1, 'decimal(15,2)'), col(2, 'decimal(15,2)'),
                   duckdb='"c1" * "c2"')
        found = self.one(one, [(1, 'decimal(15,2)'), (2, 'decimal(15,2)')], ['0.01', '0.07'])
        self.assertEqual(str(found), '0.0007')

    def test_round_is_away_from_zero(self):
        one = call('round', 'float64', col(1, 'float64'), duckdb='round("c1")')
        self.assertEqual(self.one(one, [(1, 'float64')], [2.5]), 3.0)

    # ---- NaN

    def test_nan_is_itself_and_the_greatest(self):
        source = values([(1, 'float64')], [['NaN'], [1], [None], ['Infinity']])
        equal = call('=', 'bool', col(1, 'float64'), const('float64', 'NaN', "'NaN'::DOUBLE"),
                     duckdb='"c1" = \'NaN\'::DOUBLE')
        above = call('>', 'bool', col(1, 'float64'), const('float64', 'Infinity', "'inf'::DOUBLE"),
                     duckdb='"c1" > \'inf\'::DOUBLE')
        for one in (equal, above):
            self.same(node('filter', source, conjuncts=[one]), [(NAN,)])
        most = node('aggregate', source, aggs=[
            agg('max', 'float64', col(1, 'float64'), duckdb='max("c1")'),
            agg('min', 'float64', col(1, 'float64'), duckdb='min("c1")')],
            cols=[(2, 'float64'), (3, 'float64')])
        self.same(most, [(NAN, 1.0)])

    def test_nan_is_one_group_and_null_another(self):
        source = values([(1, 'float64')], [['NaN'], ['NaN'], [None], [None], [0], ['-0.0']])
        found = node('aggregate', source, groups=[col(1, 'float64')],
                     aggs=[agg('count_star', 'int64', duckdb='count(*)')],
                     cols=[(2, 'float64'), (3, 'int64')])
        self.assertEqual([n for _, n in self.rows(found)], [2, 2, 2])

    def test_sort_by_nan_and_null(self):
        source = values([(1, 'float64')], [['NaN'], [1], [None], ['-Infinity']])
        up = node('sort', source, keys=[key(col(1, 'float64'))])
        self.assertEqual([plain(v) for v, in self.rows(up)], [-math.inf, 1.0, 'nan', None])
        down = node('sort', source, keys=[key(col(1, 'float64'), desc=True, nulls_first=True)])
        self.assertEqual([plain(v) for v, in self.rows(down)], [None, 'nan', 1.0, -math.inf])

    # ---- sums

    def total(self, type, rows_, result):
        source = values([(1, type)], rows_)
        return self.rows(node('aggregate', source, aggs=[
            agg('sum', result, col(1, type), duckdb=f'CAST(sum("c1") AS {_SQL[result]})')],
            cols=[(2, result)]))[0][0]

    def test_sum_of_nothing_is_null(self):
        self.assertIsNone(self.total('int64', [], 'int64'))
        self.assertIsNone(self.total('int64', [[None]], 'int64'))

    def test_sum_of_integers_ends_at_64_bits(self):
        big = str((1 << 63) - 1)
        self.assertEqual(self.total('int64', [[big], [-1], [1]], 'int64'), (1 << 63) - 1)
        error = self.fails(lambda: self.total('int64', [[big], [1]], 'int64'))
        self.assertEqual(error.code, 'invalid')

    def test_sum_of_decimals_is_exact_beyond_64_bits(self):
        found = self.total('decimal(18,2)', [['9999999999999999.99']] * 20, 'decimal(38,2)')
        self.assertEqual(str(found), '199999999999999999.80')

    # ---- NULL in keys

    def join(self, kind, fn='=', cols=()):
        left = values([(1, 'int32'), (2, 'utf8')], [[1, 'a'], [None, 'b'], [3, 'c']])
        right = values([(3, 'int32')], [[1], [None], [4]])
        on = call(fn, 'bool', col(1, 'int32'), col(3, 'int32'), duckdb=_JOIN[fn])
        return node('join', left, right, join=kind, on=[on], cols=cols)

    def test_null_matches_nothing(self):
        self.same(self.join('inner'), [(1, 'a', 1)])
        self.same(self.join('left'), [(1, 'a', 1), (None, 'b', None), (3, 'c', None)])
        self.same(self.join('right'), [(1, 'a', 1), (None, None, None), (None, None, 4)])
        self.same(self.join('full'), [(1, 'a', 1), (None, 'b', None), (3, 'c', None),
                                      (None, None, None), (None, None, 4)])
        self.same(self.join('semi'), [(1, 'a')])
        self.same(self.join('anti'), [(None, 'b'), (3, 'c')])

    def test_null_matches_null_where_asked(self):
        self.same(self.join('inner', 'is_not_distinct_from'), [(1, 'a', 1), (None, 'b', None)])
        self.same(self.join('anti', 'is_not_distinct_from'), [(3, 'c')])

    def test_keys_may_be_any_expression(self):
        left = values([(1, 'utf8')], [['ab'], ['B'], [None]])
        right = values([(3, 'utf8')], [['AB'], ['b'], [None]])
        upper = [call('upper', 'utf8', col(id, 'utf8', False)) for id in (1, 3)]
        on = call('=', 'bool', *upper, duckdb='(upper("c1") = upper("c3"))')
        self.same(node('join', left, right, join='inner', on=[on]), [('ab', 'AB'), ('B', 'b')])
        self.same(node('join', left, right, join='anti', on=[on]), [(None,)])

    def test_mark_has_three_values(self):
        self.same(self.join('mark', cols=[(9, 'bool')]),
                  [(1, 'a', True), (None, 'b', None), (3, 'c', None)])
        self.same(self.join('mark', 'is_not_distinct_from', cols=[(9, 'bool')]),
                  [(1, 'a', True), (None, 'b', True), (3, 'c', False)])

    def test_single_is_one_row_or_an_error(self):
        self.same(self.join('single'), [(1, 'a', 1), (None, 'b', None), (3, 'c', None)])
        left, right = values([(1, 'int32')], [[1]]), values([(3, 'int32')], [[1], [1]])
        on = call('=', 'bool', col(1, 'int32'), col(3, 'int32'), duckdb=_JOIN['='])
        twice = node('join', left, right, join='single', on=[on])
        self.assertEqual(self.fails(lambda: self.rows(twice)).code, 'invalid')

    def test_set_operations_know_null(self):
        left = values([(1, 'int32')], [[1], [1], [None], [None], [2]])
        right = values([(2, 'int32')], [[None], [1]])
        for kind, all_, wanted in (('union', False, [1, 2, None]), ('except', False, [2]),
                                   ('intersect', False, [1, None]),
                                   ('except', True, [1, 2, None]),
                                   ('intersect', True, [1, None])):
            found = node('setop', left, right, setop=kind, all=all_, cols=[(3, 'int32')])
            self.same(found, [(value,) for value in wanted])

    def test_unknown_options_are_refused_by_name(self):
        with self.assertRaises(HostError) as caught:
            type(self.engine)(Config(options={'colour': 'blue'}))
        self.assertEqual(caught.exception.code, 'invalid')
        self.assertIn("'colour'", caught.exception.message)
        self.assertNotIn('blue', caught.exception.message)

    def test_texts_are_in_the_order_of_their_bytes(self):
        source = values([(1, 'utf8')], [['b'], ['é'], ['Z'], [None], ['']])
        found = node('sort', source, keys=[key(col(1, 'utf8'))])
        self.assertEqual([v for v, in self.rows(found)], ['', 'Z', 'b', 'é', None])

    def test_like_sees_letters_and_lines(self):
        source = values([(1, 'utf8')], [['a\nb'], ['ab'], ['aéb'], [None]])
        for pattern, wanted in (('a_b', ['a\nb', 'aéb']), ('a%b', ['a\nb', 'ab', 'aéb']),
                                ('%b', ['a\nb', 'ab', 'aéb']), ('%é%', ['aéb'])):
            like = call('~~', 'bool', col(1, 'utf8'), const('utf8', pattern, f"'{pattern}'"),
                        duckdb=f'"c1" LIKE \'{pattern}\'')
            self.same(node('filter', source, conjuncts=[like]), [(v,) for v in wanted])


_SQL = {'int8': 'TINYINT', 'int32': 'INTEGER', 'int64': 'BIGINT', 'decimal(38,2)': 'DECIMAL(38,2)'}
_JOIN = {'=': '("c1" = "c3")', 'is_not_distinct_from': '("c1" IS NOT DISTINCT FROM "c3")'}

"""The Dask engine: the contract over several pieces, and joins by buckets."""
import unittest

import pyarrow as pa

from .contract import Contract
from .plans import agg, call, col, engine_of, key, node, rows


def stream(name, cols):
    return {'op': 'scan', 'fields': list(range(len(cols))),
            'scan': {'format': 'stream', 'name': name,
                     'fields': [{'name': f'f{id}', 'type': type} for id, type in cols]},
            'cols': [{'id': id, 'type': type} for id, type in cols]}


class DaskContract(Contract, unittest.TestCase):
    name = 'dask'

    LEFT = pa.table({'a': pa.array([1, 2, None, 4, 5, 6, 7, 1], pa.int64()),
                     'b': pa.array(list('xyxyxyx') + [None])})
    RIGHT = pa.table({'c': pa.array([1, None, 5, 9, 1], pa.int64())})

    def both(self, kind, **more):
        left = stream('l', [(1, 'int64'), (2, 'utf8')])
        right = stream('r', [(3, 'int64')])
        on = call('=', 'bool', col(1, 'int64'), col(3, 'int64'), duckdb='("c1" = "c3")')
        return node('join', left, right, join=kind, on=[on], **more)

    def over(self, engine, root):
        return sorted(rows(engine, root, streams={'l': self.LEFT, 'r': self.RIGHT}), key=repr)

    def test_unions_keep_their_pieces(self):
        left, right = stream('l', [(1, 'int64'), (2, 'utf8')]), stream('r', [(3, 'int64')])
        narrow = node('project', left, exprs=[col(1, 'int64')], cols=[(4, 'int64')])
        both = node('setop', narrow, right, setop='union', all=True, cols=[(5, 'int64')])
        count = node('aggregate', both, cols=[(6, 'int64'), (7, 'int64')], aggs=[
            agg('count', 'int64', col(5, 'int64')), agg('sum', 'int64', col(5, 'int64'))])
        self.assertEqual(self.over(self.engine, count), [(11, 42)])

    def test_the_first_rows_of_all_pieces(self):
        first = node('topn', stream('l', [(1, 'int64'), (2, 'utf8')]),
                     keys=[key(col(1, 'int64'), desc=True, nulls_first=True)],
                     limit={'ex': 'const', 'type': 'int64', 'value': 2},
                     offset={'ex': 'const', 'type': 'int64', 'value': 1})
        found = rows(self.engine, first, streams={'l': self.LEFT})
        self.assertEqual([one[0] for one in found], [7, 6])

    def test_buckets_join_as_pieces_do(self):
        other = type(self.engine)(type(self.engine.config)(
            threads=2, options={'shuffle_rows': '0'}))
        other.client = self.engine.client
        for kind in ('inner', 'left', 'right', 'full', 'semi', 'anti'):
            root = self.both(kind)
            self.assertEqual(self.over(other, root), self.over(self.engine, root), kind)

    @classmethod
    def setUpClass(cls):
        cls.engine = engine_of(cls.name, threads=2)


if __name__ == '__main__':
    unittest.main()

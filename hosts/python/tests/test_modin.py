"""The Modin engine: what Dask's is tested for, and that whole tables go to Modin."""
import unittest
from unittest import mock

import pyarrow as pa

from gearbox_host.engines.modin import ModinDriver

from . import test_dask
from .plans import call, col, key, node, rows, values


class ModinContract(test_dask.DaskContract):
    name = 'modin'

    def pieces(self):
        """Three pieces of integers."""
        source = test_dask.stream('l', [(1, 'int64')])
        three = [node('project', source, exprs=[col(1, 'int64')], cols=[(i, 'int64')])
                 for i in (2, 3, 4)]
        return node('setop', *three, setop='union', all=True, cols=[(5, 'int64')])

    def told(self, root, engine=None):
        """The rows, and whether Modin made them."""
        numbers = pa.table({'a': pa.array([3, -1, 2], pa.int64())})
        with mock.patch.object(ModinDriver, 'narrowed', autospec=True,
                               side_effect=ModinDriver.narrowed) as seen:
            found = rows(engine or self.engine, root, streams={'l': numbers})
        return [one[0] for one in found], seen.called

    def test_modin_drops_duplicates(self):
        found, was_modin = self.told(node('distinct', self.pieces()))
        self.assertEqual((sorted(found), was_modin), ([-1, 2, 3], True))

    def test_null_is_not_left_to_modin(self):
        both = node('setop', self.pieces(), values([(6, 'int64')], [[None]]), setop='union',
                    all=True, cols=[(7, 'int64')])
        found, was_modin = self.told(node('distinct', both))
        self.assertEqual((sorted(found, key=str), was_modin), ([-1, 2, 3, None], False))

    def test_sorting_whole_tables(self):
        root = node('sort', self.pieces(), keys=[key(col(5, 'int64'), desc=True)])
        self.assertEqual(self.told(root)[0], [3, 3, 3, 2, 2, 2, -1, -1, -1])

    def test_modin_joins_large_tables(self):
        other = type(self.engine)(type(self.engine.config)(
            threads=2, options={'shuffle_rows': '0'}))
        other.client = self.engine.client
        right = values([(9, 'int64')], [[2], [3], [3], [8]])
        on = call('=', 'bool', col(5, 'int64'), col(9, 'int64'), duckdb='("c5" = "c9")')
        root = node('join', self.pieces(), right, join='inner', on=[on])
        found, was_modin = self.told(root, other)
        self.assertEqual((sorted(found), was_modin), ([2] * 3 + [3] * 6, True))


del test_dask.DaskContract  # it would run here once more


if __name__ == '__main__':
    unittest.main()

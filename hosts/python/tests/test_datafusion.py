"""The DataFusion engine: what all engines of SQL text do, and what is its own."""
import os
import tempfile
import threading
import time
import unittest

import pyarrow as pa
import pyarrow.parquet

from gearbox_host.engines import datafusion
from gearbox_host.errors import HostError

from .plans import engine_of
from .sql_contract import SqlContract, kernel, scan


class DataFusionContract(SqlContract, unittest.TestCase):
    name = 'datafusion'

    def test_nan_is_found_whatever_its_sign(self):
        minus = -float('nan')
        found = self.rows(
            "SELECT nanvl(t1.c1, CAST('NaN' AS DOUBLE)) > CAST(9 AS DOUBLE) AS c1 FROM t1",
            ['bool'], [scan('t1', ['float64'])],
            streams=[self.stream(['float64'], [minus, float('nan'), 1.0])])
        self.assertEqual(sorted(found), [(False,), (True,), (True,)])

    def test_functions_are_called_from_many_threads(self):
        n = 20
        engine, self.engine = self.engine, engine_of('datafusion', threads=8)
        try:
            kernels = [kernel(f'gbx_k{i}', ['int64'], 'int64', f'"a0" + {i}::BIGINT')
                       for i in range(n)]
            wanted = ', '.join(f'sum(gbx_k{i}(t1.c1)) AS c{i}' for i in range(n))
            found = self.rows(f'SELECT {wanted} FROM t1', ['int64'] * n, [scan('t1', ['int64'])],
                              kernels, [self.stream(['int64'], list(range(1000)))])
            self.assertEqual(found, [tuple(499500 + 1000 * i for i in range(n))])
        finally:
            self.engine.close()
            self.engine = engine

    def test_a_running_job_is_left_at_once(self):
        many = [scan('t1', ['int32'])]
        prepared, _ = self.prepare(
            'SELECT sum(t2.c1 % (t3.c1 + 1) + t4.c1) AS c1 FROM t1 AS t2 CROSS JOIN t1 AS t3 '
            'CROSS JOIN t1 AS t4',
            ['int64'], many, streams=[self.stream(['int32'], list(range(600)))])
        threading.Timer(0.2, prepared.cancel).start()
        start = time.monotonic()
        with self.assertRaises(HostError) as caught:
            list(prepared.run())
        self.assertEqual(caught.exception.code, 'cancelled')
        self.assertLess(time.monotonic() - start, 2)

    def test_parquet_is_read_under_any_name(self):
        name = 'Total "A" \n.b'
        with tempfile.TemporaryDirectory() as folder:
            paths = [os.path.join(folder, one) for one in ('a [1].parquet', 'b*.parquet')]
            for i, path in enumerate(paths):
                pa.parquet.write_table(pa.table({'x': [0], name: pa.array([i], pa.int32())}), path)
            fields = [{'name': 'x', 'type': 'int64'}, {'name': name, 'type': 'int32'}]
            table = {'name': 't1', 'columns': [{'name': 'c7', 'type': 'int32'}], 'fields': [1],
                     'scan': {'format': 'parquet', 'paths': paths, 'fields': fields}}
            found = self.rows('SELECT t1.c7 AS c7 FROM t1', ['int32'], [table])
        self.assertEqual(sorted(found), [(0,), (1,)])


class Spilling(unittest.TestCase):
    def test_a_long_stream_goes_to_the_spill_folder(self):
        kept = datafusion.KEPT_BYTES
        datafusion.KEPT_BYTES = 8
        with tempfile.TemporaryDirectory() as folder:
            one = DataFusionContract('rows')
            one.engine = engine_of('datafusion', spill_dir=folder)
            try:
                found = one.rows('SELECT sum(t1.c1) AS c1 FROM t1', ['int64'],
                                 [scan('t1', ['int64'])],
                                 streams=[one.stream(['int64'], list(range(100)))])
                self.assertEqual(found, [(4950,)])
            finally:
                datafusion.KEPT_BYTES = kept
                one.engine.close()
            self.assertEqual(os.listdir(folder), [])


if __name__ == '__main__':
    unittest.main()

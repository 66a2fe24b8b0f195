"""The Spark engine: what all engines of SQL text do, and what is its own."""
import os
import tempfile
import unittest

import pyarrow as pa
import pyarrow.parquet

from gearbox_host.engines import spark, spark_kernels
from gearbox_host.engines.base import Config
from gearbox_host.errors import HostError
from gearbox_host.plan.types import parse

from .sql_contract import SqlContract, scan


class SparkContract(SqlContract, unittest.TestCase):
    name = 'spark'

    def test_parquet_is_read_under_any_name(self):
        name = 'Total `A` .b'
        with tempfile.TemporaryDirectory() as folder:
            paths = [os.path.join(folder, one) for one in ('a [1].parquet', 'b{2}.parquet')]
            for i, path in enumerate(paths):
                pa.parquet.write_table(pa.table({'total': [0], name: pa.array([i], pa.int32())}),
                                       path)
            fields = [{'name': 'total', 'type': 'int64'}, {'name': name, 'type': 'int32'}]
            table = {'name': 't1', 'columns': [{'name': 'c7', 'type': 'int32'}], 'fields': [1],
                     'scan': {'format': 'parquet', 'paths': paths, 'fields': fields}}
            found = self.rows('SELECT t1.c7 AS c7 FROM t1', ['int32'], [table])
        self.assertEqual(sorted(found), [(0,), (1,)])

    def test_a_long_result_comes_by_way_of_files(self):
        self.engine.open().conf.get('spark.driver.maxResultSize')
        kept, limit = self.engine.session, []
        n = 1000

        class Frame:
            """One whose rows are more than the driver takes at once."""
            def __init__(self, frame):
                self.write = frame.write

            def toArrow(self):
                limit.append(True)
                raise RuntimeError('bigger than spark.driver.maxResultSize')

        class Session:
            def __getattr__(self, name):
                return getattr(kept, name)

            def sql(self, text):
                return Frame(kept.sql(text))
        self.engine.session = Session()
        try:
            found = self.rows('SELECT t1.c1 AS c1 FROM t1 ORDER BY t1.c1 DESC NULLS LAST',
                              ['int32'], [scan('t1', ['int32'])],
                              streams=[self.stream(['int32'], list(range(n)))])
        finally:
            self.engine.session = kept
        self.assertEqual((found, limit), ([(i,) for i in reversed(range(n))], [True]))


class Options(unittest.TestCase):
    def refused(self, **options):
        with self.assertRaises(HostError) as caught:
            spark.Engine(Config(options={key.replace('_', '.'): one
                                         for key, one in options.items()}))
        return caught.exception.message

    def test_settings_of_the_contract_are_fixed(self):
        self.assertIn('spark.sql.ansi.enabled', self.refused(spark_sql_ansi_enabled='false'))

    def test_one_place_at_a_time(self):
        self.assertIn('not both', self.refused(master='local[1]', remote='sc://localhost'))

    def test_memory_is_divided(self):
        engine = spark.Engine(Config(memory_bytes=2 << 30))
        self.assertEqual(engine.settings()['spark.driver.memory'], '1273m')
        with self.assertRaises(HostError) as caught:
            spark.Engine(Config(memory_bytes=64 << 20)).settings()
        self.assertEqual(caught.exception.code, 'out_of_memory')


class Carriers(unittest.TestCase):
    def test_they_become_the_type_again(self):
        for t, held in (('null', pa.array([None, None], pa.int32())),
                        ('uint8', pa.array([255, None], pa.int16())),
                        ('utf8', pa.array(['x', None], pa.large_string()))):
            found = spark_kernels.back(held, parse(t))
            self.assertEqual((found.type, found.to_pylist()), (parse(t).arrow, held.to_pylist()))

    def test_types_that_spark_has_not(self):
        for t, wanted in (('uint8', 'SMALLINT'), ('uint64', 'DECIMAL(20,0)'),
                          ('int128', 'DECIMAL(38,0)'), ('timestamp(ms)', 'TIMESTAMP_NTZ'),
                          ('list<struct<"a": uint32>>', 'ARRAY<STRUCT<`a`: BIGINT>>')):
            self.assertEqual(spark_kernels.ddl(spark_kernels.carrier(parse(t))), wanted)


if __name__ == '__main__':
    unittest.main()

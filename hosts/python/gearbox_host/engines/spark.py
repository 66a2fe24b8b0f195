"""Spark: SQL text of its dialect, in a JVM of ours or on a cluster.

    master=spark://host:7077      a cluster; default: local[threads], in a child of this process
    remote=sc://host:15002        Spark Connect
    spark.executor.memory=4g      and every other setting of Spark's own

Parquet is read by path. Every other source is a stream: a Parquet file of the spill folder where
Spark runs on this machine, rows of the session elsewhere. Kernels run in Spark's Python workers.
"""
from __future__ import annotations

import json
import logging
import os
import re
import shutil
import sys
import tempfile
import threading
import zipfile
from importlib import metadata
from pathlib import Path
from typing import Iterator

import pyarrow as pa
import pyarrow.parquet

from .. import arrow
from ..errors import HostError, from_exception, unsupported
from ..plan.nodes import ROWID
from ..plan.types import Type, to_field
from . import base
from .spark_kernels import FAILURE, back, carrier, ddl, function, quote_ident
from .sqltext import SqlJob, plain_literal, stream_arrays

PACKAGE = Path(__file__).resolve().parent.parent
PYTHON_BYTES = 350 << 20        # this process and its workers
LEAST_JVM_BYTES = 512 << 20
COLLECT_BYTES = 256 << 20       # a result beyond that comes by way of files

# What the contract asks of a session; no option of a user changes it.
SETTINGS = {
    'spark.sql.ansi.enabled': 'true',
    'spark.sql.caseSensitive': 'true',
    'spark.sql.decimalOperations.allowPrecisionLoss': 'false',
    'spark.sql.parser.escapedStringLiterals': 'false',
    'spark.sql.execution.arrow.pyspark.enabled': 'true',
    'spark.sql.cteRecursionLevelLimit': '1000000',
    'spark.sql.cteRecursionRowLimit': '-1',
    'spark.sql.parquet.int96RebaseModeInRead': 'CORRECTED',
    'spark.sql.parquet.datetimeRebaseModeInRead': 'CORRECTED',
    'spark.sql.mapKeyDedupPolicy': 'EXCEPTION',
}


def type_name(t: Type) -> str | None:
    t = carrier(t)
    return None if t.is_nested else ddl(t)


def quote(text: str) -> str:
    return "'" + text.replace('\\', '\\\\').replace("'", "\\'").replace('\0', '\\u0000') + "'"


def literal(t: Type, value: pa.Scalar) -> str | None:
    if t.kind == 'timestamp' and value.is_valid:
        return None
    if t.is_nested or t.kind in ('json', 'interval', 'time', 'uuid', 'enum', 'map'):
        return None
    return plain_literal(t, value, quote, type_name)


def failing(t: Type, error: HostError) -> str:
    """Spark calls Python for all rows, those of other branches too; this one it calls when it must."""
    message = FAILURE.format(error.code, error.message.replace('>', ' '))
    return f'CAST(raise_error({quote(message)}) AS {ddl(carrier(t))})'


_FAILURE = re.compile(r'gearbox<(\w+)\|([^>]*)>')
_INVALID = re.compile(r'\[(DIVIDE_BY_ZERO|REMAINDER_BY_ZERO|INTERVAL_DIVIDED_BY_ZERO'
                      r'|ARITHMETIC_OVERFLOW|BINARY_ARITHMETIC_OVERFLOW|CAST_OVERFLOW'
                      r'|CAST_INVALID_INPUT|NUMERIC_VALUE_OUT_OF_RANGE|NUMERIC_OUT_OF_SUPPORTED_RANGE'
                      r'|SCALAR_SUBQUERY_TOO_MANY_ROWS)')


_REFUSED = re.compile(r'\[((?:UNSUPPORTED_|INVALID_RECURSIVE_REFERENCE|RECURSIVE_CTE_)[A-Z_.]*)')


def host_error(error: BaseException) -> HostError:
    text = str(error)
    ours = _FAILURE.search(text)
    if ours:
        return HostError(ours.group(1), ours.group(2))
    wrong = _INVALID.search(text)
    if wrong:
        return HostError('invalid', wrong.group(1).replace('_', ' ').lower())
    refused = _REFUSED.search(text)
    if refused:
        return unsupported('spark: ' + refused.group(1).replace('_', ' ').lower())
    if 'OutOfMemoryError' in text or 'UNABLE_TO_ACQUIRE_MEMORY' in text:
        return HostError('out_of_memory', 'Spark has not enough memory')
    return from_exception(error)


class Engine(base.Engine):
    name = 'spark'
    options = None

    def __init__(self, config: base.Config):
        super().__init__(config)
        for key in config.options:
            if key not in ('master', 'remote') and not key.startswith('spark.'):
                raise HostError('invalid', f"spark has no option '{key[:60]}': master, remote and "
                                           'settings that begin with spark. are known')
            if key in SETTINGS:
                raise HostError('invalid', f"the setting '{key}' is fixed: answers depend on it")
        if 'master' in config.options and 'remote' in config.options:
            raise HostError('invalid', "spark takes the option 'master' or 'remote', not both")
        self.remote = config.options.get('remote')
        self.master = config.options.get('master') or f'local[{config.threads or "*"}]'
        self.is_local = not self.remote and self.master.startswith('local')
        self.folder = tempfile.mkdtemp(prefix='gearbox-spark-', dir=config.spill_dir)
        self.session = None
        self.timezone = ''
        self.n_jobs = 0

    @staticmethod
    def versions() -> dict[str, str]:
        found = {name: metadata.version(name) for name in ('pyspark', 'pyarrow', 'duckdb')}
        return {'spark': found['pyspark'], **found}

    @staticmethod
    def capabilities() -> dict:
        path = PACKAGE / 'capabilities' / 'spark.json'
        return json.loads(path.read_text(encoding='utf-8'))

    # ---- the session -------------------------------------------------------------------------

    def settings(self) -> dict[str, str]:
        config = self.config
        found = {'spark.sql.shuffle.partitions': str(config.threads or os.cpu_count() or 1),
                 'spark.ui.enabled': 'false', 'spark.log.level': 'OFF',
                 'spark.ui.showConsoleProgress': 'false',
                 'spark.driver.maxResultSize': str(COLLECT_BYTES),
                 'spark.sql.warehouse.dir': os.path.join(self.folder, 'warehouse')}
        if self.is_local:
            found.update({'spark.driver.host': '127.0.0.1', 'spark.driver.bindAddress': '127.0.0.1',
                          'spark.local.dir': self.folder})
        if config.memory_bytes and self.is_local:
            jvm = config.memory_bytes - PYTHON_BYTES
            if jvm < LEAST_JVM_BYTES:
                least = (PYTHON_BYTES + LEAST_JVM_BYTES) >> 20
                raise HostError('out_of_memory', f'spark needs {least} MiB of memory or more')
            # the heap; what Java and Arrow take beside it is a fourth
            found['spark.driver.memory'] = f'{jvm * 3 // 4 >> 20}m'
        found.update({key: value for key, value in config.options.items()
                      if key.startswith('spark.')})
        found.update(SETTINGS)
        return found

    def open(self):
        if self.session is not None:
            return self.session
        from pyspark.sql import SparkSession
        builder = SparkSession.builder.appName('gearbox')
        if self.remote:
            builder = builder.remote(self.remote)
            fixed = {key: value for key, value in self.settings().items() if
                     key in SETTINGS or key in self.config.options}
        else:
            os.environ.update({'PYSPARK_PYTHON': sys.executable, 'TZ': 'UTC'})
            os.environ['PYTHONPATH'] = os.pathsep.join(
                [str(PACKAGE.parent)] + [one for one in [os.environ.get('PYTHONPATH')] if one])
            if self.is_local:
                os.environ['SPARK_LOCAL_IP'] = '127.0.0.1'
            builder = builder.master(self.master)
            fixed = self.settings()
        for key, value in fixed.items():
            builder = builder.config(key, value)
        # its texts hold rows' values: they are not for stderr
        logging.getLogger('SQLQueryContextLogger').disabled = True
        self.session = builder.getOrCreate()
        if not self.remote:
            self.session.sparkContext.setLogLevel('OFF')
        if not self.is_local:
            self.send_package()
        return self.session

    def send_package(self) -> None:
        """The workers of a cluster get this package; DuckDB and pyarrow they have themselves."""
        path = os.path.join(self.folder, 'gearbox_host.zip')
        with zipfile.ZipFile(path, 'w') as out:
            for one in sorted(PACKAGE.rglob('*.py')):
                out.write(one, os.path.join('gearbox_host', one.relative_to(PACKAGE)))
        if self.remote:
            self.session.addArtifacts(path, pyfile=True)
        else:
            self.session.sparkContext.addPyFile(path)

    def prepare(self, job: base.Job) -> 'Prepared':
        if job.sql is None:
            raise HostError('protocol', 'spark takes SQL text')
        try:
            session = self.open()
            if self.timezone != job.timezone:
                session.conf.set('spark.sql.session.timeZone', job.timezone)
                self.timezone = job.timezone
        except HostError:
            raise
        except BaseException as error:
            raise host_error(error) from error
        self.n_jobs += 1
        return Prepared(self, job)

    def close(self) -> None:
        if self.session is not None:
            self.session.stop()
            self.session = None
        shutil.rmtree(self.folder, ignore_errors=True)


class Prepared(base.Prepared):
    def __init__(self, engine: Engine, job: base.Job):
        self.engine, self.job, self.session = engine, job, engine.session
        self.is_cancelled = threading.Event()
        self.folder = os.path.join(engine.folder, f'job{engine.n_jobs}')
        self.kept: list = []
        self.sql = SqlJob(engine.config, job, literal, r"'(?:[^'\\]|\\.)*'", failing)
        self.shown = self.sql.text(job.sql.text)
        for table in job.sql.tables:
            if table.source is not None and table.source.format == 'stream':
                job.inputs.announce(table.source)

    def register_kernels(self) -> None:
        from pyspark.sql.functions import arrow_udf
        words = {kernel.name: kernel.duckdb for kernel in self.job.sql.kernels}
        params = tuple(sorted(self.job.params.items()))
        for one in self.sql.functions():
            key = (words[one.name], tuple(one.args), one.type, params, self.job.timezone,
                   self.job.now_us)
            self.session.udf.register(one.name, arrow_udf(function(key), ddl(carrier(one.type))))

    # ---- tables ------------------------------------------------------------------------------

    def register(self, table: base.SqlTable) -> None:
        if table.source is None:
            frame = self.keep(table.name, self.session.sql(self.sql.text(table.text)))
        elif table.source.format == 'stream':
            frame = self.stream(table)
        else:
            frame = self.parquet(table)
        frame.createOrReplaceTempView(table.name)
        self.kept.append(table.name)

    def keep(self, name: str, frame):
        """Its rows, computed once."""
        if not self.engine.is_local:
            return frame.persist()
        path = os.path.join(self.folder, name)
        frame.write.parquet(path)
        return self.session.read.parquet(path)

    def parquet(self, table: base.SqlTable):
        from pyspark.sql import functions
        paths = self.job.inputs.paths(table.source)
        if paths is None:
            raise unsupported(f'a source of format {table.source.format}')
        found = None
        for path in paths:
            frame = self.session.read.parquet(literal_path(path))
            columns = []
            for place, (key, t) in zip(table.fields, table.columns):
                name = '' if place == ROWID else table.source.fields[place][0]
                if name not in frame.columns:
                    raise unsupported(f'a column that is not in the file: {name[:60]}')
                column = functions.col(quote_ident(name))
                columns.append(column.cast(ddl(carrier(t))).alias(key))
            one = frame.select(*columns)
            found = one if found is None else found.union(one)
        if found is None:
            raise HostError('not_found', 'no files')
        return found

    def stream(self, table: base.SqlTable):
        types = [(key, carrier(t)) for key, t in table.columns]
        schema = pa.schema([to_field(key, t) for key, t in types] or [pa.field('c0', pa.int32())])
        reader = self.job.inputs.reader(table.source)

        def batches():
            start = 0
            for batch in reader:
                if self.is_cancelled.is_set():
                    raise HostError('cancelled', 'the job was cancelled')
                arrays = [arrow.exactly(array, carrier(t)) for array, (_, t) in
                          zip(stream_arrays(batch, table, start), table.columns)]
                start += batch.num_rows
                yield pa.RecordBatch.from_arrays(
                    arrays or [pa.nulls(batch.num_rows, pa.int32())], schema=schema)
        if not self.engine.is_local:
            return self.session.createDataFrame(pa.Table.from_batches(batches(), schema))
        os.makedirs(self.folder, exist_ok=True)
        path = os.path.join(self.folder, table.name + '.parquet')
        with pa.parquet.ParquetWriter(path, schema, compression='lz4', store_schema=False) as out:
            for batch in batches():
                out.write_batch(batch)
        return self.session.read.parquet(path)

    # ---- rows --------------------------------------------------------------------------------

    def run(self) -> Iterator[pa.RecordBatch]:
        try:
            self.register_kernels()
            for table in self.job.sql.tables:
                self.register(table)
            frame = self.session.sql(self.shown)
            types = [t for _, t in self.job.columns]
            schema = self.job.schema
            for batch in self.batches(frame):
                if self.is_cancelled.is_set():
                    raise HostError('cancelled', 'the job was cancelled')
                if not types:
                    yield pa.RecordBatch.from_struct_array(
                        pa.array([{}] * batch.num_rows, pa.struct([])))
                    continue
                arrays = [back(array, t) for array, t in zip(batch.columns, types)]
                yield pa.RecordBatch.from_arrays(arrays, schema=schema)
        except HostError:
            raise
        except BaseException as error:
            if self.is_cancelled.is_set():
                raise HostError('cancelled', 'the job was cancelled') from None
            raise host_error(self.sql.fail(error)) from None
        finally:
            self.sql.close()
            for name in self.kept:
                self.session.catalog.dropTempView(name)
            shutil.rmtree(self.folder, ignore_errors=True)

    def batches(self, frame) -> Iterator[pa.RecordBatch]:
        try:
            yield from frame.toArrow().to_batches()
            return
        except Exception as error:
            if 'spark.driver.maxResultSize' not in str(error) or not self.engine.is_local:
                raise
        path = os.path.join(self.folder, 'result')
        frame.write.parquet(path)
        for part in sorted(Path(path).glob('part-*')):  # in the order of the rows
            yield from pa.parquet.ParquetFile(part).iter_batches()

    def cancel(self) -> None:
        self.is_cancelled.set()
        self.sql.cancel()
        if self.engine.remote:
            self.session.interruptAll()
        else:
            self.session.sparkContext.cancelAllJobs()


_GLOB = re.compile(r'([][{}*?\\])')


def literal_path(path: str) -> str:
    """A path that Spark does not take for a pattern."""
    return _GLOB.sub(r'\\\1', path)

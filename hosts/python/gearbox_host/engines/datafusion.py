"""DataFusion: SQL text of its dialect, in this process.

Parquet is read by path; every other source is a stream, kept in memory while it is small and in a
file of the spill folder beyond that. Kernels are Python functions over DuckDB.
"""
from __future__ import annotations

import json
import os
import queue
import shutil
import tempfile
import threading
from importlib import metadata
from pathlib import Path
from typing import Iterator

import datafusion
import pyarrow as pa
from datafusion import RuntimeEnvBuilder, SessionConfig, SessionContext

from .. import arrow
from ..errors import HostError, from_exception, unsupported
from ..plan.nodes import ROWID
from ..plan.types import Type, to_schema
from . import base
from .sqltext import SqlJob, plain_literal, quote_doubled, stream_arrays

KEPT_BYTES = 64 << 20          # of a stream, before it goes to a file
LEAST_POOL = 32 << 20
OWN_BYTES = 160 << 20          # Python, its libraries and the program's own
AHEAD = 4                      # batches that wait for their reader
CANCEL_S = 0.05
UNIT_DIGITS = {'s': 0, 'ms': 3, 'us': 6, 'ns': 9}

_TYPES = {
    'bool': 'BOOLEAN', 'int8': 'TINYINT', 'int16': 'SMALLINT', 'int32': 'INT', 'int64': 'BIGINT',
    'int128': 'DECIMAL(38,0)', 'uint8': 'TINYINT UNSIGNED', 'uint16': 'SMALLINT UNSIGNED',
    'uint32': 'INT UNSIGNED', 'uint64': 'BIGINT UNSIGNED', 'float32': 'REAL', 'float64': 'DOUBLE',
    'utf8': 'VARCHAR', 'binary': 'BYTEA', 'date': 'DATE',
}


def type_name(t: Type) -> str | None:
    if t.kind == 'decimal':
        return f'DECIMAL({t.precision},{t.scale})'
    if t.kind == 'timestamp' and not t.zone:
        return f'TIMESTAMP({UNIT_DIGITS[t.unit]})'
    return _TYPES.get(t.kind)


def literal(t: Type, value: pa.Scalar) -> str | None:
    if t.kind == 'timestamp' and not t.zone and value.is_valid:
        days = value.value // {'s': 86400, 'ms': 86400000, 'us': 86400000000,
                               'ns': 86400000000000}[t.unit]
        if not -719162 <= days <= 2932896:
            return None
        return f"CAST('{value.cast(pa.string()).as_py()}' AS {type_name(t)})"
    return plain_literal(t, value, quote_doubled, type_name)


_INVALID = ('divide by zero', 'division by zero', 'out of range', 'cast error', 'overflow',
            'too large to store', 'invalid argument error')
_MEMORY = ('resources exhausted', 'failed to allocate')


def host_error(error: BaseException) -> HostError:
    text = str(error).lower()
    if any(one in text for one in _MEMORY):
        return HostError('out_of_memory', 'DataFusion has not enough memory')
    if any(one in text for one in _INVALID):
        line = next((one for one in ('divide by zero', 'division by zero') if one in text), None)
        return HostError('invalid', line or 'a value is out of the range of its type')
    return from_exception(error)


class Engine(base.Engine):
    name = 'datafusion'

    def __init__(self, config: base.Config):
        super().__init__(config)
        self.folder = tempfile.mkdtemp(prefix='gearbox-datafusion-', dir=config.spill_dir)

    @staticmethod
    def versions() -> dict[str, str]:
        return {name: metadata.version(name) for name in ('datafusion', 'pyarrow', 'duckdb')}

    @staticmethod
    def capabilities() -> dict:
        path = Path(__file__).parent.parent / 'capabilities' / 'datafusion.json'
        return json.loads(path.read_text(encoding='utf-8'))

    def context(self) -> SessionContext:
        runtime = RuntimeEnvBuilder()
        if self.config.spill_dir:
            runtime = runtime.with_disk_manager_specified(self.folder)
        else:
            runtime = runtime.with_disk_manager_disabled()
        if self.config.memory_bytes:
            pool = max(self.config.memory_bytes - OWN_BYTES, LEAST_POOL)
            runtime = runtime.with_fair_spill_pool(pool * 2 // 3)
        config = SessionConfig({
            'datafusion.sql_parser.map_string_types_to_utf8view': 'false',
            'datafusion.execution.parquet.schema_force_view_types': 'false',
            'datafusion.execution.parquet.coerce_int96': 'us',
            'datafusion.execution.collect_statistics': 'true',
        }).with_target_partitions(self.config.threads or os.cpu_count() or 1)
        return SessionContext(config, runtime)

    def prepare(self, job: base.Job) -> 'Prepared':
        if job.sql is None:
            raise HostError('protocol', 'datafusion takes SQL text')
        return Prepared(self, job)

    def close(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


class Prepared(base.Prepared):
    def __init__(self, engine: Engine, job: base.Job):
        self.engine, self.job = engine, job
        self.context = engine.context()
        self.is_cancelled = threading.Event()
        self.sql = SqlJob(engine.config, job, literal, r"'(?:[^']|'')*'")
        for function in self.sql.functions():
            self.context.register_udf(datafusion.udf(
                function.call, [one.arrow for one in function.args], function.type.arrow,
                'immutable', name=function.name))
        self.shown = self.sql.text(job.sql.text)
        self.files: list[str] = []
        for table in job.sql.tables:
            if table.source is not None and table.source.format == 'stream':
                job.inputs.announce(table.source)

    # ---- tables ------------------------------------------------------------------------------

    def register(self, table: base.SqlTable) -> None:
        if table.source is None:
            self.register_text(table)
        elif table.source.format == 'stream':
            self.register_stream(table)
        else:
            self.register_parquet(table)

    def register_text(self, table: base.SqlTable) -> None:
        frame = self.context.sql(self.sql.text(table.text))
        schema = frame.schema()
        self.keep(table.name, schema, (one.to_pyarrow() for one in frame.execute_stream()))

    def register_parquet(self, table: base.SqlTable) -> None:
        source = table.source
        paths = self.job.inputs.paths(source)
        if paths is None:
            raise unsupported(f'a source of format {source.format}')
        name = 'files of ' + table.name
        wanted = to_schema([(source.fields[i][0], t) for i, (_, t) in zip(table.fields, table.columns)])
        frame = None
        for path in paths:
            # as a URL: in a path some characters would be a pattern
            one = self.context.read_parquet(Path(os.path.abspath(path)).as_uri(),
                                            file_extension=os.path.splitext(path)[1])
            one = self.columns_of(one, table, wanted)
            frame = one if frame is None else frame.union(one)
        if frame is None:
            raise HostError('not_found', f'{name}: no files')
        self.context.register_view(table.name, frame)

    @staticmethod
    def columns_of(frame, table: base.SqlTable, wanted: pa.Schema):
        """The columns that are read, under the text's names and in the plan's types."""
        have = frame.schema()
        columns = []
        for i, (key, t) in enumerate(table.columns):
            name = wanted.field(i).name
            place = have.get_field_index(name)
            if table.fields[i] == ROWID or place < 0:
                raise unsupported(f'a column that is not in the file: {name[:60]}')
            column = datafusion.col('"' + name.replace('"', '""') + '"')
            if have.field(place).type != t.arrow:
                column = column.cast(t.arrow)
            columns.append(column.alias(key))
        return frame.select(*columns)

    def register_stream(self, table: base.SqlTable) -> None:
        reader = self.job.inputs.reader(table.source)
        names = [name for name, _ in table.columns]
        schema = pa.schema([pa.field(name, t.arrow) for name, t in table.columns])

        def batches():
            start = 0
            for batch in reader:
                if self.is_cancelled.is_set():
                    raise HostError('cancelled', 'the job was cancelled')
                arrays = stream_arrays(batch, table, start)
                start += batch.num_rows
                yield pa.RecordBatch.from_arrays(arrays, schema=schema) if names else \
                    pa.RecordBatch.from_arrays([pa.nulls(batch.num_rows)], ['c0'])
        self.keep(table.name, schema if names else pa.schema([('c0', pa.null())]), batches())

    def keep(self, name: str, schema: pa.Schema, batches) -> None:
        """Rows that are read more than once, or not at once: in memory while they are few."""
        kept, size = [], 0
        writer = path = None
        try:
            for batch in batches:
                if writer is None and size + batch.nbytes > KEPT_BYTES and self.engine.config.spill_dir:
                    path = os.path.join(self.engine.folder, f'{name}.arrow')
                    self.files.append(path)
                    writer = pa.ipc.new_file(path, batch.schema)
                    for one in kept:
                        writer.write_batch(one)
                    kept = []
                if writer is not None:
                    writer.write_batch(batch)
                else:
                    kept.append(batch)
                    size += batch.nbytes
        finally:
            if writer is not None:
                writer.close()
        if path is not None:
            self.context.register_arrow(name, path)
        else:
            if not kept:
                kept = [pa.RecordBatch.from_arrays([pa.array([], one.type) for one in schema],
                                                   schema=schema)]
            self.context.register_record_batches(name, [kept])

    # ---- rows --------------------------------------------------------------------------------

    def run(self) -> Iterator[pa.RecordBatch]:
        try:
            for table in self.job.sql.tables:
                self.register(table)
            types = [t for _, t in self.job.columns]
            schema = self.job.schema
            for batch in self.batches():
                yield self.exactly(batch, types, schema)
        except HostError:
            raise
        except BaseException as error:
            found = self.sql.fail(error)
            raise (found if isinstance(found, HostError) else host_error(found)) from None
        finally:
            self.is_cancelled.set()  # who stops reading wants no more
            self.sql.close()
            self.context = None
            for path in self.files:
                if os.path.exists(path):
                    os.unlink(path)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """From a thread of their own: what DataFusion does between two can't be interrupted, so a
        cancelled job is left to itself and ends at its next batch."""
        found: queue.Queue = queue.Queue(maxsize=AHEAD)
        thread = threading.Thread(target=self.fill, args=(self.context, found), daemon=True)
        thread.start()
        while True:
            if self.is_cancelled.is_set():
                raise HostError('cancelled', 'the job was cancelled')
            try:
                one = found.get(timeout=CANCEL_S)
            except queue.Empty:
                continue
            if one is None:
                return
            if isinstance(one, BaseException):
                raise one
            yield one

    def fill(self, context: SessionContext, found: queue.Queue) -> None:
        try:
            for batch in context.sql(self.shown).execute_stream():
                self.put(found, batch.to_pyarrow())
                if self.is_cancelled.is_set():
                    return
            self.put(found, None)
        except BaseException as error:
            self.put(found, error)

    def put(self, found: queue.Queue, one) -> None:
        while not self.is_cancelled.is_set():
            try:
                found.put(one, timeout=CANCEL_S)
                return
            except queue.Full:
                continue

    @staticmethod
    def exactly(batch: pa.RecordBatch, types: list[Type], schema: pa.Schema) -> pa.RecordBatch:
        if not types:
            return pa.RecordBatch.from_struct_array(pa.array([{}] * batch.num_rows, pa.struct([])))
        arrays = [arrow.exactly(array, t) for array, t in zip(batch.columns, types)]
        for array, t in zip(arrays, types):
            if t.kind in ('decimal', 'int128'):
                array.validate(full=True)  # DataFusion's own arithmetic does not look at digits
        return pa.RecordBatch.from_arrays(arrays, schema=schema)

    def cancel(self) -> None:
        self.is_cancelled.set()
        self.sql.cancel()

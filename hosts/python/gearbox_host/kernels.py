"""Expressions over Arrow by the DuckDB text that came with them.

    kernels = Kernels(config, job)
    kernels.scalar(exprs, table)                      one array for each expression
    kernels.aggregate(aggs, table, group_ids, n)      one value for each of n groups
    kernels.window(exprs, table)                      in the order of the table's rows

`exprs` are plan expressions, or Text(sql, type). The table's columns are named `c<id>` (or as the
text names them) and hold the plan's types in any Arrow form of them: they are brought to the
contract's form first. Results are ChunkedArrays of the expression's storage type.

DuckDB runs here without files, network, extensions or settings that could change, on the thread
that calls; any number of threads may call at once. One thread for each query also means that
aggregates see their rows in the table's order.
"""
from __future__ import annotations

import json
import threading
import warnings
from dataclasses import dataclass
from typing import Iterable, Sequence

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from . import arrow
from .engines.base import Config, Job
from .errors import HostError, clean
from .plan import values
from .plan.nodes import Expr
from .plan.types import Type, parse, to_field, wide_sql

GROUP, ROW = '__group', '__row'
LEAST_MEMORY = 64 << 20

# They are fixed for a job: macros of these names stand before DuckDB's own.
_NOW = {
    'now': '{ts}', 'transaction_timestamp': '{ts}', 'get_current_timestamp': '{ts}',
    'current_timestamp': '{ts}', 'today': 'CAST({ts} AS DATE)',
    'current_date': 'CAST({ts} AS DATE)', 'current_localtimestamp': 'CAST({ts} AS TIMESTAMP)',
    'current_localtime': 'CAST({ts} AS TIME)', 'get_current_time': 'CAST({ts} AS TIMETZ)',
    'current_time': 'CAST({ts} AS TIMETZ)',
}

warnings.filterwarnings('ignore', message='Arrow output on a DB-API result')


@dataclass
class Text:
    """A DuckDB expression and its type."""
    duckdb: str
    type: Type

    def walk(self):
        return iter(())


class _Instance:
    """One DuckDB for each time zone; jobs of a session share it."""

    def __init__(self, config: Config, timezone: str):
        self.connection = duckdb.connect(':memory:')
        spill = (config.spill_dir or '').replace("'", "''")
        settings = ["GLOBAL TimeZone='%s'" % timezone.replace("'", "''"), 'threads=1',
                    'GLOBAL arrow_lossless_conversion=true', f"temp_directory='{spill}'",
                    'autoinstall_known_extensions=false', 'autoload_known_extensions=false',
                    'GLOBAL python_enable_replacements=false']
        if config.memory_bytes:
            limit = max(config.memory_bytes // 2, LEAST_MEMORY)
            settings.append(f"memory_limit='{limit}B'")
        for setting in settings + ['enable_external_access=false']:
            self.connection.execute('SET ' + setting)
        self.is_locked = False

    def fix_now(self, now_us: int) -> None:
        stamp = f'make_timestamptz(CAST({now_us} AS BIGINT))'
        for name, body in _NOW.items():
            self.connection.execute(
                f'CREATE OR REPLACE MACRO "{name}"() AS {body.format(ts=stamp)}')

    def lock(self) -> None:
        if not self.is_locked:
            self.connection.execute('SET lock_configuration=true')
            self.is_locked = True


_instances: dict[tuple, _Instance] = {}
_instances_lock = threading.Lock()


def _instance(config: Config, timezone: str) -> _Instance:
    key = (timezone, config.memory_bytes, config.spill_dir)
    with _instances_lock:
        if key not in _instances:
            _instances[key] = _Instance(config, timezone)
        return _instances[key]


class Kernels:
    """Of one job. `types` are those of its columns by name; more may be put into it."""

    def __init__(self, config: Config, job: Job, timezone: str | None = None):
        self.config, self.job = config, job
        self.timezone = timezone or job.timezone or 'UTC'
        self.types: dict[str, Type] = {}
        if job.root is not None:
            for node in job.root.walk():
                self.types.update((col.key, col.type) for col in node.cols)
        self._local = threading.local()
        self._cursors: list = []
        self._lock = threading.Lock()
        self._first: _Instance | None = None
        self.is_cancelled = False

    # ---- what engines call -------------------------------------------------------------------

    def scalar(self, exprs: Sequence, table) -> list[pa.ChunkedArray]:
        table = self._table(exprs, table)
        wanted = ', '.join(_output(expr.duckdb, expr.type, i) for i, expr in enumerate(exprs))
        found = self._run(f'SELECT {wanted} FROM {self._rows(table)}', table, self._params(exprs))
        return self._arrays(exprs, found)

    def constant(self, exprs: Sequence) -> list[pa.ChunkedArray]:
        """Of expressions that read no column: one row."""
        return self.scalar(exprs, pa.table({'_': pa.nulls(1)}))

    def rows_of(self, fn: str, args: Sequence, types: Sequence[Type]) -> list[pa.ChunkedArray]:
        """The columns of a table function over constants."""
        given = ', '.join(f'({arg.duckdb})' for arg in args)
        names = ', '.join(f'"f{i}"' for i in range(len(types)))
        wanted = ', '.join(_output(f'"f{i}"', t, i) for i, t in enumerate(types))
        sql = f'SELECT {wanted} FROM "{fn}"({given}) AS t({names})'
        try:
            found = self._run(sql, pa.table({'_': pa.nulls(1)}), self._params(args))
        except duckdb.BinderException as error:  # it looks at its arguments: a step of 0
            raise HostError('invalid', clean(str(error))) from error
        return self._arrays([Text('', t) for t in types], found)

    def window(self, exprs: Sequence, table) -> list[pa.ChunkedArray]:
        table = self._table(exprs, table)
        table = table.append_column(ROW, pa.array(range_of(table.num_rows)))
        inner = ', '.join(f'({expr.duckdb}) AS "r{i}"' for i, expr in enumerate(exprs))
        wanted = ', '.join(_output(f'"r{i}"', expr.type, i) for i, expr in enumerate(exprs))
        found = self._run(
            f'SELECT {wanted} FROM (SELECT "{ROW}", {inner} FROM {self._rows(table)}) '
            f'ORDER BY "{ROW}"', table, self._params(exprs))
        return self._arrays(exprs, found)

    def aggregate(self, aggs: Sequence, table, group_ids=None,
                  n_groups: int = 1) -> list[pa.ChunkedArray]:
        """`group_ids`: of each row, 0 … n_groups - 1; None: all rows are one group."""
        if not aggs:
            return []
        table = self._table(aggs, table)
        wanted = ', '.join(_output(agg.duckdb, agg.type, i) for i, agg in enumerate(aggs))
        params = self._params(aggs)
        if group_ids is None:
            return self._arrays(aggs, self._run(
                f'SELECT {wanted} FROM {self._rows(table)}', table, params))
        ids = group_ids.cast(pa.int64()) if group_ids.type != pa.int64() else group_ids
        table = table.append_column(GROUP, ids)
        found = self._run(f'SELECT {wanted}, "{GROUP}" FROM {self._rows(table)} '
                          f'GROUP BY "{GROUP}" ORDER BY "{GROUP}"', table, params)
        if found.num_rows == n_groups:
            return self._arrays(aggs, found)
        none = self._run(f'SELECT {wanted} FROM {self._rows(table)} WHERE false', table, params)
        return [_spread(one, found.column(GROUP), empty, n_groups) for one, empty in
                zip(self._arrays(aggs, found), self._arrays(aggs, none))]

    def operands(self, text: str) -> tuple[str, str] | None:
        """The two sides of a comparison, as texts; None when it is none."""
        cursor = self._cursor()
        ask = 'SELECT json_serialize_sql($text)'
        tree = json.loads(cursor.execute(ask, {'text': 'SELECT ' + text}).fetchall()[0][0])
        try:
            node = tree['statements'][0]['node']
            whole = node['select_list'][0]
            if whole['class'] != 'COMPARISON':
                return None
            found = []
            for side in ('left', 'right'):
                node['select_list'] = [whole[side]]
                ask = 'SELECT json_deserialize_sql(CAST($tree AS JSON))'
                back = cursor.execute(ask, {'tree': json.dumps(tree)}).fetchall()[0][0]
                found.append(back.removeprefix('SELECT '))
            return found[0], found[1]
        except (KeyError, IndexError, TypeError):
            return None

    def interrupt(self) -> None:
        """From any thread: what runs ends with `cancelled`."""
        self.is_cancelled = True
        with self._lock:
            for cursor in self._cursors:
                cursor.interrupt()

    def close(self) -> None:
        with self._lock:
            for cursor in self._cursors:
                cursor.close()
            self._cursors.clear()
        self._local = threading.local()

    # ---- inside ------------------------------------------------------------------------------

    def _cursor(self):
        cursor = getattr(self._local, 'cursor', None)
        if cursor is None:
            with self._lock:
                if self._first is None:
                    self._first = _instance(self.config, self.timezone)
                    self._first.fix_now(self.job.now_us)
                    self._first.lock()
                cursor = self._local.cursor = self._first.connection.cursor()
                self._cursors.append(cursor)
        return cursor

    def _table(self, exprs: Sequence, table) -> pa.Table:
        """The columns that the expressions read; one of no meaning when there are none."""
        used: set[str] = set()
        for expr in exprs:
            if not isinstance(expr, Expr):
                used.update(getattr(expr, 'columns', table.schema.names))
            else:
                used.update(f'c{col}' for col in expr.columns())
        names = [name for name in table.schema.names if name in used]
        if not names:
            return pa.table({'_': pa.nulls(table.num_rows)})
        arrays, fields = [], []
        for name in names:
            column = table.column(name)
            column = column if isinstance(column, pa.ChunkedArray) else pa.chunked_array([column])
            t = self.types.get(name)
            if t is not None:
                column = arrow.loosely(column, t)
                fields.append(to_field(name, t).with_type(column.type))
            else:
                fields.append(pa.field(name, column.type))
            arrays.append(column)
        return pa.Table.from_arrays(arrays, schema=pa.schema(fields))

    def _rows(self, table: pa.Table) -> str:
        """The input with the types that Arrow can't tell."""
        names = []
        for name in table.schema.names:
            t = self.types.get(name)
            is_told = t is None or not t.kinds & {'int128', 'enum', 'struct'}
            names.append(f'"{name}"' if is_told or not _needs_cast(t)
                         else f'CAST("{name}" AS {t.sql}) AS "{name}"')
        return f'(SELECT {", ".join(names)} FROM "rows")'

    def _params(self, exprs: Sequence) -> dict:
        names = {one.name for expr in exprs for one in expr.walk() if one.kind == 'param'}
        found = {}
        for name in names:
            if name not in self.job.params:
                raise HostError('protocol', f'a parameter without a value: {name[:60]}')
            found[name] = param_value(*self.job.params[name])
        return found

    def _run(self, sql: str, table: pa.Table, params: dict) -> pa.Table:
        if self.is_cancelled:
            raise HostError('cancelled', 'the job was cancelled')
        cursor = self._cursor()
        cursor.register('rows', table)
        try:
            return (cursor.execute(sql, params) if params else cursor.execute(sql)).to_arrow_table()
        finally:
            cursor.unregister('rows')

    def _arrays(self, exprs: Sequence, found: pa.Table) -> list[pa.ChunkedArray]:
        return [arrow.exactly(found.column(i), expr.type) for i, expr in enumerate(exprs)]


def _needs_cast(t: Type) -> bool:
    if t.kind in ('int128', 'enum'):
        return True
    if t.kind == 'struct' and not any(field.name for field in t.fields):
        return True
    return any(_needs_cast(field.type) for field in t.fields)


def _output(sql: str, t: Type, i: int) -> str:
    return f'({sql}) AS "o{i}"' if 'int128' not in t.kinds else \
        f'CAST(({sql}) AS {wide_sql(t)}) AS "o{i}"'


def _spread(found: pa.ChunkedArray, groups: pa.ChunkedArray, empty: pa.ChunkedArray,
            n_groups: int) -> pa.ChunkedArray:
    """The values at their groups; elsewhere what the aggregate gives for no rows."""
    places = pc.index_in(range_of(n_groups), groups.combine_chunks())
    both = pa.chunked_array(found.chunks + empty.chunks, found.type)
    return both.take(pc.fill_null(places, len(found)))


def range_of(n: int) -> pa.Array:
    ones = pa.repeat(pa.scalar(1, pa.int64()), n)
    return pc.subtract(pc.cumulative_sum(ones), pa.scalar(1, pa.int64()))


def param_value(t: Type, value):
    """For DuckDB's parameters: the text casts them to the type itself."""
    if value is None:
        return None
    if t.is_integer or t.kind in ('bool', 'utf8', 'json', 'enum', 'uuid', 'bit', 'bignum'):
        return int(value) if t.is_integer else value
    if t.is_float:
        return float(value)
    if t.kind == 'decimal':
        return str(value)
    if not values.is_plain(t):
        raise HostError('unsupported', f'a parameter of type {t}')
    return values.to_array(t, [value])[0].as_py()


def texts(pairs: Iterable[tuple[str, str]]) -> list[Text]:
    return [Text(sql, parse(t)) for sql, t in pairs]

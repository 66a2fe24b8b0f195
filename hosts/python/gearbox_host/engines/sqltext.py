"""What engines that are given SQL text share: kernels as functions, constants, tables.

    ran = SqlJob(config, job, dialect)
    ran.text(job.sql.text)        the text with the job's constants in it
    ran.functions()               what to register: Function(name, args, type, call)

A kernel is DuckDB's words for what the engine would compute to another answer. One without
arguments has one value for the whole job: it is computed here and written as a literal; where it
has none, or fails (it may never be reached), it stays a function of an argument of no meaning.
"""
from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from typing import Callable

import pyarrow as pa
import pyarrow.compute as pc

from .. import arrow
from ..errors import HostError, from_exception
from ..kernels import Kernels, Text
from ..plan.nodes import ROWID, Expr
from ..plan.types import Type
from .base import Config, Job, SqlKernel

INT32 = Type('int32')


class ParamText(Text):
    """Words with parameters: their names are told as those of a plan's expression are."""
    names: tuple[str, ...] = ()

    def walk(self):
        return iter([Expr('param', INT32, name=name) for name in self.names])


_WORDS = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|\$(\w+)")


def words(duckdb: str, t: Type) -> ParamText:
    found = ParamText(duckdb, t)
    found.names = tuple(sorted({one.group(1) for one in _WORDS.finditer(duckdb) if one.group(1)}))
    return found


_opening = threading.Lock()


class FunctionKernels(Kernels):
    """Of a function that an engine calls from its own threads. These are new to Python at each call,
    so what is kept for a thread would be kept for ever: cursors are lent from call to call."""

    def __init__(self, config: Config, job: Job):
        super().__init__(config, job)
        self._free: list = []

    def _take(self):
        with self._lock:
            if self._free:
                return self._free.pop()
        with _opening:  # the instance behind is shared by all functions
            self._local = threading.local()
            return self._cursor()

    def _run(self, sql: str, table: pa.Table, params: dict) -> pa.Table:
        if self.is_cancelled:
            raise HostError('cancelled', 'the job was cancelled')
        cursor = self._take()
        cursor.register('rows', table)
        try:
            return (cursor.execute(sql, params) if params else cursor.execute(sql)).to_arrow_table()
        finally:
            cursor.unregister('rows')
            with self._lock:
                self._free.append(cursor)


@dataclass
class Function:
    name: str
    args: list[Type]
    type: Type
    call: Callable[..., pa.Array]   # arrays of one length → an array of type.arrow


class SqlJob:
    def __init__(self, config: Config, job: Job, literal: Callable[[Type, pa.Scalar], str | None],
                 text_pattern: str, failing: Callable[[Type, HostError], str] | None = None):
        """`failing`: words that fail so when they are reached, where functions fail earlier."""
        self.config, self.job, self.literal, self.failing = config, job, literal, failing
        self.kernels: list[Kernels] = []
        self.failure: HostError | None = None   # the first of a kernel: engines wrap it in theirs
        self.constants: dict[str, str] = {}
        self.calls = re.compile(text_pattern + r'|\b(gbx_k\d+)\(\)', re.DOTALL)
        for kernel in job.sql.kernels:
            if not kernel.args:
                self.constants[kernel.name] = self.constant(kernel)

    def open_kernels(self) -> FunctionKernels:
        kernels = FunctionKernels(self.config, self.job)
        self.kernels.append(kernels)
        return kernels

    def constant(self, kernel: SqlKernel) -> str:
        kernels = self.open_kernels()
        text = None
        try:
            value = kernels.constant([words(kernel.duckdb, kernel.type)])[0][0]
            text = self.literal(kernel.type, value)
        except Exception as error:
            found = from_exception(error)
            if found.code not in ('invalid', 'unsupported', 'engine'):
                raise
            if self.failing:
                text = self.failing(kernel.type, found)
        finally:
            kernels.close()
        return f'{kernel.name}(CAST(1 AS INT))' if text is None else text

    def text(self, text: str) -> str:
        def put(found: re.Match) -> str:
            return self.constants[found.group(1)] if found.group(1) else found.group(0)
        return self.calls.sub(put, text)

    def functions(self) -> list[Function]:
        """Of the kernels that are still called."""
        found = []
        for kernel in self.job.sql.kernels:
            is_constant = not kernel.args
            if is_constant and not self.constants[kernel.name].startswith(kernel.name + '('):
                continue
            args = [INT32] if is_constant else kernel.args
            found.append(Function(kernel.name, args, kernel.type, self.caller(kernel, args)))
        return found

    def caller(self, kernel: SqlKernel, args: list[Type]) -> Callable[..., pa.Array]:
        kernels = self.open_kernels()
        run = runner(kernels, kernel.duckdb, args, kernel.type)

        def call(*arrays: pa.Array) -> pa.Array:
            try:
                return run(*arrays)
            except BaseException as error:
                self.failure = self.failure or from_exception(error)
                raise
        return call

    def fail(self, error: BaseException) -> BaseException:
        """What to raise for an exception of the engine's."""
        return self.failure or error

    def cancel(self) -> None:
        self.failure = self.failure or HostError('cancelled', 'the job was cancelled')
        for kernels in self.kernels:
            kernels.interrupt()

    def close(self) -> None:
        for kernels in self.kernels:
            kernels.close()


_OF_LIST = re.compile(r'\(SELECT (?P<of>.*) FROM \(SELECT unnest\("a0"\) AS u\)\)', re.DOTALL)
_OF_ROWS = re.compile(r'\(SELECT list\(s\) FROM \(SELECT (?P<of>.*) AS s FROM '
                      r'\(SELECT unnest\("a0"\) AS u\)\)\)', re.DOTALL)
_FIELD = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|\bu\.(f\d+)\b")


def runner(kernels: Kernels, duckdb: str, args: list[Type], t: Type) -> Callable[..., pa.Array]:
    """A kernel as a function of arrays."""
    rows, whole = _OF_ROWS.fullmatch(duckdb), _OF_LIST.fullmatch(duckdb)
    if (rows or whole) and [one.item.kind for one in args if one.kind == 'list'] == ['struct']:
        return list_runner(kernels, (rows or whole).group('of'), bool(rows), args[0], t)
    text = words(duckdb, t)
    names = [f'a{i}' for i in range(len(args))]
    for name, one in zip(names, args):
        kernels.types[name] = one
    # subqueries may change the order of rows: it is kept
    run = kernels.window if 'SELECT' in duckdb else kernels.scalar

    def call(*arrays: pa.Array) -> pa.Array:
        if len(arrays[0]) == 0:
            return pa.array([], t.arrow)
        exact = [arrow.loosely(array, one) for array, one in zip(arrays, args)]
        return one_array(run([text], pa.Table.from_arrays(exact, names=names))[0])
    return call


def one_array(found: pa.ChunkedArray) -> pa.Array:
    return found.chunk(0) if found.num_chunks == 1 else \
        pa.concat_arrays(found.chunks) if found.num_chunks else pa.array([], found.type)


def list_runner(kernels: Kernels, of: str, is_rows: bool, arg: Type,
                t: Type) -> Callable[[pa.Array], pa.Array]:
    """An aggregate of a list's items, or windows over them, as one over rows with the number of
    their list: a subquery would carry the whole list beside each item."""
    names = [field.name for field in arg.item.fields]
    for field in arg.item.fields:
        kernels.types[field.name] = field.type

    def plain(text: str) -> str:
        return _FIELD.sub(lambda one: f'"{one.group(1)}"' if one.group(1) else one.group(0), text)

    def items_of(array: pa.Array) -> tuple[pa.Table, pa.Array]:
        exact = arrow.exactly(array, arg)
        items = exact.flatten()
        columns = [pc.struct_field(items, i) for i in range(len(names))]
        return pa.Table.from_arrays(columns, names=names), exact

    def aggregate(array: pa.Array) -> pa.Array:
        table, exact = items_of(array)
        text = words(plain(of), t)
        return one_array(kernels.aggregate([text], table, pc.list_parent_indices(exact),
                                           len(exact))[0])

    def windows(array: pa.Array) -> pa.Array:
        if len(array) != 1:  # windows look beyond their list
            return pa.concat_arrays([windows(array.slice(i, 1)) for i in range(len(array))] or
                                    [pa.array([], t.arrow)])
        table, exact = items_of(array)
        if table.num_rows == 0:
            return pa.nulls(1, t.arrow)
        found = one_array(kernels.window([words(plain(of), t.item)], table)[0])
        return pa.ListArray.from_arrays(pa.array([0, len(found)], pa.int32()), found, t.arrow)
    return windows if is_rows else aggregate


def stream_arrays(batch: pa.RecordBatch, table, start: int) -> list[pa.Array]:
    """The columns of a table of the text, from a batch of its source that `start` rows precede."""
    return [pa.array(range(start, start + batch.num_rows), pa.int64()) if place == ROWID else
            arrow.exactly(batch.column(place), t)
            for place, (_, t) in zip(table.fields, table.columns)]


def plain_literal(t: Type, value: pa.Scalar, quote: Callable[[str], str],
                  type_name: Callable[[Type], str | None]) -> str | None:
    """What most dialects read alike; None: no literal."""
    name = type_name(t)
    if name is None:
        return None
    if not value.is_valid:
        return f'CAST(NULL AS {name})'
    if t.kind == 'bool':
        return 'TRUE' if value.as_py() else 'FALSE'
    if t.is_integer or t.kind == 'decimal':
        return f"CAST('{value.as_py()}' AS {name})"
    if t.is_float:
        return f"CAST('{float_text(value.as_py())}' AS {name})"
    if t.kind == 'utf8':
        return quote(value.as_py())
    if t.kind == 'binary':
        return f"X'{value.as_py().hex()}'"
    if t.kind == 'date' and -719162 <= value.value <= 2932896:
        return f"DATE '{value.as_py().isoformat()}'"
    return None


def float_text(value: float) -> str:
    if value != value:
        return 'NaN'
    if value in (float('inf'), float('-inf')):
        return 'Infinity' if value > 0 else '-Infinity'
    return repr(value)


def quote_doubled(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"

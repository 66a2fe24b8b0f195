"""Sources as frames, some row groups at a time."""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ...errors import HostError
from ...plan.nodes import ROWID, Expr, Scan
from ...plan.types import Type
from .columns import array_of, frame_of, from_arrow

CHUNK = 1 << 20          # rows of a frame, about
DICTIONARY = 1 << 15     # bytes of a dictionary page below which texts stay codes
_ORDERED = ('int8', 'int16', 'int32', 'int64', 'date', 'decimal', 'timestamp')


@dataclass(frozen=True)
class Part:
    """Some row groups of a file; None: a file without any."""
    path: str
    groups: tuple[int, ...] | None


def parts(node: Scan, inputs, conjuncts: list[Expr]) -> list[Part]:
    """The files of a scan in pieces, without those that have no row for `conjuncts`."""
    found = []
    for path in inputs.paths(node.source):
        with pq.ParquetFile(path) as file:
            some = list(_kept_groups(file.metadata, _bounds(node, conjuncts), node))
            found += [Part(path, tuple(groups)) for groups in some]
    return found or [Part(inputs.paths(node.source)[0], None)]


def read_part(node: Scan, wanted, part: Part):
    """The rows of a part as one frame."""
    cols = [(col, field) for col, field in zip(node.cols, node.fields) if col in wanted]
    if part.groups is None:
        return _nothing(cols)
    names = [node.source.fields[field][0] for _, field in cols]
    with _open(part.path, cols, names) as file:
        return _read(file, part.groups, cols, names)


def chunks(node: Scan, wanted, inputs, conjuncts: list[Expr]):
    """Frames of the columns in `wanted`. conjuncts: what a filter above will ask of each row; row
    groups that have no such row, by their statistics, are not read."""
    cols = [(col, field) for col, field in zip(node.cols, node.fields) if col in wanted]
    paths = inputs.paths(node.source)
    if paths is None:
        yield from _of_stream(node, cols, inputs)
        return
    for path in paths:
        yield from _of_file(path, node, cols, _bounds(node, conjuncts))


# ---- streams ---------------------------------------------------------------------------------

def _of_stream(node: Scan, cols, inputs):
    reader = inputs.reader(node.source)
    waiting, n = [], 0
    is_empty = True
    for batch in reader:
        waiting.append(batch)
        n += batch.num_rows
        if n >= CHUNK:
            yield _frame(pa.Table.from_batches(waiting), cols)
            waiting, n, is_empty = [], 0, False
    if waiting or is_empty:
        yield _frame(pa.Table.from_batches(waiting, reader.schema), cols)


def _frame(table: pa.Table, cols):
    arrays = {}
    for col, field in cols:
        if field == ROWID:
            arrays[col.key] = np.arange(table.num_rows, dtype=np.int64)
        else:
            arrays[col.key] = array_of(from_arrow(table.column(field), col.type))
    return frame_of(arrays, table.num_rows)


# ---- Parquet ---------------------------------------------------------------------------------

def _open(path: str, cols, names) -> pq.ParquetFile:
    with pq.ParquetFile(path) as file:
        coded = _coded(file, cols, names)
    return pq.ParquetFile(path, read_dictionary=coded or None, pre_buffer=False)


def _of_file(path: str, node: Scan, cols, bounds):
    names = [node.source.fields[field][0] for _, field in cols]
    with _open(path, cols, names) as file:
        is_empty = True
        for some in _kept_groups(file.metadata, bounds, node):
            is_empty = False
            yield _read(file, some, cols, names)
        if is_empty:
            yield _nothing(cols)


def _read(file: pq.ParquetFile, groups, cols, names):
    if not cols:
        return frame_of({}, sum(file.metadata.row_group(i).num_rows for i in groups))
    return _named_frame(file.read_row_groups(list(groups), columns=names), cols, names)


def _nothing(cols):
    return frame_of({col.key: array_of(from_arrow(pa.array([], col.type.arrow), col.type))
                     for col, _ in cols}, 0)


def _named_frame(table: pa.Table, cols, names):
    arrays = {}
    for (col, _), name in zip(cols, names):
        if table.schema.get_field_index(name) < 0:
            raise HostError('corrupt', f'a Parquet file has no single column {name[:60]}')
        arrays[col.key] = array_of(from_arrow(table.column(name), col.type))
    return frame_of(arrays, table.num_rows)


def _coded(file: pq.ParquetFile, cols, names) -> list[str]:
    """Texts with few distinct values, by the size of their dictionaries."""
    wanted = {name for (col, _), name in zip(cols, names) if col.type.kind == 'utf8'}
    if not wanted or not file.metadata.num_row_groups:
        return []
    group, found = file.metadata.row_group(0), []
    for i in range(group.num_columns):
        column = group.column(i)
        if column.path_in_schema in wanted and column.has_dictionary_page and \
                column.dictionary_page_offset is not None and \
                column.data_page_offset - column.dictionary_page_offset < DICTIONARY and \
                column.num_values > 1000:
            found.append(column.path_in_schema)
    return found


def _kept_groups(metadata, bounds, node: Scan):
    """Lists of row groups, each of about CHUNK rows."""
    some, n = [], 0
    places = {metadata.schema.column(i).path: i for i in range(len(metadata.schema))}
    for i in range(metadata.num_row_groups):
        group = metadata.row_group(i)
        if any(_excludes(group.column(places[name]), type, fn, value)
               for name, type, fn, value in bounds if name in places):
            continue
        some.append(i)
        n += group.num_rows
        if n >= CHUNK:
            yield some
            some, n = [], 0
    if some:
        yield some


def _bounds(node: Scan, conjuncts: list[Expr]) -> list[tuple]:
    """(field, type, comparison, constant as Python has it) of what the filter asks."""
    fields = {col.id: node.source.fields[field] for col, field in zip(node.cols, node.fields)
              if field != ROWID}
    found = []
    for one in conjuncts:
        if not one.is_call('=', '<', '<=', '>', '>='):
            continue
        a, b = one.args
        if a.kind != 'column' or b.kind != 'const' or b.value is None or a.col not in fields:
            continue
        name, type = fields[a.col]
        if type.kind in _ORDERED and type == b.type:
            found.append((name, type, one.fn, _python(b.value, type)))
    return found


def _python(value, type: Type):
    from ...plan.values import to_array
    return to_array(type, [value])[0].as_py()


def _excludes(column, type: Type, fn: str, value) -> bool:
    stats = column.statistics
    if stats is None or not stats.has_min_max:
        return False
    try:
        low, high = stats.min, stats.max
        return {'=': value < low or value > high, '<': low >= value, '<=': low > value,
                '>': high <= value, '>=': high < value}[fn]
    except (TypeError, ValueError, OverflowError, NotImplementedError, pa.ArrowException):
        return False

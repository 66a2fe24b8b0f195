"""Operators that choose, order or multiply rows: over whole frames."""
from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from ...errors import HostError
from ...kernels import Text
from ...plan import values as constants
from ...plan.nodes import Distinct, Pivot, Sample, SetOp, Sort, TableFn, Unnest, Values
from ...plan.types import list_of
from . import keys, native, scalars
from .columns import (Vec, array_of, column, concat_vecs, frame_of, from_arrow, nulls_of, one_chunk,
                      take, to_arrow)


PIECE = 1 << 20  # rows

# ---- order -----------------------------------------------------------------------------------

def sort_arrays(node_keys, frame: pd.DataFrame, run: scalars.Scalars) -> list[np.ndarray]:
    vecs = run.vecs([key.expr for key in node_keys], frame)
    return keys.order_keys(vecs, [key.expr.type for key in node_keys], node_keys, run.kernels)


def sort(node: Sort, frame: pd.DataFrame, run: scalars.Scalars) -> np.ndarray:
    return keys.order(sort_arrays(node.keys, frame, run), len(frame))


def bound(expr, frame: pd.DataFrame, run: scalars.Scalars):
    """The value of LIMIT or OFFSET; None: none."""
    if expr is None:
        return None
    if expr.columns():
        if not len(frame):
            return 0
        frame = take(frame, np.zeros(1, np.int64))
    else:
        frame = frame_of({}, 1)
    vec = run.vec(expr, frame)
    value = to_arrow(vec, expr.type)[0].as_py()
    if value is not None and not expr.type.is_float and value < 0:
        raise HostError('invalid', 'LIMIT and OFFSET cannot be negative')
    return value


def window_of(node: Sort, frame: pd.DataFrame, run: scalars.Scalars) -> tuple[int, int]:
    """(first row, rows) of a limit."""
    offset = bound(node.offset, frame, run) or 0
    limit = bound(node.limit, frame, run)
    n = len(frame)
    if node.percent and limit is not None:
        if not 0 <= limit <= 100:
            raise HostError('invalid', 'Limit percent out of range, should be between 0% and 100%')
        limit = min(int(limit / 100 * n), n)
    return min(offset, n), n if limit is None else limit


def topn(node: Sort, frame: pd.DataFrame, run: scalars.Scalars, k: int) -> np.ndarray:
    """The positions of the first k rows in order."""
    return keys.least(sort_arrays(node.keys, frame, run), len(frame), k)


# ---- distinct --------------------------------------------------------------------------------

def distinct(node: Distinct, frame: pd.DataFrame, run: scalars.Scalars) -> np.ndarray:
    """Positions of the rows that stay."""
    if node.order:
        order = keys.order(sort_arrays(node.order, frame, run), len(frame))
    else:
        order = None
    if node.on:
        vecs, types = run.vecs(node.on, frame), [expr.type for expr in node.on]
    else:
        vecs = [column(frame, col.key) for col in node.cols]
        types = [col.type for col in node.cols]
    codes, n = keys.codes(vecs, types, len(frame), run.kernels)
    if not vecs:
        n = min(1, len(frame))
    if order is None:
        return np.sort(keys.first_rows(codes, n)) if n else np.empty(0, np.int64)
    first = keys.first_rows(codes[order], n) if n else np.empty(0, np.int64)
    return order[np.sort(first)]


# ---- set operations --------------------------------------------------------------------------

def rename(frame: pd.DataFrame, source, target) -> pd.DataFrame:
    """Columns by position: those of one node as those of another."""
    return frame_of({new.key: frame[old.key].array for old, new in zip(source, target)},
                    len(frame))


def subtract(node: SetOp, left: pd.DataFrame, right: pd.DataFrame, run: scalars.Scalars):
    """INTERSECT and EXCEPT: frames with the node's columns → the left rows that stay."""
    n = len(left)
    vecs = [concat_vecs([column(left, col.key), column(right, col.key)], col.type)
            for col in node.cols]
    codes, size = keys.codes(vecs, [col.type for col in node.cols], n + len(right), run.kernels)
    of_left, of_right = codes[:n], codes[n:]
    counts = np.bincount(of_right, minlength=max(size, 1))
    if node.all:
        number = _occurrence(of_left, size)
        is_common = number < counts[of_left]
    else:
        is_first = np.zeros(n, bool)
        is_first[keys.first_rows(of_left, size)[np.unique(of_left)]] = True
        is_common = counts[of_left] > 0
        return np.flatnonzero(is_first & (is_common if node.kind == 'intersect' else ~is_common))
    return np.flatnonzero(is_common if node.kind == 'intersect' else ~is_common)


def _occurrence(codes: np.ndarray, size: int) -> np.ndarray:
    """0 for the first row of its group, 1 for the second …"""
    rows, starts = keys.runs(codes, max(size, 1))
    found = np.empty(len(codes), np.int64)
    found[rows] = np.arange(len(codes)) - starts[codes[rows]]
    return found


# ---- rows from nothing -----------------------------------------------------------------------

def values(node: Values, frame, run: scalars.Scalars) -> pd.DataFrame:
    """frame: of the rows that it is correlated with; None: none."""
    n_rows = len(node.rows)
    if frame is None:
        arrays = {col.key: array_of(_constants([row[i] for row in node.rows], col.type, run))
                  for i, col in enumerate(node.cols)}
        return frame_of(arrays, n_rows)
    arrays = {}
    n = len(frame)
    for i, col in enumerate(node.cols):
        vecs = run.vecs([row[i] for row in node.rows], frame)
        arrays[col.key] = array_of(concat_vecs(vecs, col.type)) if vecs else \
            array_of(_constants([], col.type, run))
    return frame_of(arrays, n * n_rows)


def _constants(exprs, type, run: scalars.Scalars) -> Vec:
    if constants.is_plain(type) and all(expr.kind == 'const' for expr in exprs):
        return from_arrow(constants.to_array(type, [expr.value for expr in exprs]), type)
    if not exprs:
        return nulls_of(0, type)
    return concat_vecs(run.vecs(exprs, frame_of({}, 1)), type)


# ---- unnest, pivot, table functions ----------------------------------------------------------

def unnest(node: Unnest, frame: pd.DataFrame, run: scalars.Scalars, wanted) -> pd.DataFrame:
    """Lists side by side: a row for each place of the longest."""
    lists = [one_chunk(to_arrow(run.vec(expr.args[0], frame), expr.args[0].type))
             for expr in node.items]
    lists = [one.cast(pa.list_(one.type.value_field)) if pa.types.is_fixed_size_list(one.type)
             else _as_list(one) for one in lists]
    lengths = [np.asarray(one.value_lengths().fill_null(0)).astype(np.int64) for one in lists]
    most = np.maximum.reduce(lengths) if lengths else np.zeros(len(frame), np.int64)
    there = np.repeat(np.arange(len(frame), dtype=np.int64), most)
    place = np.arange(len(there), dtype=np.int64) - np.repeat(np.cumsum(most) - most, most)
    passed = len(node.cols) - len(node.items)
    arrays = {}
    for col in node.cols[:passed]:
        if col in wanted:
            arrays[col.key] = array_of(column(frame, col.key).take(there))
    for col, one, length in zip(node.cols[passed:], lists, lengths):
        if col in wanted:
            start = np.asarray(one.offsets)[:-1].astype(np.int64)
            items = pa.array(start[there] + place, mask=place >= length[there])
            arrays[col.key] = array_of(from_arrow(one.values.take(items), col.type))
    return frame_of(arrays, len(there))


def _as_list(array):
    """A map, or NULLs, as a list."""
    if pa.types.is_null(array.type):
        return array.cast(pa.list_(pa.null()))
    return array


def pivot(node: Pivot, frame: pd.DataFrame, run: scalars.Scalars) -> pd.DataFrame:
    """Input: groups, a list of labels, a list of values for each aggregate."""
    source = node.inputs[0].cols
    arrays = {new.key: frame[old.key].array
              for old, new in zip(source[:node.n_groups], node.cols)}
    labels, lists = source[node.n_groups], source[node.n_groups + 1:]
    texts, cols = [], node.cols[node.n_groups:]
    for i, col in enumerate(cols):
        label = node.labels[i // node.n_aggs].replace("'", "''")
        which = i % node.n_aggs
        default = node.defaults[which].duckdb if node.defaults else 'NULL'
        place = f'list_position("{labels.key}", \'{label}\')'
        texts.append(Text(f'CASE WHEN {place} IS NULL THEN {default} ELSE '
                          f'"{lists[which].key}"[{place}] END', col.type))
    used = {labels.id, *(one.id for one in lists)}
    found = run.kernels.scalar(texts, run.arrow(frame, used)) if texts else []
    for col, array in zip(cols, found):
        arrays[col.key] = array_of(from_arrow(one_chunk(array), col.type))
    return frame_of(arrays, len(frame))


def table_fn(node: TableFn, frame, run: scalars.Scalars) -> pd.DataFrame:
    """The function's rows, as a list of structs for each row of the input (or one row)."""
    passed = list(node.inputs[0].cols) if node.inputs else []
    own = node.cols[len(passed):]
    source = frame_of({}, 1) if frame is None else frame
    inner = _table_text(node, own)
    ids = {col.id for col in passed if f'"{col.key}"' in inner} if frame is not None else set()
    lists = [Text(f'(SELECT list("{col.key}") FROM ({inner}))', list_of(col.type)) for col in own]
    if not own:
        lists = [Text(f'(SELECT list(1::BIGINT) FROM ({inner}))',
                      list_of(native.Type('int64')))]
    table = run.arrow(source, ids)
    arrays = [one_chunk(one) for one in run.kernels.scalar(lists, table)]
    lengths = np.asarray(arrays[0].value_lengths().fill_null(0)).astype(np.int64)
    there = np.repeat(np.arange(len(source), dtype=np.int64), lengths)
    found = {col.key: array_of(column(frame, col.key).take(there)) for col in passed
             if frame is not None and col.key in frame.columns}
    for col, one in zip(own, arrays):
        found[col.key] = array_of(from_arrow(one.flatten(), col.type))
    return frame_of(found, len(there))


def numbers(node: TableFn):
    """range() and generate_series() of constants, piece by piece; None: of something else."""
    args = node.args
    if node.fn not in ('range', 'generate_series') or node.arg_names or node.ordinality or \
            not all(arg.kind == 'const' and arg.type.kind == 'int64' and arg.value is not None
                    for arg in args) or len(node.cols) != 1:
        return None
    given = [int(arg.value) for arg in args]
    start, stop, step = (0, given[0], 1) if len(given) == 1 else (given + [1])[:3]
    if step == 0 or max(abs(start), abs(stop), abs(step)) >= 1 << 61:
        return None
    if node.fn == 'generate_series':
        stop += 1 if step > 0 else -1
    return _pieces_of(range(start, stop, step), node.cols[0].key)


def _pieces_of(found: range, label: str):
    for at in range(0, max(len(found), 1), PIECE):
        some = found[at:at + PIECE]
        yield frame_of({label: np.arange(some.start, some.stop, some.step, dtype=np.int64)},
                       len(some))


def _table_text(node: TableFn, own) -> str:
    names = node.arg_names or [''] * len(node.args)
    args = ', '.join(f'{name} := {arg.duckdb}' if name else arg.duckdb
                     for name, arg in zip(names, node.args))
    fields = ', '.join(f'"f{i}"' for i in range(len(node.fields) + bool(node.ordinality)))
    wanted = list(node.used)
    if node.ordinality and len(own) > len(wanted):
        wanted.append(len(node.fields))
    items = ', '.join(f'"f{i}" AS "{col.key}"' for i, col in zip(wanted, own)) or '1'
    ordinality = ' WITH ORDINALITY' if node.ordinality else ''
    return f'SELECT {items} FROM "{node.fn}"({args}){ordinality} AS "fn"({fields})'


# ---- sample ----------------------------------------------------------------------------------

def sample(node: Sample, n: int, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed if node.seed is None else node.seed & ((1 << 63) - 1))
    if node.method == 'reservoir' or not node.percent:
        k = int(n * node.amount / 100) if node.percent else int(node.amount)
        return np.sort(random.choice(n, min(k, n), replace=False))
    return np.flatnonzero(random.random(n) < node.amount / 100)

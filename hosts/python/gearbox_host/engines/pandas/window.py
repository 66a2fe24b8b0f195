"""The window operator: rankings and whole-partition aggregates natively, all else by kernel."""
from __future__ import annotations

import numpy as np
import pandas as pd

from ...errors import unsupported
from ...plan.nodes import Expr, Window
from . import aggregate, keys, native, scalars
from .columns import Vec, array_of, from_arrow, one_chunk
from .reduce import Groups

_RANKS = ('row_number', 'rank', 'dense_rank')


def check(node: Window) -> None:
    for expr in node.items:
        if not _is_native(expr) and expr.duckdb is None:
            raise unsupported(f'the window function {expr.fn} of these types')


def _is_native(expr: Expr) -> bool:
    spec = expr.spec
    if spec.exclude or spec.distinct or spec.ignore_nulls or spec.arg_order:
        return False
    inner = list(spec.partitions) + [key.expr for key in spec.order] + list(expr.args)
    if spec.filter is not None:
        inner.append(spec.filter)
    if any(not native.is_native(one) and one.duckdb is None for one in inner):
        return False
    if not spec.aggregate:
        return expr.fn in _RANKS and not expr.args
    return _is_whole(spec) and expr.fn in ('sum', 'count', 'count_star', 'avg', 'min', 'max') and \
        aggregate.is_native(_as_agg(expr))


def _is_whole(spec) -> bool:
    """Does every row see its whole partition?"""
    if spec.start != 'unbounded_preceding':
        return False
    return spec.end == 'unbounded_following' or \
        not spec.order and spec.unit == 'range' and spec.end == 'current_row'


def _as_agg(expr: Expr) -> Expr:
    from ...plan.nodes import AggSpec
    return Expr('agg', expr.type, expr.args, expr.fn, spec=AggSpec(filter=expr.spec.filter))


def run(node: Window, frame: pd.DataFrame, run: scalars.Scalars, wanted) -> dict:
    """Arrays of the new columns."""
    passed = len(node.cols) - len(node.items)
    found = {}
    kernels: list[tuple] = []
    for col, expr in zip(node.cols[passed:], node.items):
        if col not in wanted:
            continue
        if _is_native(expr):
            found[col.key] = array_of(_native(expr, frame, run))
        else:
            kernels.append((col, expr))
    if kernels:
        exprs = [expr for _, expr in kernels]
        table = run.arrow(frame, set().union(*(expr.columns() for expr in exprs)))
        for (col, expr), array in zip(kernels, run.kernels.window(exprs, table)):
            found[col.key] = array_of(from_arrow(one_chunk(array), expr.type))
    return found


def _native(expr: Expr, frame: pd.DataFrame, run: scalars.Scalars) -> Vec:
    spec, n = expr.spec, len(frame)
    parts = run.vecs(spec.partitions, frame)
    codes, n_groups = keys.codes(parts, [one.type for one in spec.partitions], n, run.kernels)
    if not spec.aggregate:
        return _ranking(expr, frame, run, codes)
    groups = Groups(codes, n_groups, n)
    agg = _as_agg(expr)
    keep = None if spec.filter is None else native.is_true(run.vec(spec.filter, frame))
    vec, own = (run.vec(expr.args[0], frame) if expr.args else None), groups
    if keep is not None:
        rows = np.flatnonzero(keep)
        own, vec = groups.take(rows), vec if vec is None else vec.take(rows)
    states = [state.make(vec, own) for state in aggregate.states_of(agg, run.kernels)]
    return aggregate.finish(agg, states).take(codes)


def _ranking(expr: Expr, frame: pd.DataFrame, run: scalars.Scalars, codes) -> Vec:
    order = expr.spec.order
    vecs = run.vecs([key.expr for key in order], frame)
    arrays = keys.order_keys(vecs, [key.expr.type for key in order], order, run.kernels)
    rows = keys.order([codes] + arrays, len(frame))
    starts = keys.changes([codes], rows)
    place = np.arange(len(rows), dtype=np.int64)
    start = np.maximum.accumulate(np.where(starts, place, 0)) if len(rows) else place
    if expr.fn == 'row_number':
        values = place - start + 1
    else:
        is_new = keys.changes([codes] + arrays, rows)
        if expr.fn == 'rank':
            values = np.maximum.accumulate(np.where(is_new, place, 0)) - start + 1 \
                if len(rows) else place
        else:
            news = np.cumsum(is_new)
            values = news - news[start] + 1 if len(rows) else place
    found = np.empty(len(rows), np.int64)
    found[rows] = values
    return Vec(found)

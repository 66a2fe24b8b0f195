"""The aggregate operator: groups as integers, each aggregate natively or by its kernel.

Where every aggregate can be taken apart (`is_partial`), pieces of the input are aggregated one by
one into states, and the states once more:

    piece → partial(piece) → frame of keys and states ─┐
    piece → partial(piece) → frame of keys and states ─┴→ merge → finish

so neither memory nor a wire sees more than the groups of the pieces.
"""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from ...errors import unsupported
from ...plan.nodes import Aggregate, Expr
from ...plan.types import Type
from . import keys, native, reduce, scalars
from .columns import (Vec, array_of, column, concat, frame_of, from_arrow, is_fixed, nulls_of,
                      one_chunk)
from .reduce import FLOAT64, INT64, INT128, Groups


@dataclass
class State:
    """What is kept of an aggregate: `make` from rows, `merge` from states of the same type."""
    type: Type
    make: object
    merge: object


def check(node: Aggregate) -> None:
    for expr in node.groups:
        scalars.check(expr)
    for agg in node.aggs:
        if agg.fn == 'bitstring_agg' and len(agg.args) == 1:
            raise unsupported('bitstring_agg without bounds')  # it asks for statistics of a table
        if not is_native(agg) and (agg.duckdb is None or agg.spec.state):
            raise unsupported(f'the aggregate {agg.fn} of these types')


def is_native(agg: Expr) -> bool:
    spec = agg.spec
    if spec.state or agg.arg_names or agg.fn not in _NATIVE:
        return False
    if spec.order and (agg.fn in ('first', 'last', 'arbitrary', 'any_value') or
                       agg.type.is_float):
        return False
    if spec.distinct and agg.fn not in ('count', 'sum', 'avg', 'mean', 'min', 'max'):
        return False
    inner = list(agg.args) + ([spec.filter] if spec.filter is not None else [])
    if any(not native.is_native(one) and one.duckdb is None for one in inner):
        return False
    return _NATIVE[agg.fn](agg)


def _is_number(type: Type) -> bool:
    return native._is_exact(type) or type.is_float


def _can_sum(agg: Expr) -> bool:
    type = agg.args[0].type
    if type.is_float:
        return agg.type == FLOAT64
    return native._is_exact(type) and agg.type.kind in ('int64', 'int128', 'decimal') and \
        native._scale(type) == native._scale(agg.type)


def _one(check):
    return lambda agg: len(agg.args) == 1 and check(agg)


def _same(agg: Expr) -> bool:
    return agg.type == agg.args[0].type


_NATIVE = {
    'count_star': lambda agg: not agg.args,
    'count': lambda agg: len(agg.args) <= 1,
    'sum': _one(_can_sum),
    'avg': _one(lambda agg: _is_number(agg.args[0].type) and agg.type == FLOAT64),
    'min': _one(lambda agg: _same(agg) and (is_fixed(agg.type) or agg.type.kind == 'utf8')),
    'first': _one(_same),
    'any_value': _one(_same),
    'last': _one(_same),
    'bool_and': _one(lambda agg: agg.type.kind == 'bool' and _same(agg)),
    'count_if': _one(lambda agg: agg.args[0].type.kind == 'bool' and agg.type.kind == 'int128'),
}
_NATIVE.update(mean=_NATIVE['avg'], max=_NATIVE['min'], arbitrary=_NATIVE['first'],
               bool_or=_NATIVE['bool_and'], countif=_NATIVE['count_if'])


def is_partial(node: Aggregate) -> bool:
    return not node.sets and not node.grouping and all(
        is_native(agg) and not agg.spec.distinct for agg in node.aggs)


# ---- states ----------------------------------------------------------------------------------

def states_of(agg: Expr, kernels) -> list[State]:
    fn = agg.fn
    if fn in ('count', 'count_star', 'count_if', 'countif'):
        return [State(INT64, reduce.count, _merge_counts)]
    type = agg.args[0].type
    if fn == 'sum':
        return [_sum_state(type, agg.type)]
    if fn in ('avg', 'mean'):
        result = FLOAT64 if type.is_float else \
            Type('decimal', precision=38, scale=type.scale) if type.kind == 'decimal' else INT128
        return [_sum_state(type, result), State(INT64, reduce.count, _merge_counts)]
    if fn in ('min', 'max', 'bool_and', 'bool_or'):
        is_max = fn in ('max', 'bool_or')

        def best(vec, groups):
            return reduce.extreme(vec, groups, type, is_max, kernels)
        return [State(type, best, best)]
    if fn == 'last':
        return [State(type, reduce.last, reduce.last)]

    def one(vec, groups):
        return reduce.first(vec, groups, fn == 'any_value')
    return [State(type, one, one)]


def _sum_state(type: Type, result: Type) -> State:
    return State(result, lambda vec, groups: reduce.sum_of(vec, groups, type, result),
                 lambda vec, groups: reduce.sum_of(vec, groups, result, result))


def _merge_counts(vec: Vec, groups: Groups) -> Vec:
    return Vec(reduce.sum_of(vec, groups, INT64, INT64).data)


def finish(agg: Expr, states: list[Vec]) -> Vec:
    if agg.fn in ('avg', 'mean'):
        type = agg.args[0].type
        kind = Type('decimal', precision=38, scale=type.scale) if type.kind == 'decimal' else \
            FLOAT64 if type.is_float else INT128
        return reduce.average(states[0], states[1], kind)
    return states[0]


# ---- the operator ----------------------------------------------------------------------------

class Aggregation:
    """Of one node. Frames of states have the group columns' names, and s0, s1, …."""

    def __init__(self, node: Aggregate, run: scalars.Scalars):
        self.node, self.run, self.kernels = node, run, run.kernels
        n = len(node.groups)
        self.keys = node.cols[:n]
        self.results = node.cols[n:n + len(node.aggs)]

    def whole(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Of all rows at once: any aggregate, any sets."""
        node = self.node
        vecs = self.run.vecs(node.groups, frame)
        inputs = _Inputs(self, frame)
        if not node.sets and not node.grouping:
            return self._one_set(vecs, list(range(len(vecs))), inputs, None)
        sets = node.sets or [list(range(len(vecs)))]
        found = [self._one_set(vecs, one, inputs, one) for one in sets]
        return concat(found, {col.key: col.type for col in node.cols})

    def _groups(self, vecs: list[Vec], types: list[Type], n: int) -> Groups:
        if not vecs:
            return Groups(None, 1, n)
        return Groups(*keys.codes(vecs, types, n, self.kernels), n)

    def _one_set(self, vecs, chosen: list[int], inputs: '_Inputs', grouping) -> pd.DataFrame:
        types = [expr.type for expr in self.node.groups]
        groups = self._groups([vecs[i] for i in chosen], [types[i] for i in chosen],
                              inputs.n)
        arrays = {}
        for i, col in enumerate(self.keys):
            vec = vecs[i].take(groups.first()) if i in chosen else nulls_of(groups.n, types[i])
            arrays[col.key] = array_of(vec)
        for col, vec in zip(self.results, inputs.results(groups)):
            arrays[col.key] = array_of(vec)
        n_before = len(self.keys) + len(self.results)
        for col, asked in zip(self.node.cols[n_before:], self.node.grouping):
            bits = sum(1 << (len(asked) - 1 - at) for at, key in enumerate(asked)
                       if grouping is not None and key not in chosen)
            arrays[col.key] = np.full(groups.n, bits, np.int64)
        return frame_of(arrays, groups.n)

    # ---- by pieces

    def partial(self, frame: pd.DataFrame) -> pd.DataFrame:
        vecs = self.run.vecs(self.node.groups, frame)
        groups = self._groups(vecs, [expr.type for expr in self.node.groups], len(frame))
        inputs = _Inputs(self, frame)
        arrays = {col.key: array_of(vec.take(groups.first()))
                  for col, vec in zip(self.keys, vecs)}
        at = 0
        for agg in self.node.aggs:
            vec, own = inputs.of(agg, groups)
            for state in states_of(agg, self.kernels):
                arrays[f's{at}'] = array_of(state.make(vec, own))
                at += 1
        return frame_of(arrays, groups.n)

    def state_types(self) -> dict[str, Type]:
        found = {col.key: col.type for col in self.keys}
        at = 0
        for agg in self.node.aggs:
            for state in states_of(agg, self.kernels):
                found[f's{at}'] = state.type
                at += 1
        return found

    def merge(self, pieces: list[pd.DataFrame], is_last: bool = True) -> pd.DataFrame:
        """States of pieces → states of all; is_last: → the results."""
        frame = concat(pieces, self.state_types())
        groups, first = None, None
        if len(pieces) > 1:
            vecs = [column(frame, col.key) for col in self.keys]
            groups = self._groups(vecs, [col.type for col in self.keys], len(frame))
            first = groups.first()
        n = len(frame) if groups is None else groups.n
        arrays = {col.key: frame[col.key].array if groups is None else
                  array_of(column(frame, col.key).take(first)) for col in self.keys}
        at = 0
        for agg, col in zip(self.node.aggs, self.results):
            states = []
            for state in states_of(agg, self.kernels):
                vec = column(frame, f's{at}')
                states.append(vec if groups is None else state.merge(vec, groups))
                if not is_last:
                    arrays[f's{at}'] = array_of(states[-1])
                at += 1
            if is_last:
                arrays[col.key] = array_of(finish(agg, states))
        return frame_of(arrays, n)


class _Inputs:
    """Arguments and filters of the aggregates over one frame, each computed once."""

    def __init__(self, owner: Aggregation, frame: pd.DataFrame):
        self.owner, self.frame, self.n = owner, frame, len(frame)
        self.cache: dict = {}
        aggs = [agg for agg in owner.node.aggs if is_native(agg)]
        exprs = [agg.args[0] for agg in aggs if agg.args]
        exprs += [agg.spec.filter for agg in aggs if agg.spec.filter is not None]
        for expr, vec in zip(exprs, owner.run.vecs(exprs, frame)):
            self.cache[id(expr)] = vec

    def of(self, agg: Expr, groups: Groups) -> tuple[Vec | None, Groups]:
        """The values that a native aggregate sees, and their groups."""
        vec = self.cache[id(agg.args[0])] if agg.args else None
        keep = None
        if agg.spec.filter is not None:
            keep = native.is_true(self.cache[id(agg.spec.filter)])
        if agg.fn in ('count_if', 'countif'):
            true = native.is_true(vec)
            keep, vec = true if keep is None else keep & true, None
        if keep is not None:
            rows = np.flatnonzero(keep)
            groups, vec = groups.take(rows), vec if vec is None else vec.take(rows)
        if agg.spec.distinct and agg.fn not in ('min', 'max'):
            vec, groups = reduce.valid(vec, groups)
            rows = reduce.distinct_rows(vec, groups, agg.args[0].type, self.owner.kernels)
            vec, groups = vec.take(rows), groups.take(rows)
        return vec, groups

    def results(self, groups: Groups) -> list[Vec]:
        aggs = self.owner.node.aggs
        found: dict[int, Vec] = {}
        for i, agg in enumerate(aggs):
            if is_native(agg):
                vec, own = self.of(agg, groups)
                found[i] = finish(agg, [state.make(vec, own)
                                        for state in states_of(agg, self.owner.kernels)])
        left = [i for i in range(len(aggs)) if i not in found]
        if left:
            for i, vec in zip(left, self._kernels([aggs[i] for i in left], groups)):
                found[i] = vec
        return [found[i] for i in range(len(aggs))]

    def _kernels(self, aggs: list[Expr], groups: Groups) -> list[Vec]:
        ids = set().union(*(agg.columns() for agg in aggs))
        table = self.owner.run.arrow(self.frame, ids)
        codes = None if groups.codes is None else pa.array(groups.codes)
        if groups.codes is not None and not groups.n:
            return [nulls_of(0, agg.type) for agg in aggs]
        arrays = self.owner.kernels.aggregate(aggs, table, codes, groups.n)
        return [from_arrow(one_chunk(array), agg.type) for agg, array in zip(aggs, arrays)]

"""Expressions over a frame: natively where `native` knows all of one, else by its kernel."""
from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from ...errors import unsupported
from ...plan.nodes import Expr
from ...plan.types import Type
from . import native
from .columns import (Fallback, Vec, array_of, column, frame_of, from_arrow, one_chunk, stretch,
                      to_arrow)

# A new value for each row: not even for equal rows may one stand for another.
VOLATILE = frozenset({'random', 'uuid', 'gen_random_uuid', 'uuidv4', 'uuidv7', 'setseed',
                      'nextval', 'error'})
_FEW = 4  # distinct texts are worth it where rows are more than this many times more


def check(expr: Expr) -> None:
    """At `prepare`: is there a way to compute this?"""
    if not native.is_native(expr) and expr.duckdb is None:
        raise unsupported(f'the expression {expr.fn or expr.kind} of type {expr.type}')


def is_volatile(expr: Expr) -> bool:
    return any(one.fn in VOLATILE for one in expr.walk())


class Scalars:
    def __init__(self, kernels):
        self.kernels = kernels

    @property
    def types(self) -> dict[str, Type]:
        return self.kernels.types

    def arrow(self, frame: pd.DataFrame, ids) -> pa.Table:
        """Columns of a frame as the kernels take them."""
        names = [f'c{id}' for id in sorted(ids)]
        if not names:
            return pa.table({'_': pa.nulls(len(frame))})
        return pa.table({name: to_arrow(column(frame, name), self.types[name]) for name in names})

    def vecs(self, exprs: list[Expr], frame: pd.DataFrame) -> list[Vec]:
        """One Vec of the frame's rows for each expression."""
        found: list = [self._native(expr, frame) for expr in exprs]
        left = [i for i, vec in enumerate(found) if vec is None]
        if left:
            for i, vec in zip(left, self._kernels([exprs[i] for i in left], frame)):
                found[i] = vec
        return [stretch(vec, len(frame)) for vec in found]

    def vec(self, expr: Expr, frame: pd.DataFrame) -> Vec:
        return self.vecs([expr], frame)[0]

    def _native(self, expr: Expr, frame: pd.DataFrame) -> Vec | None:
        if not native.is_native(expr):
            return self._by_category(expr, frame)
        try:
            return native.evaluate(expr, lambda id: column(frame, f'c{id}'), len(frame))
        except Fallback:
            if expr.duckdb is None:
                raise unsupported(f'the expression {expr.fn or expr.kind} of these values') from None
            return None

    def _by_category(self, expr: Expr, frame: pd.DataFrame) -> Vec | None:
        """Of one column of texts with a dictionary: once for each distinct text."""
        ids = expr.columns()
        if len(ids) != 1:
            return None
        name = f'c{next(iter(ids))}'
        if not isinstance(frame[name].dtype, pd.CategoricalDtype) or is_volatile(expr):
            return None
        vec = column(frame, name)
        n = len(vec.categories)
        if _FEW * n > len(frame) or any(one.kind == 'lambda' for one in expr.walk()):
            return None
        texts = pa.concat_arrays([vec.categories, pa.nulls(1, vec.categories.type)])
        small = frame_of({name: array_of(Vec(texts))}, n + 1)
        try:
            found = self._kernels([expr], small)[0]
        except Exception:  # a text that no row has may be the one that fails
            return None
        return found.take(vec.data if vec.mask is None else np.where(vec.mask, n, vec.data))

    def _kernels(self, exprs: list[Expr], frame: pd.DataFrame) -> list[Vec]:
        ids = set().union(*(expr.columns() for expr in exprs))
        if not ids and not any(is_volatile(expr) for expr in exprs):
            frame = frame_of({}, 1)
        arrays = self.kernels.scalar(exprs, self.arrow(frame, ids))
        return [from_arrow(one_chunk(array), expr.type) for array, expr in zip(arrays, exprs)]

    def truth(self, conjuncts: list[Expr], frame: pd.DataFrame):
        """The rows for which all are true, as a mask; None: all of them."""
        found = None
        for expr in [one for one in conjuncts if native.is_native(one)]:
            try:
                vec = native.evaluate(expr, lambda id: column(frame, f'c{id}'), len(frame))
            except Fallback:
                vec = self.vec(expr, frame)
            one = np.broadcast_to(native.is_true(vec), len(frame))
            found = one if found is None else found & one
        rest = [one for one in conjuncts if not native.is_native(one)]
        if not rest:
            return found
        rows = None if found is None or found.all() else np.flatnonzero(found)
        return self._truth_of(rest, frame, rows)

    def _truth_of(self, conjuncts, frame, rows):
        """By kernel, on the rows that are left."""
        for expr in conjuncts:
            some = frame if rows is None else self._narrow(frame, expr, rows)
            true = native.is_true(self.vec(expr, some))
            rows = np.flatnonzero(true) if rows is None else rows[true]
        found = np.zeros(len(frame), bool)
        found[rows] = True
        return found

    @staticmethod
    def _narrow(frame, expr, rows):
        names = [f'c{id}' for id in expr.columns()]
        return frame_of({name: array_of(column(frame, name).take(rows)) for name in names},
                        len(rows))

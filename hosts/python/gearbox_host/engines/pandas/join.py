"""The join operator: pairs of row numbers, found over integer keys.

    on      =  keys (a side of = or IS NOT DISTINCT FROM for each input)  +  residual conjuncts
    build   →  keys.Table of the right side (or of the smaller one)
    probe   →  pieces of the other side: pairs → residual → what the kind makes of them

so a piece of the probed side is all that is in memory besides the built one.
"""
from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ...errors import HostError, unsupported
from ...plan.nodes import Expr, Join
from . import keys, native, scalars
from .columns import (Vec, array_of, column, concat_vecs, frame_of, nulls_of, slice_rows, take,
                      take_or_null)

@dataclass
class Side:
    """An input of a join: all its columns, and those that the output has."""
    cols: list
    wanted: list


EQUAL, SAME = '=', 'is_not_distinct_from'
PAIRS = 4_000_000  # of a piece, before the residual


@dataclass
class Key:
    left: Expr
    right: Expr
    null_safe: bool


@dataclass
class Parts:
    keys: list[Key] = field(default_factory=list)
    residual: list[Expr] = field(default_factory=list)


def split(node: Join) -> Parts:
    left = {col.id for col in node.inputs[0].cols}
    right = {col.id for col in node.inputs[1].cols}
    parts = Parts()
    for conjunct in node.on:
        key = _key(conjunct, left, right)
        if key is None:
            parts.residual.append(conjunct)
        else:
            parts.keys.append(key)
    return parts


def _key(conjunct: Expr, left: set, right: set) -> Key | None:
    if not conjunct.is_call(EQUAL, SAME) or len(conjunct.args) != 2:
        return None
    a, b = conjunct.args
    if a.type != b.type or not (_computes(a) and _computes(b)):
        return None
    of_a, of_b = a.columns(), b.columns()
    if not of_a or not of_b:
        return None
    if of_a <= left and of_b <= right:
        return Key(a, b, conjunct.fn == SAME)
    if of_a <= right and of_b <= left:
        return Key(b, a, conjunct.fn == SAME)
    return None


def tell_sides(node: Join, kernels) -> None:
    """Words for the sides of comparisons, which came with words as a whole: keys may be anything
    that a kernel can compute."""
    for one in node.on:
        if one.is_call(*native.COMPARISONS) and len(one.args) == 2 and one.duckdb is not None and \
                not all(_computes(arg) for arg in one.args):
            sides = kernels.operands(one.duckdb)
            for arg, text in zip(one.args, sides or (None, None)):
                arg.duckdb = arg.duckdb or text


def _computes(expr: Expr) -> bool:
    return native.is_native(expr) or expr.duckdb is not None


def check(node: Join) -> None:
    if node.kind == 'mark':
        _check_mark(node)
    for conjunct in split(node).residual:
        scalars.check(conjunct)
    if node.asof:
        asof_parts(node)


def _check_mark(node: Join) -> None:
    """Three values need each comparison by itself; those of rows are known by their parts."""
    if any(arg.type.is_nested for one in node.on if not one.is_call(EQUAL, SAME)
           for arg in one.args):
        raise unsupported('a comparison of rows with those of a subquery')
    if len(split(node).residual) and any(c.duckdb is None and not native.is_native(c)
                                         for c in node.on):
        raise unsupported('a mark join on this condition')


# ---- one piece of the left side against all of the right -------------------------------------

class Joiner:
    """`node` with its right side in memory. probe(left) for each piece of the left, rest() after
    the last one."""

    def __init__(self, node: Join, right: pd.DataFrame, run: scalars.Scalars):
        self.node, self.right, self.run = node, right, run
        self.parts = split(node)
        self.left_ids = {col.id for col in node.inputs[0].cols}
        self.table = None
        if self.parts.keys:
            types = [key.right.type for key in self.parts.keys]
            self.right_keys = run.vecs([key.right for key in self.parts.keys], right)
            self.table = keys.Table(self.right_keys, types,
                                    [key.null_safe for key in self.parts.keys],
                                    len(right), run.kernels)
        self.is_hit = np.zeros(len(right), bool) if node.kind in ('right', 'full') else None

    def probe(self, left: pd.DataFrame):
        """Frames of the node's columns."""
        kind = self.node.kind
        if kind in ('semi', 'anti'):
            hit = self._hits(left)
            yield take(left, np.flatnonzero(hit if kind == 'semi' else ~hit), self._labels(left))
        elif kind == 'mark':
            yield self._mark(left)
        else:
            for start, stop in self._pieces(left):
                piece = left if (start, stop) == (0, len(left)) else slice_rows(left, start, stop)
                yield self._combine(piece)

    def _labels(self, left: pd.DataFrame) -> list[str]:
        return [col.key for col in self.node.inputs[0].wanted]

    def mark_hits(self, left: pd.DataFrame) -> None:
        """Which rows of the right have a match here? No pair becomes a row."""
        for start, stop in self._pieces(left):
            _, here = self._matches(slice_rows(left, start, stop))
            self.is_hit[here] = True

    def rest(self):
        """Rows of the right side without a match."""
        if self.is_hit is not None:
            rows = np.flatnonzero(~self.is_hit)
            yield self._output(None, self.right, np.full(len(rows), -1), rows)

    def _find(self, left: pd.DataFrame) -> np.ndarray:
        exprs = [key.left for key in self.parts.keys]
        vecs = self.run.vecs(exprs, left)
        aligned = []
        for vec, column_, expr in zip(vecs, self.table.columns, exprs):
            if expr.type.kind in ('decimal', 'int128') and vec.is_numpy != column_.is_integer:
                self._widen(left)
                return self._find(left)
            aligned.append(vec)
        return self.table.find(aligned)

    def _widen(self, left: pd.DataFrame) -> None:
        """Numbers beyond 64 bits on one side only: both as texts of bytes."""
        self.table = _WideTable(self.parts.keys, self.right_keys, len(self.right),
                                self.run.kernels)

    def _pieces(self, left: pd.DataFrame):
        """Ranges of the left side with not too many pairs each."""
        n = len(left)
        if not n:
            yield 0, 0
            return
        if self.table is None:
            step = max(1, PAIRS // max(len(self.right), 1))
            yield from ((at, min(at + step, n)) for at in range(0, n, step))
            return
        if self.table.is_unique:
            yield 0, n
            return
        sums = np.cumsum(self.table.n_matches(self._find(left)))
        at = 0
        while at < n:
            before = sums[at - 1] if at else 0
            stop = max(int(np.searchsorted(sums, before + PAIRS, 'right')), at + 1)
            yield at, min(stop, n)
            at = stop

    def _pairs(self, left: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """Matches of the keys."""
        if self.table is not None:
            return self.table.pairs(self._find(left))
        n_left, n_right = len(left), len(self.right)
        return (np.repeat(np.arange(n_left, dtype=np.int64), n_right),
                np.tile(np.arange(n_right, dtype=np.int64), n_left))

    def _matches(self, left: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """Matches of keys and residual."""
        there, here = self._pairs(left)
        if not self.parts.residual or not len(there):
            return there, here
        true = self.run.truth(self.parts.residual,
                              self._pair_frame(self.parts.residual, left, there, here))
        return (there, here) if true is None else (there[true], here[true])

    def _pair_frame(self, exprs, left, there, here) -> pd.DataFrame:
        ids = set().union(*(expr.columns() for expr in exprs))
        arrays = {}
        for id in ids:
            side, rows = (left, there) if id in self.left_ids else (self.right, here)
            arrays[f'c{id}'] = array_of(column(side, f'c{id}').take(rows))
        return frame_of(arrays, len(there))

    def _combine(self, left: pd.DataFrame) -> pd.DataFrame:
        kind = self.node.kind
        there, here = self._matches(left)
        if self.is_hit is not None:
            self.is_hit[here] = True
        if kind == 'single' and len(there) > 1 and (there[1:] == there[:-1]).any():
            raise HostError('invalid', 'More than one row returned by a subquery used as an '
                            'expression - scalar subqueries can only return a single row')
        if kind in ('left', 'full', 'single'):
            is_alone = np.ones(len(left), bool)
            is_alone[there] = False
            alone = np.flatnonzero(is_alone)
            if len(alone):
                there = np.concatenate([there, alone])
                here = np.concatenate([here, np.full(len(alone), -1)])
        return self._output(left, self.right, there, here)

    def _output(self, left, right, there, here) -> pd.DataFrame:
        arrays = {}
        for col in self.node.inputs[0].wanted:
            arrays[col.key] = self._taken(left, col, there)
        for col in self.node.inputs[1].wanted:
            arrays[col.key] = self._taken(right, col, here)
        return frame_of(arrays, len(there))

    @staticmethod
    def _taken(frame, col, rows):
        if frame is None or (not len(frame) and len(rows)):
            return array_of(nulls_of(len(rows), col.type))
        return take_or_null(frame, rows, [col.key])[col.key].array

    # ---- semi, anti, mark

    def _hits(self, left: pd.DataFrame) -> np.ndarray:
        """Has a row of the left a match?"""
        if not self.parts.residual:
            if self.table is not None:
                return self.table.contains(self._find(left))
            return np.full(len(left), len(self.right) > 0)
        bound = self._bounds()
        if bound is not None:
            return bound.hits(left)
        hit = np.zeros(len(left), bool)
        for start, stop in self._pieces(left):
            there, _ = self._matches(slice_rows(left, start, stop))
            hit[there + start] = True
        return hit

    def _bounds(self):
        if not hasattr(self, '_bounds_of'):
            self._bounds_of = make_bounds(self)
        return self._bounds_of

    def _mark(self, left: pd.DataFrame) -> pd.DataFrame:
        """TRUE with a match; NULL where a comparison that could be one is unknown; else FALSE."""
        hit = self._hits(left)
        unknown = None
        if not hit.all() and len(self.right):
            unknown = self._unknown(left, hit)
        arrays = {col.key: left[col.key].array for col in self.node.inputs[0].wanted}
        arrays[self.node.cols[-1].key] = array_of(Vec(hit, unknown))
        return frame_of(arrays, len(left))

    def _unknown(self, left: pd.DataFrame, hit: np.ndarray):
        if not self.parts.residual and len(self.parts.keys) == 1:
            if self.parts.keys[0].null_safe:
                return None
            nulls = self.run.vec(self.parts.keys[0].left, left).nulls()
            right_nulls = self.right_keys[0].nulls()
            if right_nulls is not None:  # IN (…, NULL)
                return ~hit
            return nulls
        return self._unknown_pairs(left, hit)

    def _unknown_pairs(self, left: pd.DataFrame, hit: np.ndarray):
        """Every pair that the keys that can't be NULL leave: is the whole condition unknown?"""
        rows = np.flatnonzero(~hit)
        found = np.zeros(len(left), bool)
        sure = [i for i, key in enumerate(self.parts.keys) if self._is_sure(i, key, left)]
        table = None
        if sure:
            chosen = [self.parts.keys[i] for i in sure]
            table = keys.Table([self.right_keys[i] for i in sure],
                               [key.right.type for key in chosen],
                               [key.null_safe for key in chosen], len(self.right),
                               self.run.kernels)
        rest = [c for c in self.node.on if c not in
                [self.node.on[j] for j in self._places(sure)]]
        if not rest:
            return None
        step = max(1, PAIRS // max(len(self.right), 1))
        for at in range(0, len(rows), step):
            some = rows[at:at + step]
            piece = take(left, some)
            if table is not None:
                there, here = table.pairs(table.find(
                    self.run.vecs([key.left for key in chosen], piece)))
            else:
                there = np.repeat(np.arange(len(some)), len(self.right))
                here = np.tile(np.arange(len(self.right)), len(some))
            vecs = self.run.vecs(rest, self._pair_frame(rest, piece, there, here))
            whole = native._and(None, vecs) if len(vecs) > 1 else vecs[0]
            if whole.mask is not None:
                found[some[there[whole.mask]]] = True
        return found if found.any() else None

    def _is_sure(self, i: int, key: Key, left) -> bool:
        return key.null_safe or (self.right_keys[i].nulls() is None and
                                 self.run.vec(key.left, left).nulls() is None)

    def _places(self, chosen: list[int]) -> list[int]:
        """Where in `on` these keys stand."""
        of_key = [i for i, c in enumerate(self.node.on)
                  if not any(c is one for one in self.parts.residual)]
        return [of_key[i] for i in chosen]


class _WideTable:
    """keys.Table over bytes that stand for numbers of any size."""

    def __init__(self, on: list[Key], right_keys: list[Vec], n: int, kernels):
        self.on, self.kernels = on, kernels
        self.is_wide = [key.right.type.kind in ('decimal', 'int128') for key in on]
        self.inner = keys.Table(self._form(right_keys), [self._type(i) for i in range(len(on))],
                                [key.null_safe for key in on], n, kernels)
        self.is_unique = self.inner.is_unique

        class _Same:
            def __init__(self):
                self.is_integer = None
        self.columns = [_Same() for _ in on]

    def _type(self, i: int):
        return keys.BYTES if self.is_wide[i] else self.on[i].right.type

    def _form(self, vecs: list[Vec]) -> list[Vec]:
        return [Vec(keys.sort_key(vec, key.right.type, self.kernels)) if wide else vec
                for vec, key, wide in zip(vecs, self.on, self.is_wide)]

    def find(self, vecs):
        return self.inner.find(self._form(vecs))

    def pairs(self, found):
        return self.inner.pairs(found)

    def contains(self, found):
        return self.inner.contains(found)

    def n_matches(self, found):
        return self.inner.n_matches(found)


# ---- semi joins with one comparison besides the keys -----------------------------------------

class Bounds:
    """EXISTS (… right.k = left.k AND right.x <> left.y): the least and the greatest x of each key
    tell, so no pair is made."""

    def __init__(self, owner: Joiner, fn: str, left: Expr, right: Expr):
        self.owner, self.fn, self.left, self.type = owner, fn, left, right.type
        vec = owner.run.vec(right, owner.right)
        codes = owner.table.find(owner.right_keys)
        keep = codes >= 0 if vec.mask is None else (codes >= 0) & ~vec.mask
        codes, data = codes[keep], vec.data[keep]
        size = max(owner.table.size, 1)
        info = np.iinfo(data.dtype)
        self.low = np.full(size, info.max, data.dtype)
        self.high = np.full(size, info.min, data.dtype)
        np.minimum.at(self.low, codes, data)
        np.maximum.at(self.high, codes, data)
        self.is_there = np.zeros(size, bool)
        self.is_there[codes] = True

    def hits(self, left: pd.DataFrame) -> np.ndarray:
        codes = self.owner._find(left)
        vec = self.owner.run.vec(self.left, left)
        there = (codes >= 0) & self.is_there[codes]
        if vec.mask is not None:
            there &= ~vec.mask
        low, high, y = self.low[codes], self.high[codes], vec.data
        return there & {'<>': (low != y) | (high != y), '<': low < y, '<=': low <= y,
                        '>': high > y, '>=': high >= y}[self.fn]


def make_bounds(owner: Joiner) -> Bounds | None:
    residual = owner.parts.residual
    if owner.table is None or isinstance(owner.table, _WideTable) or len(residual) != 1:
        return None
    one = residual[0]
    if not one.is_call('<>', '<', '<=', '>', '>=') or one.args[0].type != one.args[1].type:
        return None
    a, b = one.args
    if a.type.kind not in ('int64', 'int32', 'date', 'timestamp', 'decimal') or \
            not (native.is_native(a) and native.is_native(b)):
        return None
    is_left = [bool(x.columns()) and x.columns() <= owner.left_ids for x in (a, b)]
    is_right = [bool(x.columns()) and not x.columns() & owner.left_ids for x in (a, b)]
    if is_right[0] and is_left[1]:
        fn, left, right = one.fn, b, a
    elif is_left[0] and is_right[1]:
        fn, left, right = native.TURNED[one.fn], a, b
    else:
        return None
    if not owner.run.vec(right, owner.right).is_numpy:
        return None
    return Bounds(owner, fn, left, right)


# ---- positional, asof ------------------------------------------------------------------------

def positional(node: Join, left: pd.DataFrame, right: pd.DataFrame) -> pd.DataFrame:
    n = max(len(left), len(right))
    rows = np.arange(n)
    arrays = {}
    for frame, side in ((left, node.inputs[0]), (right, node.inputs[1])):
        own = np.where(rows < len(frame), rows, -1)
        for col in side.cols:
            if col.key in frame.columns:
                arrays[col.key] = Joiner._taken(frame, col, own)
    return frame_of(arrays, n)


@dataclass
class Asof:
    keys: list[Key]
    fn: str       # left fn right
    left: Expr
    right: Expr


def asof_parts(node: Join) -> Asof:
    parts = split(node)
    left = {col.id for col in node.inputs[0].cols}
    if len(parts.residual) != 1 or node.kind not in ('inner', 'left', 'semi', 'anti', 'right',
                                                     'full'):
        raise unsupported('an asof join on this condition')
    one = parts.residual[0]
    if not one.is_call('<', '<=', '>', '>='):
        raise unsupported('an asof join on this condition')
    a, b = one.args
    fn = one.fn
    if not a.columns() <= left:
        a, b, fn = b, a, native.TURNED[fn]
    if not a.columns() <= left or b.columns() & left or not (_computes(a) and _computes(b)):
        raise unsupported('an asof join on this condition')
    return Asof(parts.keys, fn, a, b)


def asof(node: Join, left: pd.DataFrame, right: pd.DataFrame, run: scalars.Scalars):
    """Each left row with the nearest right row: the last one not after it, or the first one not
    before it."""
    parts = asof_parts(node)
    of_left, of_right = _asof_codes(parts, left, right, run)
    order = keys.order([of_right[0], of_right[1]], len(right))
    order = order[of_right[0][order] >= 0]
    n_ranks = int(max(of_left[1].max(initial=0), of_right[1].max(initial=0))) + 2
    place = of_right[0][order] * n_ranks + of_right[1][order]
    wanted = of_left[0] * n_ranks + of_left[1]
    if parts.fn in ('>=', '>'):
        at = np.searchsorted(place, wanted, 'right' if parts.fn == '>=' else 'left') - 1
    else:
        at = np.searchsorted(place, wanted, 'left' if parts.fn == '<=' else 'right')
    inside = (at >= 0) & (at < len(order)) & (of_left[0] >= 0) & (of_left[1] >= 0)
    safe = np.where(inside, at, 0)
    if len(order):
        safe = np.searchsorted(place, place[safe])  # of equal ones the first
        inside &= of_right[0][order[safe]] == of_left[0]
        here = np.where(inside, order[safe], -1)
    else:
        here = np.full(len(left), -1)
    return _asof_output(node, left, right, here)


def _asof_codes(parts: Asof, left, right, run):
    """(group, rank) of both sides' rows; −1: never a match."""
    n = len(left)
    types = [key.left.type for key in parts.keys]
    both = [_both(run.vec(key.left, left), run.vec(key.right, right), key.left.type)
            for key in parts.keys]
    total = n + len(right)
    groups, _ = keys.codes(both, types, total, run.kernels)
    for vec, key in zip(both, parts.keys):
        nulls = vec.nulls()
        if nulls is not None and not key.null_safe:
            groups = np.where(nulls, -1, groups)
    when = _both(run.vec(parts.left, left), run.vec(parts.right, right), parts.left.type)
    ranks = keys.ranks(when, parts.left.type, run.kernels)
    dense = np.unique(ranks.data, return_inverse=True)[1].astype(np.int64)
    if ranks.mask is not None:
        groups = np.where(ranks.mask, -1, groups)
    return (groups[:n], dense[:n]), (groups[n:], dense[n:])


def _both(a: Vec, b: Vec, type) -> Vec:
    return concat_vecs([a, b], type)


def _asof_output(node: Join, left, right, here) -> pd.DataFrame:
    there = np.arange(len(left))
    matched = here >= 0
    if node.kind in ('semi', 'anti'):
        return take(left, np.flatnonzero(matched if node.kind == 'semi' else ~matched))
    if node.kind in ('inner', 'right'):
        there, here = there[matched], here[matched]
    if node.kind in ('right', 'full'):
        alone = np.ones(len(right), bool)
        alone[here[here >= 0]] = False
        rows = np.flatnonzero(alone)
        there = np.concatenate([there, np.full(len(rows), -1)])
        here = np.concatenate([here, rows])
    arrays = {}
    for frame, side, positions in ((left, node.inputs[0], there), (right, node.inputs[1], here)):
        arrays.update({col.key: Joiner._taken(frame, col, positions) for col in side.cols
                       if col.key in frame.columns})
    return frame_of(arrays, len(there))

"""Aggregates over groups in numpy's words: a Vec of values, the group of each row → one value each.

Sums of integers and decimals are exact at any size: what could leave the 53 bits of a float64 is
summed in parts of fewer bits. Sums of floats are plain sums.
"""
from __future__ import annotations

import numpy as np
import pyarrow as pa

from ...errors import HostError
from ...plan.types import Type
from . import keys
from .columns import NUMPY, Vec, from_ints, to_arrow
from .native import I64_MAX, most

INT64, INT128, FLOAT64 = Type('int64'), Type('int128'), Type('float64')


class Groups:
    """The group of each row: 0 … n − 1. codes None: all rows are one group."""

    def __init__(self, codes, n: int, n_rows: int):
        self.codes, self.n, self.n_rows = codes, n, n_rows
        self._first = self._sizes = None

    def take(self, rows: np.ndarray) -> 'Groups':
        return Groups(None if self.codes is None else self.codes[rows], self.n, len(rows))

    @property
    def all_codes(self) -> np.ndarray:
        return np.zeros(self.n_rows, np.int64) if self.codes is None else self.codes

    def sizes(self) -> np.ndarray:
        if self._sizes is None:
            self._sizes = np.array([self.n_rows]) if self.codes is None else \
                np.bincount(self.codes, minlength=self.n)
        return self._sizes

    def first(self) -> np.ndarray:
        """The first row of each group; of groups without rows, any number."""
        if self._first is None:
            self._first = keys.first_rows(self.all_codes, self.n)
        return self._first


def valid(vec: Vec, groups: Groups) -> tuple[Vec, Groups]:
    """Without the NULLs."""
    nulls = vec.nulls()
    if nulls is None:
        return vec, groups
    rows = np.flatnonzero(~nulls)
    vec = vec.take(rows)
    return (vec if vec.is_arrow else Vec(vec.data, None, vec.categories)), groups.take(rows)


def count(vec: Vec | None, groups: Groups) -> Vec:
    if vec is not None:
        nulls = vec.nulls()
        if nulls is not None:
            groups = groups.take(np.flatnonzero(~nulls))
    return Vec(groups.sizes().astype(np.int64))


def _empty_mask(groups: Groups):
    empty = groups.sizes() == 0
    return empty if empty.any() else None


def sum_of(vec: Vec, groups: Groups, type: Type, result: Type) -> Vec:
    """NULL for no rows."""
    vec, groups = valid(vec, groups)
    if type.is_float:
        data = vec.data.astype(np.float64, copy=False)
        with np.errstate(all='ignore'):
            found = np.array([data.sum()]) if groups.codes is None else \
                np.bincount(groups.codes, weights=data, minlength=groups.n)
        return Vec(found, _empty_mask(groups))
    if vec.is_arrow:
        return _sum_wide(vec, groups, type, result)
    return _checked(exact_sums(vec.data.astype(np.int64, copy=False), groups),
                    _empty_mask(groups), result)


def exact_sums(data: np.ndarray, groups: Groups):
    """An int64 array, or a list of Python's integers where one may not fit."""
    largest = most(data)
    if groups.codes is None:
        if largest * len(data) <= I64_MAX:
            return np.array([data.sum()], np.int64)
        low, high = data & 0xffffffff, data >> 32
        return [int(low.sum()) + (int(high.sum()) << 32)]
    n_most = int(groups.sizes().max()) if groups.n else 0
    if largest * n_most < 1 << 53:
        return np.bincount(groups.codes, weights=data, minlength=groups.n).astype(np.int64)
    parts = _sums_in_parts(data, groups, largest, 53 - max(n_most.bit_length(), 1))
    if largest * n_most <= I64_MAX:
        return sum(part << shift for shift, part in parts)
    return [sum(int(part[i]) << shift for shift, part in parts) for i in range(groups.n)]


def _sums_in_parts(data, groups, largest: int, bits: int) -> list[tuple[int, np.ndarray]]:
    """(shift, sums of this part of the numbers): each sum is exact in a float64."""
    parts, shift = [], 0
    while True:
        is_top = largest >> shift < 1 << (bits - 1)
        part = data >> shift if is_top else (data >> shift) & ((1 << bits) - 1)
        sums = np.bincount(groups.codes, weights=part, minlength=groups.n).astype(np.int64)
        parts.append((shift, sums))
        if is_top:
            return parts
        shift += bits


def _sum_wide(vec: Vec, groups: Groups, type: Type, result: Type) -> Vec:
    """Numbers beyond 64 bits."""
    sums = [0] * groups.n
    for group, value in zip(groups.all_codes.tolist(), ints_of(vec, type)):
        sums[group] += value
    return _checked(sums, _empty_mask(groups), result)


def ints_of(vec: Vec, type: Type) -> list:
    """Python's integers of unscaled numbers of any size; None for NULL."""
    if vec.is_numpy:
        values = vec.data.tolist()
        return values if vec.mask is None else \
            [None if null else value for value, null in zip(values, vec.mask.tolist())]
    raw = to_arrow(vec, type)
    data, start = raw.buffers()[1].to_pybytes(), raw.offset * 16
    nulls = raw.is_null().to_pylist()
    return [None if nulls[i] else int.from_bytes(data[start + 16 * i:start + 16 * i + 16],
                                                 'little', signed=True) for i in range(len(raw))]


def _checked(sums, mask, result: Type) -> Vec:
    """An error where a sum is none of the result's type."""
    if result.kind == 'decimal':
        limit = 10 ** result.precision - 1
    else:
        limit = I64_MAX if result.kind == 'int64' else (1 << 127) - 1
    if isinstance(sums, np.ndarray):
        if limit < I64_MAX and most(sums) > limit:
            raise HostError('invalid', f'a sum is out of the range of {result}')
        return Vec(sums, mask)
    if any(not -limit - (result.kind != 'decimal') <= one <= limit for one in sums):
        raise HostError('invalid', f'a sum is out of the range of {result}: overflow')
    if mask is not None:
        sums = [None if null else one for one, null in zip(sums, mask.tolist())]
    return from_ints(sums, result)


def average(sums: Vec, counts: Vec, type: Type) -> Vec:
    """Of sums (of `type`, NULL for no rows) and counts."""
    mask = counts.data == 0
    if sums.is_arrow:
        values = np.array([float(one or 0) for one in ints_of(sums, type)])
    else:
        values = sums.data.astype(np.float64)
    with np.errstate(all='ignore'):
        found = values / np.where(mask, 1, counts.data)
        if type.kind == 'decimal':
            found = found / 10.0 ** type.scale
    return Vec(found, mask if mask.any() else None)


# ---- least, greatest, first ------------------------------------------------------------------

def extreme(vec: Vec, groups: Groups, type: Type, is_max: bool, kernels) -> Vec:
    vec, groups = valid(vec, groups)
    ranks = keys.ranks(vec, type, kernels).data if not (vec.is_numpy and not type.is_float) \
        else vec.data
    if not len(ranks):
        return none_of(vec, groups.n, type)
    if ranks.dtype == bool:
        ranks = ranks.astype(np.int8)
    best = _best(ranks, groups, is_max)
    mask = _empty_mask(groups)
    if vec.is_numpy and not type.is_float:
        if mask is not None:
            best = np.where(mask, best.dtype.type(0), best)
        return Vec(best.astype(NUMPY[type.kind]), mask)
    rows = _row_of_rank(ranks, best, groups)
    return take_some(vec, rows, mask)


def _best(ranks: np.ndarray, groups: Groups, is_max: bool) -> np.ndarray:
    if groups.codes is None:
        return np.array([ranks.max() if is_max else ranks.min()])
    info = np.iinfo(ranks.dtype)
    best = np.full(groups.n, info.min if is_max else info.max, ranks.dtype)
    (np.maximum if is_max else np.minimum).at(best, groups.codes, ranks)
    return best


def _row_of_rank(ranks, best, groups: Groups) -> np.ndarray:
    """A row of each group that has its best rank."""
    codes = groups.all_codes
    hits = np.flatnonzero(ranks == best[codes])
    rows = np.zeros(groups.n, np.int64)
    rows[codes[hits]] = hits
    return rows


def none_of(vec: Vec, n: int, type: Type) -> Vec:
    if vec.is_arrow:
        return Vec(pa.nulls(n, vec.data.type))
    return Vec(np.zeros(n, vec.data.dtype), np.ones(n, bool) if n else None, vec.categories)


def take_some(vec: Vec, rows: np.ndarray, mask) -> Vec:
    """The rows, NULL where masked."""
    if mask is None:
        return vec.take(rows)
    if vec.is_arrow:
        return Vec(vec.data.take(pa.array(rows, mask=mask)))
    if not len(vec):
        return none_of(vec, len(rows), None)
    found = vec.take(np.where(mask, 0, rows))
    return Vec(found.data, mask if found.mask is None else mask | found.mask, vec.categories)


def first(vec: Vec, groups: Groups, skip_nulls: bool) -> Vec:
    if skip_nulls:
        vec, groups = valid(vec, groups)
    if not len(vec):
        return none_of(vec, groups.n, None)
    return take_some(vec, groups.first(), _empty_mask(groups))


def last(vec: Vec, groups: Groups) -> Vec:
    if not len(vec):
        return none_of(vec, groups.n, None)
    rows = np.zeros(groups.n, np.int64)
    rows[groups.all_codes] = np.arange(len(vec), dtype=np.int64)
    return take_some(vec, rows, _empty_mask(groups))


def distinct_rows(vec: Vec, groups: Groups, type: Type, kernels) -> np.ndarray:
    """The first row of each value in each group."""
    codes, n = keys.codes([vec], [type], len(vec), kernels)
    if groups.codes is not None:
        codes, n = keys.compact(groups.codes * np.int64(max(n, 1)) + codes, groups.n * max(n, 1))
    return np.sort(keys.first_rows(codes, n))


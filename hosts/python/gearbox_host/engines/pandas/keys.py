"""Values as integers: for grouping, joining and sorting.

    codes(vecs, types)     (group of each row, number of groups): NULL is a value, NaN is one
    Table(…)               the build side of a join: which rows have this key?
    order(…)               the positions of the rows, sorted

Integers close together are their own codes (a table by address, no hashing); others are hashed by
pandas, texts by Arrow. What is neither is made a text of bytes first, equal where the values are
equal and ordered as they are: DuckDB's create_sort_key.
"""
from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ...kernels import Text
from ...plan.types import Type
from .columns import Vec, one_chunk, to_arrow

SMALL = 1 << 16
BYTES = Type('binary')
_labels = itertools.count()
# Arrow's own equality and order are the contract's for these.
_PLAIN = ('utf8', 'binary', 'json', 'uuid')


def is_dense(size: int, n: int) -> bool:
    """May a table by address have this many places for n rows?"""
    return size <= max(4 * n, SMALL)


def comparable(vec: Vec, type: Type, kernels) -> Vec:
    """The same values as integers, texts by dictionary, or Arrow's texts and bytes."""
    if vec.categories is not None:
        return vec
    if type.kind == 'null':
        return Vec(np.zeros(len(vec), np.int64), np.ones(len(vec), bool))
    if vec.is_numpy:
        return _of_float(vec) if type.is_float else vec
    if type.kind in _PLAIN:
        return vec
    return Vec(sort_key(vec, type, kernels))


def sort_key(vec: Vec, type: Type, kernels):
    label = f'key{next(_labels)}'
    kernels.types[label] = type
    table = pa.table({label: to_arrow(vec, type)})
    nulls = vec.nulls()
    text = Text(f'''create_sort_key("{label}", 'ASC NULLS LAST')''', BYTES)
    found = one_chunk(kernels.scalar([text], table)[0]).cast(pa.large_binary())
    del kernels.types[label]
    if nulls is None:
        return found
    return pc.if_else(pa.array(~nulls), found, pa.scalar(None, pa.large_binary()))


def _of_float(vec: Vec) -> Vec:
    """Integers that are equal and ordered as the contract has it: NaN is one, and last."""
    data = vec.data.astype(np.float64) + 0.0  # -0.0 is 0.0
    data[np.isnan(data)] = np.nan
    bits = data.view(np.int64)
    return Vec(bits ^ ((bits >> 63) & np.int64((1 << 63) - 1)), vec.mask)


# ---- groups ----------------------------------------------------------------------------------

def codes(vecs: list[Vec], types: list[Type], n: int, kernels) -> tuple[np.ndarray, int]:
    """Groups are numbered 0 … without gaps, in no stated order."""
    if not vecs:
        return np.zeros(n, np.int64), 1
    found, size = _column_codes(comparable(vecs[0], types[0], kernels), n)
    for vec, type in zip(vecs[1:], types[1:]):
        one, width = _column_codes(comparable(vec, type, kernels), n)
        if size * width >= 1 << 62:
            found, size = compact(found, size)
        if width > 1:
            found, size = found * np.int64(width) + one, size * width
    return compact(found, size)


def _column_codes(vec: Vec, n: int) -> tuple[np.ndarray, int]:
    """Codes below a size, NULL included."""
    if vec.is_arrow:
        encoded = one_chunk(vec.data).dictionary_encode()
        found = encoded.indices.fill_null(len(encoded.dictionary)).to_numpy().astype(np.int64)
        return found, len(encoded.dictionary) + (1 if encoded.indices.null_count else 0)
    if vec.categories is not None:
        found, size = vec.data.astype(np.int64), len(vec.categories)
    else:
        found, size = _integer_codes(vec.data, n)
    if vec.mask is None:
        return found, max(size, 1)
    return np.where(vec.mask, np.int64(size), found), size + 1


def _integer_codes(data: np.ndarray, n: int) -> tuple[np.ndarray, int]:
    if not data.size:
        return data.astype(np.int64), 1
    if data.dtype == bool:
        return data.astype(np.int64), 2
    least, size = int(data.min()), int(data.max()) - int(data.min()) + 1
    if is_dense(size, n):
        return _minus(data, least), size
    found, uniques = pd.factorize(data)
    return found.astype(np.int64, copy=False), len(uniques)


def _minus(data: np.ndarray, least: int) -> np.ndarray:
    if data.dtype == np.uint64:
        return (data - np.uint64(least)).astype(np.int64)
    return data.astype(np.int64, copy=False) - np.int64(least)


def compact(found: np.ndarray, size: int) -> tuple[np.ndarray, int]:
    """The codes that occur, renumbered without gaps."""
    if not is_dense(size, len(found)):
        found, uniques = pd.factorize(found)
        return found.astype(np.int64, copy=False), len(uniques)
    is_used = np.zeros(size, bool)
    is_used[found] = True
    n_used = int(np.count_nonzero(is_used))
    if n_used == size:
        return found, size
    number = np.cumsum(is_used) - 1
    return number[found], n_used


def first_rows(found: np.ndarray, n_groups: int) -> np.ndarray:
    """The first row of each group."""
    rows = np.empty(n_groups, np.int64)
    rows[found[::-1]] = np.arange(len(found) - 1, -1, -1, dtype=np.int64)
    return rows


def runs(found: np.ndarray, n_groups: int) -> tuple[np.ndarray, np.ndarray]:
    """The rows group by group, each in its order, and where the groups start."""
    small = n_groups <= SMALL
    rows = np.argsort(found.astype(np.uint16) if small else found, kind='stable')
    counts = np.bincount(found, minlength=n_groups)
    return rows, np.cumsum(counts) - counts


# ---- joins -----------------------------------------------------------------------------------

class _Integers:
    """Codes of one side's integers, looked up for the other's."""

    def __init__(self, data: np.ndarray):
        self.index = None
        if not data.size:
            self.least, self.size = 0, 0
        elif data.dtype == bool:
            self.least, self.size = 0, 2
        else:
            self.least = int(data.min())
            self.size = int(data.max()) - self.least + 1
            if not is_dense(self.size, len(data)):
                self.index = pd.Index(pd.unique(data))
                self.size = len(self.index)

    def find(self, data: np.ndarray) -> np.ndarray:
        """−1: not there."""
        if self.size == 0:
            return np.full(len(data), -1, np.int64)
        if self.index is not None:
            return self.index.get_indexer(data).astype(np.int64, copy=False)
        if data.dtype == bool:
            return data.astype(np.int64)
        inside = (data >= self.least) & (data <= self.least + self.size - 1)
        if inside.all():
            return _minus(data, self.least)
        return np.where(inside, _minus(np.where(inside, data, data.dtype.type(self.least)),
                                       self.least), np.int64(-1))


class _Texts:
    def __init__(self, values):
        self.values = values.unique().drop_null()
        self.size = len(self.values)

    def find(self, values) -> np.ndarray:
        found = pc.index_in(values, value_set=self.values).fill_null(-1)
        return found.to_numpy().astype(np.int64)


class _Column:
    """One key: codes of its values; NULL has one where it is equal to NULL, else −1."""

    def __init__(self, vec: Vec, type: Type, null_safe: bool, kernels):
        self.type, self.null_safe, self.kernels = type, null_safe, kernels
        vec = comparable(vec, type, kernels)
        self.is_integer = vec.is_numpy
        if self.is_integer:
            data = vec.data if vec.mask is None else vec.data[~vec.mask]
            self.codes = _Integers(data)
        else:
            self.codes = _Texts(vec.plain().data)
        self.size = self.codes.size + (1 if null_safe else 0)

    def find(self, vec: Vec) -> np.ndarray:
        vec = comparable(vec, self.type, self.kernels)
        found = self._find(vec)
        nulls = vec.nulls()
        if nulls is not None:
            found = np.where(nulls, np.int64(self.codes.size if self.null_safe else -1), found)
        return found

    def _find(self, vec: Vec) -> np.ndarray:
        if self.is_integer and vec.is_numpy:
            return self.codes.find(vec.data)
        if vec.categories is not None:
            if not len(vec.categories):
                return np.full(len(vec), -1, np.int64)
            return self.codes.find(vec.categories)[vec.data]
        if self.is_integer != vec.is_numpy:
            raise TypeError('sides of a join in different forms')
        return self.codes.find(vec.data)


def alike(left: Vec, right: Vec, type: Type, kernels) -> tuple[Vec, Vec]:
    """Both sides in one form, where one has numbers beyond 64 bits."""
    if type.kind in ('decimal', 'int128') and left.is_numpy != right.is_numpy:
        return tuple(Vec(sort_key(Vec(to_arrow(one, type)), type, kernels))
                     for one in (left, right))
    return left, right


class Table:
    """The rows of one side by key."""

    def __init__(self, vecs: list[Vec], types: list[Type], null_safe: list[bool], n: int, kernels):
        self.n = n
        self.columns = [_Column(v, t, safe, kernels)
                        for v, t, safe in zip(vecs, types, null_safe)]
        self.steps: list = []  # where codes of several columns had to be hashed in between
        self.final = None
        found, size = self._combine(vecs, is_build=True)
        if not is_dense(size, n):
            self.final = _Integers(found[found >= 0])
            found, size = self._lookup(self.final, found), self.final.size
        self.size = size
        self._fill(found)

    def _combine(self, vecs: list[Vec], is_build: bool) -> tuple[np.ndarray, int]:
        found, size = self.columns[0].find(vecs[0]), self.columns[0].size
        for i, (column, vec) in enumerate(zip(self.columns[1:], vecs[1:])):
            if size * max(column.size, 1) >= 1 << 62:
                if is_build:
                    self.steps.append((i, _Integers(found[found >= 0])))
                step = next(one for at, one in self.steps if at == i)
                found, size = self._lookup(step, found), step.size
            one = column.find(vec)
            absent = (found < 0) | (one < 0)
            found = found * np.int64(max(column.size, 1)) + one
            found[absent] = -1
            size *= max(column.size, 1)
        return found, size

    @staticmethod
    def _lookup(codes: _Integers, found: np.ndarray) -> np.ndarray:
        absent = found < 0
        if not absent.any():
            return codes.find(found)
        return np.where(absent, np.int64(-1), codes.find(np.where(absent, np.int64(codes.least),
                                                                  found)))

    def _fill(self, found: np.ndarray) -> None:
        rows = np.flatnonzero(found >= 0)
        found = found if len(rows) == len(found) else found[rows]
        self.counts = np.bincount(found, minlength=max(self.size, 1))
        self.is_unique = not len(found) or int(self.counts.max()) <= 1
        if self.is_unique:
            self.row = np.full(max(self.size, 1), -1, np.int64)
            self.row[found] = rows
        else:
            self.rows = rows[np.argsort(found, kind='stable')]
            self.starts = np.cumsum(self.counts) - self.counts

    def find(self, vecs: list[Vec]) -> np.ndarray:
        """A code for each row of the other side; −1: no row here has its key."""
        found, _ = self._combine(vecs, is_build=False)
        return found if self.final is None else self._lookup(self.final, found)

    def contains(self, found: np.ndarray) -> np.ndarray:
        return (found >= 0) & (self.counts[found] > 0)

    def n_matches(self, found: np.ndarray) -> np.ndarray:
        return np.where(found >= 0, self.counts[found], 0)

    def pairs(self, found: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(row there, row here) of every match, by row there."""
        if self.is_unique:
            here = np.where(found >= 0, self.row[found], np.int64(-1))
            there = np.flatnonzero(here >= 0)
            return there, (here if len(there) == len(here) else here[there])
        counts = self.n_matches(found)
        there = np.repeat(np.arange(len(found), dtype=np.int64), counts)
        before = np.cumsum(counts) - counts
        start = np.where(found >= 0, self.starts[found], 0)
        within = np.arange(len(there), dtype=np.int64) + np.repeat(start - before, counts)
        return there, self.rows[within]


# ---- order -----------------------------------------------------------------------------------

def ranks(vec: Vec, type: Type, kernels) -> Vec:
    """Integers in the order of the values."""
    vec = comparable(vec, type, kernels)
    if vec.is_numpy:
        if vec.data.dtype == np.uint64:
            return Vec((vec.data ^ np.uint64(1 << 63)).view(np.int64), vec.mask)
        return Vec(vec.data.astype(np.int64), vec.mask)
    if vec.categories is not None:
        place = np.empty(len(vec.categories), np.int64)
        place[pc.sort_indices(vec.categories).to_numpy()] = np.arange(len(vec.categories))
        return Vec(place[vec.data] if len(place) else vec.data.astype(np.int64), vec.mask)
    found = pc.rank(vec.data, tiebreaker='dense').to_numpy().astype(np.int64)
    return Vec(found, vec.nulls())


def order_keys(vecs: list[Vec], types: list[Type], keys, kernels) -> list[np.ndarray]:
    """Arrays to sort by, the first counts most. keys: with desc and nulls_first."""
    arrays = []
    for vec, type, key in zip(vecs, types, keys):
        rank = ranks(vec, type, kernels)
        data = ~rank.data if key.desc else rank.data
        if rank.mask is not None:
            arrays.append(~rank.mask if key.nulls_first else rank.mask)
            data = np.where(rank.mask, np.int64(0), data)
        arrays.append(data)
    return arrays


def order(arrays: list[np.ndarray], n: int) -> np.ndarray:
    """Positions of the rows, sorted; ties stay as they are."""
    if not arrays:
        return np.arange(n, dtype=np.int64)
    if len(arrays) == 1:
        return np.argsort(arrays[0], kind='stable')
    return np.lexsort(arrays[::-1])


def least(arrays: list[np.ndarray], n: int, k: int) -> np.ndarray:
    """The first k positions of `order`."""
    if not arrays or k >= n // 4 or n < 1000 or k <= 0 or arrays[0].dtype == bool:
        return order(arrays, n)[:max(k, 0)]
    bound = np.partition(arrays[0], k - 1)[k - 1]
    rows = np.flatnonzero(arrays[0] <= bound)
    return rows[order([one[rows] for one in arrays], len(rows))][:k]


def changes(arrays: list[np.ndarray], rows: np.ndarray) -> np.ndarray:
    """In the order of `rows`: does a row differ from the one before? The first does."""
    found = np.zeros(len(rows), bool)
    if len(rows):
        found[0] = True
    for one in arrays:
        sorted_ = one[rows]
        found[1:] |= sorted_[1:] != sorted_[:-1]
    return found


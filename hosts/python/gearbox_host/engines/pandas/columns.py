"""How a column lies in a frame, and the way to Arrow and back.

A frame is a pandas DataFrame of columns "c<id>" under a RangeIndex: the order of its rows is their
position, and a frame of no columns still has rows. A column's array is one of

    type                              no NULL             with NULL             else
    bool, int8 … uint64               numpy               masked (Int64 …)
    float32, float64 (NaN: a value)   numpy               masked (Float64)
    decimal, int128                   numpy int64         masked Int64          Arrow, when a value
      (the unscaled number)                                                     is beyond int64
    date, time, timestamp             numpy int32/int64   masked                (their number)
    utf8                              Categorical when it comes as a dictionary, else Arrow
    all others                        Arrow

so arithmetic, comparison, grouping, joining and sorting of most types are those of integers: exact
and fast. Arrow arrays are in one chunk, texts with 64-bit offsets.

A `Vec` is the same with its parts in the open: what expressions work on. A constant is a Vec of one
row, which numpy stretches by itself.
"""
from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ...plan.types import Type

NUMPY = {'bool': np.dtype(bool), 'date': np.dtype(np.int32), 'time': np.dtype(np.int64),
         'timestamp': np.dtype(np.int64), 'decimal': np.dtype(np.int64),
         'int128': np.dtype(np.int64), 'float32': np.dtype(np.float32),
         'float64': np.dtype(np.float64)}
NUMPY.update({f'{u}int{n}': np.dtype(f'{u}int{n}') for u in ('', 'u') for n in (8, 16, 32, 64)})
WIDE = ('decimal', 'int128')  # 16 bytes in Arrow, 8 here
TEXT = ('utf8',)

_LARGE = {pa.string(): pa.large_string(), pa.binary(): pa.large_binary(),
          pa.string_view(): pa.large_string(), pa.binary_view(): pa.large_binary()}


class Fallback(Exception):
    """What was asked for has no exact answer in numpy's words: the kernel decides."""


def is_fixed(type: Type) -> bool:
    return type.kind in NUMPY


class Vec:
    """data: numpy array, or Arrow array; mask: numpy, True where NULL (None: nowhere); categories:
    an Arrow array of distinct texts when data are indexes into it."""
    __slots__ = ('data', 'mask', 'categories')

    def __init__(self, data, mask=None, categories=None):
        if mask is not None and len(mask) != len(data):
            data, mask = np.broadcast_arrays(data, mask)
        self.data, self.mask, self.categories = data, mask, categories

    def __len__(self) -> int:
        return len(self.data)

    @property
    def is_numpy(self) -> bool:
        return self.categories is None and isinstance(self.data, np.ndarray)

    @property
    def is_arrow(self) -> bool:
        return not isinstance(self.data, np.ndarray)

    def nulls(self):
        """A mask of NULLs, None when there are none."""
        if self.is_arrow:
            return bitmap(pc.is_null(self.data)) if self.data.null_count else None
        return self.mask

    def take(self, rows) -> 'Vec':
        if self.is_arrow:
            return Vec(self.data.take(pa.array(rows)))
        return Vec(self.data[rows], None if self.mask is None else self.mask[rows],
                   self.categories)

    def plain(self) -> 'Vec':
        """Texts without a dictionary."""
        if self.categories is None:
            return self
        return Vec(self.categories.take(pa.array(self.data, mask=self.mask)))


def bitmap(array) -> np.ndarray:
    """An Arrow array of booleans without NULL as numpy's."""
    return one_chunk(array).to_numpy(zero_copy_only=False)


def one_chunk(array):
    if not isinstance(array, pa.ChunkedArray):
        return array
    if array.num_chunks == 1:
        return array.chunk(0)
    return pa.concat_arrays(array.chunks) if array.num_chunks else pa.array([], array.type)


def nulls_of(n: int, type: Type) -> Vec:
    if is_fixed(type):
        return Vec(np.zeros(n, NUMPY[type.kind]), np.ones(n, bool))
    return Vec(pa.nulls(n, frame_type(type)))


def frame_type(type: Type) -> pa.DataType:
    """Arrow's type inside a frame."""
    return _LARGE.get(type.arrow, type.arrow)


# ---- Arrow → Vec -----------------------------------------------------------------------------

def from_arrow(array, type: Type) -> Vec:
    if pa.types.is_dictionary(array.type) and type.kind in TEXT:
        return _from_dictionary(array)
    if is_fixed(type):
        return _from_fixed(array, type)
    wanted = frame_type(type)
    array = one_chunk(array)
    return Vec(array if array.type == wanted else recast(array, wanted))


def recast(array, wanted: pa.DataType):
    """A cast between layouts of the same values; Arrow has none for a few of them."""
    try:
        return array.cast(wanted)
    except pa.ArrowNotImplementedError:
        return pa.array(array.to_pylist(), wanted)


def _from_dictionary(array) -> Vec:
    if isinstance(array, pa.ChunkedArray):
        array = one_chunk(array.unify_dictionaries())
    categories = array.dictionary
    if categories.type != pa.large_string():
        categories = categories.cast(pa.large_string())
    indexes = array.indices
    if len(categories.unique()) != len(categories) or categories.null_count:
        plain = categories.take(indexes.cast(pa.int64())).dictionary_encode()
        categories, indexes = plain.dictionary, plain.indices
    data, mask = _numbers(indexes.cast(pa.int32()), np.dtype(np.int32))
    return Vec(data, mask, categories)


def _from_fixed(array, type: Type) -> Vec:
    if array.type != type.arrow:
        array = array.cast(type.arrow)
    chunks = array.chunks if isinstance(array, pa.ChunkedArray) else [array]
    if type.kind in WIDE:
        parts = [_unscaled(chunk) for chunk in chunks]
        if any(part is None for part in parts):
            return Vec(one_chunk(array))
    else:
        parts = [_numbers(chunk, NUMPY[type.kind]) for chunk in chunks]
    return _join_parts(parts, NUMPY[type.kind])


def _join_parts(parts, dtype) -> Vec:
    if len(parts) == 1:
        return Vec(*parts[0])
    if not parts:
        return Vec(np.empty(0, dtype))
    mask = None
    if any(mask is not None for _, mask in parts):
        mask = np.concatenate([np.zeros(len(data), bool) if mask is None else mask
                               for data, mask in parts])
    return Vec(np.concatenate([data for data, _ in parts]), mask)


def _mask(array):
    return bitmap(array.is_null()) if array.null_count else None


def _numbers(array, dtype: np.dtype):
    mask = _mask(array)
    if dtype == bool:
        data = (array.fill_null(False) if mask is not None else array)
        return data.to_numpy(zero_copy_only=False), mask
    buffer = array.buffers()[1]
    if buffer is None or not len(array):
        return np.zeros(len(array), dtype), mask
    data = np.frombuffer(buffer, dtype, len(array), array.offset * dtype.itemsize)
    if mask is not None:
        data = data.copy()
        data[mask] = 0  # what lies below a NULL is anything
    return data, mask


def _unscaled(array):
    """128-bit numbers as 64-bit ones; None when one does not fit."""
    mask = _mask(array)
    buffer = array.buffers()[1]
    if buffer is None or not len(array):
        return np.zeros(len(array), np.int64), mask
    halves = np.frombuffer(buffer, np.int64, 2 * len(array), array.offset * 16)
    low, high = halves[::2].copy(), halves[1::2]
    if mask is not None:
        low[mask] = 0
        high = np.where(mask, 0, high)
    return (low, mask) if np.array_equal(high, low >> 63) else None


# ---- Vec → Arrow -----------------------------------------------------------------------------

def to_arrow(vec: Vec, type: Type, n: int | None = None) -> pa.Array:
    """In the type's own Arrow form; n: rows that a constant is stretched to."""
    if n is not None and len(vec) != n:
        vec = stretch(vec, n)
    if vec.categories is not None:
        return vec.categories.take(pa.array(vec.data, mask=vec.mask)).cast(type.arrow)
    if vec.is_arrow:
        return vec.data if vec.data.type == type.arrow else recast(vec.data, type.arrow)
    if type.kind in WIDE:
        return _from_unscaled(vec, type.arrow)
    if type.kind == 'bool':
        return pa.array(vec.data, mask=vec.mask)
    data = np.ascontiguousarray(vec.data, NUMPY[type.kind])
    return pa.Array.from_buffers(type.arrow, len(data), [_validity(vec.mask), pa.py_buffer(data)])


def _validity(mask):
    if mask is None or not mask.any():
        return None
    return pa.py_buffer(np.packbits(~mask, bitorder='little'))


def _from_unscaled(vec: Vec, type: pa.DataType) -> pa.Array:
    halves = np.empty((len(vec), 2), np.int64)
    halves[:, 0] = vec.data
    halves[:, 1] = vec.data >> 63
    return pa.Array.from_buffers(type, len(vec), [_validity(vec.mask), pa.py_buffer(halves)])


def from_ints(values: list, type: Type) -> Vec:
    """Python's integers (None: NULL), of any size, as unscaled numbers."""
    if all(v is None or -(1 << 63) <= v < 1 << 63 for v in values):
        mask = np.array([v is None for v in values], bool)
        data = np.array([v or 0 for v in values], np.int64)
        return Vec(data, mask if mask.any() else None)
    raw = b''.join((v or 0).to_bytes(16, 'little', signed=True) for v in values)
    mask = np.array([v is None for v in values], bool)
    return Vec(pa.Array.from_buffers(type.arrow, len(values), [_validity(mask), pa.py_buffer(raw)]))


# ---- Vec ↔ a frame's column ------------------------------------------------------------------

_MASKED = {'b': pd.arrays.BooleanArray, 'i': pd.arrays.IntegerArray, 'u': pd.arrays.IntegerArray,
           'f': pd.arrays.FloatingArray}


def array_of(vec: Vec):
    """The array for a DataFrame."""
    if vec.categories is not None:
        codes = vec.data if vec.mask is None else np.where(vec.mask, np.int32(-1), vec.data)
        return pd.Categorical.from_codes(codes, dtype=_dtype_of(vec.categories), validate=False)
    if vec.is_arrow:
        return pd.arrays.ArrowExtensionArray(pa.chunked_array([vec.data]))
    if vec.mask is None or not vec.mask.any():
        return vec.data
    return _MASKED[vec.data.dtype.kind](vec.data, vec.mask)


def _dtype_of(categories) -> pd.CategoricalDtype:
    array = pd.arrays.ArrowExtensionArray(pa.chunked_array([categories]))
    return pd.CategoricalDtype(pd.Index(array))


def vec_of(array) -> Vec:
    """The parts of a DataFrame's array."""
    if isinstance(array, np.ndarray):
        return Vec(array)
    if isinstance(array, pd.arrays.NumpyExtensionArray):
        return Vec(array.to_numpy())
    if isinstance(array, pd.Categorical):
        codes = array.codes.astype(np.int32, copy=False)
        mask = codes < 0
        categories = one_chunk(array.categories.array.__arrow_array__())
        if not mask.any():
            return Vec(codes, None, categories)
        return Vec(np.where(mask, np.int32(0), codes), mask, categories)
    if isinstance(array, pd.arrays.ArrowExtensionArray):
        return Vec(one_chunk(array.__arrow_array__()))
    return Vec(array._data, array._mask if array._mask.any() else None)


def name(column_id: int) -> str:
    return f'c{column_id}'


def frame_of(arrays: dict, n: int) -> pd.DataFrame:
    return pd.DataFrame(arrays, index=pd.RangeIndex(n), copy=False)


def column(frame: pd.DataFrame, label: str) -> Vec:
    return vec_of(frame[label].array if not isinstance(frame[label].dtype, np.dtype)
                  else frame[label].to_numpy())


def stretch(vec: Vec, n: int) -> Vec:
    """A constant in n rows."""
    if len(vec) == n:
        return vec
    return vec.take(np.zeros(n, np.int64))


def take(frame: pd.DataFrame, rows: np.ndarray, labels=None) -> pd.DataFrame:
    """The rows at these positions, as a frame of its own."""
    labels = frame.columns if labels is None else labels
    return frame_of({c: array_of(column(frame, c).take(rows)) for c in labels}, len(rows))


def take_or_null(frame: pd.DataFrame, rows: np.ndarray, labels=None) -> pd.DataFrame:
    """As take; −1 is a row of NULLs."""
    labels = frame.columns if labels is None else labels
    absent = rows < 0
    if not absent.any():
        return take(frame, rows, labels)
    return frame_of({c: array_of(_take_or_null(column(frame, c), rows, absent)) for c in labels},
                    len(rows))


def _take_or_null(vec: Vec, rows, absent) -> Vec:
    if vec.is_arrow:
        return Vec(vec.data.take(pa.array(rows, mask=absent)))
    if not len(vec):
        return Vec(np.zeros(len(rows), vec.data.dtype), absent, vec.categories)
    safe = np.where(absent, 0, rows)
    data, mask = vec.data[safe], absent if vec.mask is None else vec.mask[safe] | absent
    return Vec(np.where(absent, data.dtype.type(0), data), mask, vec.categories)


def slice_rows(frame: pd.DataFrame, start: int, stop: int) -> pd.DataFrame:
    part = frame.iloc[start:stop]
    part.index = pd.RangeIndex(len(part))
    return part


def concat_vecs(vecs: list[Vec], type: Type) -> Vec:
    if len(vecs) == 1:
        return vecs[0]
    if all(v.categories is not None for v in vecs):
        return _concat_categories(vecs)
    if all(v.is_numpy for v in vecs):
        return _join_parts([(v.data, v.mask) for v in vecs], NUMPY[type.kind])
    parts = [to_arrow(v, type) if v.is_numpy else v.plain().data for v in vecs]
    return Vec(pa.concat_arrays(parts))


def _concat_categories(vecs: list[Vec]) -> Vec:
    first = vecs[0].categories
    if all(v.categories is first or v.categories.equals(first) for v in vecs):
        joined = _join_parts([(v.data, v.mask) for v in vecs], np.int32)
        return Vec(joined.data, joined.mask, first)
    chunks = [pa.DictionaryArray.from_arrays(pa.array(v.data, mask=v.mask), v.categories)
              for v in vecs]
    return _from_dictionary(pa.chunked_array(chunks))


def concat(frames: list[pd.DataFrame], types: dict[str, Type]) -> pd.DataFrame:
    """One below the other. types: of every column that the frames have."""
    if len(frames) == 1:
        return frames[0]
    n = sum(len(frame) for frame in frames)
    kept = [frame for frame in frames if len(frame)] or frames[:1]
    if len(kept) == 1:
        return kept[0]
    return frame_of({c: array_of(concat_vecs([column(f, c) for f in kept], types[c]))
                     for c in kept[0].columns}, n)

"""How Polars holds the contract's types.

Most are its own. The others are carried, and only moved: their values lie in another type, and what
needs to look at them is a kernel's business.

    int128                            Decimal(38, 0)
    timestamp(s), time                Int64 (a time of 24:00:00 is none of Polars')
    uuid, uint128, bit, timetz, …     Binary: Arrow's storage
    interval                          Binary: 16 bytes of Arrow's months, days, nanoseconds
    json                              String
    map                               List of Struct(key, value)
"""
from __future__ import annotations

import functools

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from ... import arrow
from ...errors import unsupported
from ...plan.types import Type, field_names

_PLAIN = {
    'null': pl.Null, 'bool': pl.Boolean, 'int8': pl.Int8, 'int16': pl.Int16, 'int32': pl.Int32,
    'int64': pl.Int64, 'uint8': pl.UInt8, 'uint16': pl.UInt16, 'uint32': pl.UInt32,
    'uint64': pl.UInt64, 'float32': pl.Float32, 'float64': pl.Float64, 'utf8': pl.String,
    'binary': pl.Binary, 'date': pl.Date, 'json': pl.String, 'time': pl.Int64,
}
_CARRIED = ('uuid', 'uint128', 'bit', 'bignum', 'timetz', 'geometry', 'interval')

# Their order and equality in Polars are the contract's.
SIMPLE = frozenset({'bool', 'int8', 'int16', 'int32', 'int64', 'int128', 'uint8', 'uint16',
                    'uint32', 'uint64', 'float32', 'float64', 'decimal', 'utf8', 'binary', 'date',
                    'time', 'timestamp', 'enum', 'uuid', 'json', 'null'})
_NOT_INSIDE = frozenset({'enum', 'interval', 'map', 'time', 'union', 'variant'})


@functools.lru_cache(maxsize=4096)
def dtype(t: Type) -> pl.DataType:
    """HostError when there is no way to hold it."""
    if t.kind in _PLAIN:
        return _PLAIN[t.kind]()
    if t.kind in _CARRIED:
        return pl.Binary()
    if t.kind == 'int128':
        return pl.Decimal(38, 0)
    if t.kind == 'decimal':
        return pl.Decimal(t.precision, t.scale)
    if t.kind == 'timestamp':
        return pl.Int64() if t.unit == 's' else pl.Datetime(t.unit, 'UTC' if t.zone else None)
    if t.kind == 'enum':
        return pl.Enum(t.values)
    if t.kind in ('list', 'array', 'struct', 'map'):
        return _nested(t)
    raise unsupported(f'a column of type {t} on Polars')


def _nested(t: Type) -> pl.DataType:
    inside = frozenset().union(*(field.type.kinds for field in t.fields))
    has_seconds = any(_has_seconds(field.type) for field in t.fields)
    if inside & _NOT_INSIDE or has_seconds or not t.fields or 'null' in inside or t.size == 0 \
            and t.kind == 'array':
        raise unsupported(f'a column of type {t} on Polars')
    if t.kind == 'list':
        return pl.List(dtype(t.item))
    if t.kind == 'array':
        return pl.Array(dtype(t.item), t.size)
    if t.kind == 'struct':
        return pl.Struct([pl.Field(name, dtype(f.type))
                          for name, f in zip(field_names(t), t.fields)])
    key, value = (dtype(field.type) for field in t.fields)
    return pl.List(pl.Struct([pl.Field('key', key), pl.Field('value', value)]))


def _has_seconds(t: Type) -> bool:
    return t.kind == 'timestamp' and t.unit == 's' or any(_has_seconds(f.type) for f in t.fields)


# ---- Arrow → Polars --------------------------------------------------------------------------

def series(array, t: Type, name: str = '') -> pl.Series:
    """Of an Array or ChunkedArray in any Arrow form of the type."""
    want = dtype(t)
    array = seconds(array, t)
    if t.kind in _TO_CARRIED:
        array = _each(_TO_CARRIED[t.kind], array)
    if len(array) == 0:
        return pl.Series(name, [], want)
    found = pl.from_arrow(array, rechunk=False)
    found = found if found.dtype == want else found.cast(want)
    return found.alias(name)


def _each(convert, array):
    if isinstance(array, pa.ChunkedArray):
        if array.num_chunks == 0:
            return convert(array.combine_chunks())
        return pa.chunked_array([convert(chunk) for chunk in array.chunks])
    return convert(array)


def _interval_bytes(array: pa.Array) -> pa.Array:
    return pa.Array.from_buffers(pa.binary(16), len(array), array.buffers(), array.null_count,
                                 array.offset).cast(pa.binary())


def _entries(array: pa.Array) -> pa.Array:
    """A map as a list of its entries."""
    start, stop = array.offsets[0].as_py(), array.offsets[-1].as_py()
    keys, items = array.keys.slice(start, stop - start), array.items.slice(start, stop - start)
    both = pa.StructArray.from_arrays([keys, items], names=['key', 'value'])
    mask = pc.is_null(array) if array.null_count else None
    return pa.ListArray.from_arrays(pc.subtract(array.offsets, start), both, mask=mask)


_TO_CARRIED = {
    'interval': _interval_bytes,
    'map': _entries,
    'enum': lambda array: array.cast(pa.string()) if pa.types.is_dictionary(array.type) else array,
    'int128': lambda array: array.cast(pa.decimal128(38, 0)),
}
for _kind in ('uuid', 'uint128', 'timetz'):
    _TO_CARRIED[_kind] = lambda array: array.cast(pa.binary())


def seconds(array, t: Type):
    """timestamp(s) and time as the integers that they are."""
    if t.kind == 'time' or t.kind == 'timestamp' and t.unit == 's':
        return _each(lambda one: one if one.type == pa.int64() else
                     one.cast(t.arrow).view(pa.int64()), array)
    return array


def frame(columns: dict[str, tuple], n_rows: int) -> pl.DataFrame:
    """{name: (array, type)}; never without a column, so that the rows keep their number."""
    if not columns:
        return pl.DataFrame({NO_COLUMN: pl.repeat(0, n_rows, eager=True, dtype=pl.Int8)})
    return pl.DataFrame([series(array, t, name) for name, (array, t) in columns.items()])


NO_COLUMN = '_'

# ---- Polars → Arrow --------------------------------------------------------------------------


def to_arrow(one: pl.Series, t: Type, newest: bool = False):
    """In a form that `arrow.exactly` and the kernels take for the type."""
    if t.kind == 'null':
        return pa.nulls(len(one))
    if t.kind == 'timestamp' and t.unit == 's':
        return one.to_arrow().view(pa.timestamp('s', 'UTC' if t.zone else None))
    if t.kind == 'time':
        return one.to_arrow().view(t.arrow)
    array = one.to_arrow(compat_level=pl.CompatLevel.newest() if newest else None)
    if t.kind == 'interval':
        fixed = array.cast(pa.binary(16))
        return pa.Array.from_buffers(t.arrow, len(fixed), fixed.buffers(), fixed.null_count,
                                     fixed.offset)
    return array


def table(frame_: pl.DataFrame, types: dict[str, Type]) -> pa.Table:
    """The named columns as a table for the kernels."""
    names = [name for name in types if name in frame_.columns]
    arrays = [to_arrow(frame_.get_column(name), types[name], newest=True) for name in names]
    if not names:
        return pa.table({NO_COLUMN: pa.nulls(frame_.height)})
    return pa.Table.from_arrays(arrays, names=names)


def result(frame_: pl.DataFrame, names: list[str], types: list[Type],
           schema: pa.Schema) -> pa.RecordBatch:
    """Exactly the columns that were asked for."""
    if not names:
        return pa.RecordBatch.from_struct_array(
            pa.array([{}] * frame_.height, pa.struct([])))
    arrays = [arrow.exactly(to_arrow(frame_.get_column(name), t), t)
              for name, t in zip(names, types)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)

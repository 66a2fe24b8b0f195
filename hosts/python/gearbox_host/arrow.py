"""Arrow arrays → the Arrow form that the contract states for a type.

    exactly(array, type)    of type.arrow: what leaves the host
    loosely(array, type)    the same values in any form that DuckDB reads as that type: texts may
                            stay large or views, so nothing is copied for them

No value changes: what does not fit is an error.
"""
from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from .errors import HostError
from .plan.types import Type, enum_index

_TEXTS = (pa.string(), pa.large_string(), pa.string_view())
_BYTES = (pa.binary(), pa.large_binary(), pa.binary_view())


def loosely(array, t: Type):
    have, want = array.type, t.arrow
    if have == want:
        return array
    if want == pa.string() and have in _TEXTS or want == pa.binary() and have in _BYTES:
        return array
    return exactly(array, t)


def exactly(array, t: Type):
    """An Array or a ChunkedArray → the same of type.arrow."""
    if array.type == t.arrow:
        # Field names of nested types do not count for equality, so they are set here.
        return array if not t.is_nested or str(array.type) == str(t.arrow) else _chunks(array, t)
    return _chunks(array, t)


def _chunks(array, t: Type):
    if isinstance(array, pa.ChunkedArray):
        return pa.chunked_array([_array(chunk, t) for chunk in array.chunks], t.arrow)
    return _array(array, t)


def _array(array: pa.Array, t: Type) -> pa.Array:
    try:
        return _convert(array, t)
    except (pa.ArrowException, ValueError) as error:
        raise HostError('engine', f'a column of {array.type} is no {t}') from error


def _convert(array: pa.Array, t: Type) -> pa.Array:
    want = t.arrow
    if array.type == want and not t.is_nested:
        return array
    if pa.types.is_null(array.type):
        return pa.nulls(len(array), want)
    if t.kind == 'enum':
        return _enum(array, t)
    if pa.types.is_dictionary(array.type):
        return _convert(array.dictionary_decode(), t)
    if t.kind in ('list', 'array', 'map', 'struct', 'union'):
        return _NESTED[t.kind](array, t)
    if t.kind == 'timestamp' and pa.types.is_timestamp(array.type) and array.type.unit == t.unit:
        return array.view(pa.int64()).view(want)
    return array.cast(want)


def _enum(array: pa.Array, t: Type) -> pa.Array:
    """Codes are those of the type, whatever dictionary the array came with."""
    values = pa.array(t.values, pa.string())
    if pa.types.is_dictionary(array.type):
        own = array.dictionary.cast(pa.string())
        places = pc.index_in(own, values).cast(enum_index(t))
        if own.equals(values) and array.type.index_type == enum_index(t):
            return array if array.type == t.arrow else pa.DictionaryArray.from_arrays(
                array.indices, values)
        codes = places.take(array.indices)
        is_lost = codes.null_count > array.indices.null_count
    else:
        codes = pc.index_in(array.cast(pa.string()), values, skip_nulls=True).cast(enum_index(t))
        is_lost = codes.null_count > array.null_count
    if is_lost:
        raise HostError('engine', 'a text that is none of its enum')
    return pa.DictionaryArray.from_arrays(codes, values)


def _rebuild(array: pa.Array, want: pa.DataType, buffers: list, children: list) -> pa.Array:
    return pa.Array.from_buffers(want, len(array), buffers, array.null_count, 0, children)


def _validity(array: pa.Array):
    """As a buffer without an offset."""
    if array.null_count == 0:
        return None
    return pc.is_valid(array).buffers()[1] if array.offset == 0 else \
        pa.concat_arrays([pc.is_valid(array)]).buffers()[1]


def _list(array: pa.Array, t: Type) -> pa.Array:
    if pa.types.is_fixed_size_list(array.type):
        array = array.cast(pa.list_(array.type.value_field))
    elif not pa.types.is_list(array.type):
        array = array.cast(pa.list_(array.type.value_field))
    values = _convert(array.flatten() if array.null_count or array.offset else
                      array.values.slice(array.offsets[0].as_py(),
                                         array.offsets[-1].as_py() - array.offsets[0].as_py()),
                      t.item)
    return pa.ListArray.from_arrays(_offsets(array), values, t.arrow, mask=_mask(array))


def _mask(array: pa.Array):
    return pc.is_null(array) if array.null_count else None


def _offsets(array: pa.Array) -> pa.Array:
    """Of lists without what stands between them, beginning at 0."""
    lengths = pc.fill_null(pc.list_value_length(array), 0).cast(pa.int32())
    sums = pc.cumulative_sum(lengths)
    return pa.concat_arrays([pa.array([0], pa.int32()), sums])


def _fixed(array: pa.Array, t: Type) -> pa.Array:
    if not pa.types.is_fixed_size_list(array.type):
        # NULLs of a list have no items where those of an array do.
        array = array.cast(pa.list_(array.type.value_field, t.size))
    items = array.values.slice(array.offset * t.size, len(array) * t.size)
    return pa.FixedSizeListArray.from_arrays(_convert(items, t.item), type=t.arrow,
                                             mask=_mask(array))


def _map(array: pa.Array, t: Type) -> pa.Array:
    key, value = (field.type for field in t.fields)
    if pa.types.is_map(array.type):
        start, stop = array.offsets[0].as_py(), array.offsets[-1].as_py()
        keys, items = array.keys.slice(start, stop - start), array.items.slice(start, stop - start)
        offsets = pc.subtract(array.offsets, start) if start else array.offsets
    else:  # a list of structs
        entries = array.flatten()
        keys, items = entries.field(0), entries.field(1)
        offsets = _offsets(array)
    if array.null_count:
        # from_arrays has no mask: an offset that is NULL makes its map NULL.
        valid = pa.concat_arrays([pc.is_valid(array), pa.array([True])])
        offsets = pc.if_else(valid, offsets.cast(pa.int32()), pa.scalar(None, pa.int32()))
    return pa.MapArray.from_arrays(offsets, _convert(keys, key), _convert(items, value), t.arrow)


def _struct(array: pa.Array, t: Type) -> pa.Array:
    children = [_convert(child, field.type) for child, field in zip(_fields(array), t.fields)]
    if not children:
        return array.cast(t.arrow)
    return pa.StructArray.from_arrays(children, fields=list(t.arrow), mask=_mask(array))


def _fields(array: pa.StructArray) -> list[pa.Array]:
    return [array.field(i) for i in range(array.type.num_fields)]


def _union(array: pa.Array, t: Type) -> pa.Array:
    children = [_convert(array.field(i), field.type) for i, field in enumerate(t.fields)]
    return pa.UnionArray.from_sparse(array.type_codes, children,
                                     [field.name for field in t.fields],
                                     list(range(len(t.fields))))


_NESTED = {'list': _list, 'array': _fixed, 'map': _map, 'struct': _struct, 'union': _union}


def batches(columns: list, schema: pa.Schema, types: list[Type], n_rows: int):
    """Columns of any chunking → record batches of the schema."""
    if not columns:
        yield pa.RecordBatch.from_struct_array(pa.array([{}] * n_rows, pa.struct([])))
        return
    exact = [exactly(column, t) for column, t in zip(columns, types)]
    yield from pa.Table.from_arrays(exact, schema=schema).to_batches()

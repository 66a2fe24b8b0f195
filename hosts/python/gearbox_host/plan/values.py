"""Constants: the JSON form of a value ↔ Arrow.

A value keeps the form that plan-json.md gives it until an engine asks for an Arrow array of it.
"""
from __future__ import annotations

import decimal
import math
import uuid
from typing import Any

import pyarrow as pa

from ..errors import HostError
from .types import Type, enum_index, field_names

# Whose Arrow form is DuckDB's business: the kernels make those.
OPAQUE = frozenset({'bit', 'bignum', 'variant', 'geometry', 'timetz', 'union'})
_CONTEXT = decimal.Context(prec=60)


def is_plain(t: Type) -> bool:
    """Can `to_array` make it?"""
    return not t.kinds & OPAQUE


def to_python(t: Type, value: Any) -> Any:
    """What pyarrow takes for a value of the storage type."""
    if value is None or t.kind == 'null':
        return None
    kind = t.kind
    if kind == 'bool':
        return bool(value)
    if kind == 'uint128':
        return int(value).to_bytes(16, 'little')
    if kind in ('int128', 'decimal'):
        return decimal.Decimal(value, _CONTEXT)
    if t.is_integer or kind in ('date', 'time', 'timestamp'):
        return int(value)
    if t.is_float:
        return float(value)
    if kind == 'binary':
        return bytes.fromhex(value)
    if kind == 'uuid':
        return uuid.UUID(value).bytes
    if kind == 'interval':
        months, days, micros = (int(part) for part in value)
        return pa.scalar((months, days, micros * 1000), pa.month_day_nano_interval()).as_py()
    if kind in ('list', 'array'):
        return [to_python(t.item, one) for one in value]
    if kind == 'struct':
        return {name: to_python(f.type, one)
                for name, f, one in zip(field_names(t), t.fields, value)}
    if kind == 'map':
        key, item = (f.type for f in t.fields)
        return [(to_python(key, value[i]), to_python(item, value[i + 1]))
                for i in range(0, len(value), 2)]
    return value  # utf8, json, enum


def to_array(t: Type, values: list[Any]) -> pa.Array:
    """An array of constants, of the type's storage type."""
    try:
        items = [to_python(t, value) for value in values]
        if t.kind == 'enum':
            return _enum_array(t, items)
        if t.kind in ('date', 'time', 'timestamp'):
            width = pa.int32() if t.kind == 'date' else pa.int64()
            return pa.array(items, width).cast(t.arrow)
        if t.kind == 'interval':
            return pa.array(items, pa.month_day_nano_interval())
        return pa.array(items, t.arrow)
    except (ValueError, TypeError, ArithmeticError, pa.ArrowException) as error:
        raise HostError('protocol', f'a constant is no {t}') from error


def _enum_array(t: Type, items: list) -> pa.Array:
    codes = {label: code for code, label in enumerate(t.values)}
    indices = pa.array([None if one is None else codes[one] for one in items], enum_index(t))
    return pa.DictionaryArray.from_arrays(indices, pa.array(t.values, pa.string()))


def is_nan(value: Any) -> bool:
    return value == 'NaN' or (isinstance(value, float) and math.isnan(value))

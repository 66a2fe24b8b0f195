"""Aggregates that Polars answers as the contract says: a column → an expression of a group.

Arguments and filters are columns already. What is not here goes to the kernel, with its group.
"""
from __future__ import annotations

import polars as pl
import pyarrow as pa

from ...plan.nodes import Expr
from .columns import SIMPLE, dtype
from .facts import Facts

_SUMMED = {'int8', 'int16', 'int32', 'int64', 'uint8', 'uint16', 'uint32'}
# Above these digits a sum of many rows may pass 38.
_SAFE_PRECISION = 27


def is_native(e: Expr) -> bool:
    spec, types = e.spec, [arg.type for arg in e.args]
    if spec.state or spec.order or e.fn not in _AGGS or e.arg_names:
        return False
    if e.fn == 'count_star':
        return not spec.distinct
    if len(types) != 1 or types[0].kind not in SIMPLE or types[0].kind == 'null':
        return False
    if e.fn in ('sum', 'avg'):
        return is_summed(e)
    if e.fn in ('bool_and', 'bool_or'):
        return types[0].kind == 'bool'
    if e.fn in _SPREAD:
        return types[0].kind == 'float64'
    if e.fn in ('min', 'max'):
        return types[0].kind not in ('binary', 'bool', 'uuid') and e.type == types[0]
    return True


def is_summed(e: Expr) -> bool:
    t = e.args[0].type
    if t.kind in _SUMMED:
        return e.type.kind == ('int64' if e.fn == 'sum' else 'float64')
    if t.kind == 'decimal':
        return t.precision <= _SAFE_PRECISION or e.fn == 'sum'
    return t.kind == 'float64' and e.type.kind == 'float64'


def compute(e: Expr, arg: str, where: str, facts: Facts, is_grouped: bool) -> pl.Expr:
    """`arg`, `where`: columns of the argument and the filter; '' for none."""
    if e.fn == 'count_star':
        found = pl.col(where).fill_null(False).sum() if where else pl.len()
        return found.cast(pl.Int64)
    x = pl.col(arg)
    if where:
        x = x.filter(pl.col(where).fill_null(False))
    if e.spec.distinct and e.fn != 'count':
        x = x.unique()
    has_values = is_grouped and not where and facts.is_not_null(e.args[0])
    return _AGGS[e.fn](e, x, has_values)


def _count(e: Expr, x: pl.Expr, _has_values: bool) -> pl.Expr:
    return (x.drop_nulls().n_unique() if e.spec.distinct else x.count()).cast(pl.Int64)


def _sum(e: Expr, x: pl.Expr, has_values: bool) -> pl.Expr:
    t = e.args[0].type
    if t.kind == 'int64':
        total = x.cast(pl.Int128).sum().cast(pl.Int64, strict=True)
    elif t.kind in _SUMMED:
        total = x.cast(pl.Int64).sum()  # of 2^31 rows at least
    else:
        total = x.sum()
    return total if has_values else pl.when(x.count() > 0).then(total)


def _avg(e: Expr, x: pl.Expr, _has_values: bool) -> pl.Expr:
    t = e.args[0].type
    if t.kind == 'decimal':
        return pl.when(x.count() > 0).then(x.sum().cast(pl.Float64) / x.count())
    if t.kind == 'int64':
        return pl.when(x.count() > 0).then(x.cast(pl.Int128).sum().cast(pl.Float64) / x.count())
    return x.mean()


def _max(e: Expr, x: pl.Expr, _has_values: bool) -> pl.Expr:
    return x.nan_max() if e.args[0].type.is_float else x.max()


def _min(_e: Expr, x: pl.Expr, _has_values: bool) -> pl.Expr:
    return x.min()


def _all(_e: Expr, x: pl.Expr, _has_values: bool) -> pl.Expr:
    return pl.when(x.count() > 0).then(x.drop_nulls().all())


def _any(_e: Expr, x: pl.Expr, _has_values: bool) -> pl.Expr:
    return pl.when(x.count() > 0).then(x.drop_nulls().any())


def _first(_e: Expr, x: pl.Expr, _has_values: bool) -> pl.Expr:
    return x.first()


def _last(_e: Expr, x: pl.Expr, _has_values: bool) -> pl.Expr:
    return x.last()


def _any_value(_e: Expr, x: pl.Expr, _has_values: bool) -> pl.Expr:
    return x.drop_nulls().first()


_SPREAD: set[str] = set()
_AGGS = {
    'count_star': None, 'count': _count, 'sum': _sum, 'avg': _avg, 'min': _min, 'max': _max,
    'bool_and': _all, 'bool_or': _any, 'first': _first, 'arbitrary': _first, 'last': _last,
    'any_value': _any_value,
}


def of_digits(e: Expr, arg: str, where: str, facts: Facts, is_grouped: bool) -> pl.Expr:
    """sum and avg of a decimal's stored integers."""
    x = pl.col(arg)
    if where:
        x = x.filter(pl.col(where).fill_null(False))
    scale = e.args[0].type.scale
    if e.fn == 'avg':
        total = x.sum().cast(pl.Float64) / (x.count() * 10.0 ** scale)
        return pl.when(x.count() > 0).then(total)
    total = x.sum().cast(pl.Decimal(38, 0))
    if not (is_grouped and not where and facts.is_not_null(e.args[0])):
        total = pl.when(x.count() > 0).then(total)
    return total


def point(x: pl.Expr, scale: int) -> pl.Expr:
    """Decimal(38, 0) → Decimal(38, scale) of the same digits."""

    def read(one: pl.Series) -> pl.Series:
        array = one.to_arrow()
        want = pa.decimal128(38, scale)
        return pl.from_arrow(pa.Array.from_buffers(want, len(array), array.buffers(),
                                                   array.null_count, array.offset))

    return x.map_batches(read, return_dtype=pl.Decimal(38, scale), is_elementwise=True)


def cast_to(e: Expr, x: pl.Expr) -> pl.Expr:
    """Sums of decimals come with 38 digits; the plan's type is the contract's."""
    return x.cast(dtype(e.type)) if e.type.kind == 'decimal' else x

"""Expressions that Polars answers exactly as the contract says.

`Native(facts).expr(e)` gives a Polars expression or raises NotNative; then the kernel has it. An
expression is native as a whole or not at all.

What may fail for some row (a cast that may not fit) raises for every row that it sees: so it is
native only where each row needs it, never below CASE, AND, OR or COALESCE.
"""
from __future__ import annotations

import datetime
import re

import polars as pl

from ...plan import values
from ...plan.nodes import Expr
from ...plan.types import Type
from .columns import SIMPLE, dtype
from .facts import Facts

_KNOWN_DAYS, _INFINITE_DAYS = 90_000_000, (1 << 31) - 1
_EPOCH = datetime.date(1970, 1, 1)
_COMPARE = {'=': '__eq__', '<>': '__ne__', '<': '__lt__', '<=': '__le__', '>': '__gt__',
            '>=': '__ge__'}
MOST_DIGITS = 10 ** 25  # so that a sum of any number of rows has less than 38


class NotNative(Exception):
    pass


class Native:
    def __init__(self, facts: Facts):
        self.facts = facts
        self.may_fail = False

    def expr(self, e: Expr) -> pl.Expr:
        self.may_fail = False
        return self.one(e)

    def one(self, e: Expr) -> pl.Expr:
        if e.kind == 'column':
            return pl.col(f'c{e.col}')
        if e.kind == 'const':
            return literal(e.type, e.value)
        if e.kind == 'param':
            return literal(*self.facts.param(e.name))
        if e.kind == 'cast':
            return self.cast(e)
        if e.kind == 'case':
            return self.case(e)
        if e.kind == 'call' and e.fn in _CALLS and not e.arg_names:
            return _CALLS[e.fn](self, e)
        raise NotNative(e.fn or e.kind)

    def args(self, e: Expr) -> list[pl.Expr]:
        return [self.one(arg) for arg in e.args]

    def lazily(self, args: list[Expr]) -> list[pl.Expr]:
        """Of what is evaluated for some rows only."""
        before, self.may_fail = self.may_fail, False
        found = [self.one(arg) for arg in args]
        if self.may_fail:
            raise NotNative('an operation that may fail, for some rows')
        self.may_fail = before
        return found

    # ---- logic -------------------------------------------------------------------------------

    def case(self, e: Expr) -> pl.Expr:
        parts = self.lazily(e.args)
        want = dtype(e.type)
        # A condition that is NULL is not true.
        found = pl.when(parts[0].fill_null(False)).then(parts[1].cast(want))
        for i in range(2, len(parts) - 1, 2):
            found = found.when(parts[i].fill_null(False)).then(parts[i + 1].cast(want))
        return found.otherwise(parts[-1].cast(want))

    def logic(self, e: Expr) -> pl.Expr:
        found, *rest = [part.cast(pl.Boolean) for part in self.lazily(e.args)]
        for part in rest:
            found = found & part if e.fn == 'and' else found | part
        return found

    def negate(self, e: Expr) -> pl.Expr:
        return ~self.one(e.args[0]).cast(pl.Boolean)

    def coalesce(self, e: Expr) -> pl.Expr:
        return pl.coalesce([part.cast(dtype(e.type)) for part in self.lazily(e.args)])

    def compare(self, e: Expr) -> pl.Expr:
        check_simple(e)
        a, b = self.args(e)
        if e.fn == 'is_distinct_from':
            return a.ne_missing(b)
        if e.fn == 'is_not_distinct_from':
            return a.eq_missing(b)
        return getattr(a, _COMPARE[e.fn])(b)

    def is_null(self, e: Expr) -> pl.Expr:
        found = self.one(e.args[0])
        return found.is_null() if e.fn == 'is_null' else found.is_not_null()

    def is_in(self, e: Expr) -> pl.Expr:
        check_simple(e)
        if e.args[0].type.is_float or any(arg.kind != 'const' or arg.value is None or
                                          arg.type != e.args[0].type for arg in e.args[1:]):
            raise NotNative('IN of more than constants')
        t = e.args[0].type
        if not values.is_plain(t) or \
                t.kind in ('uuid', 'interval', 'enum', 'timestamp', 'time', 'int128'):
            raise NotNative('IN of this type')
        items = pl.from_arrow(values.to_array(t, [arg.value for arg in e.args[1:]])).cast(dtype(t))
        found = self.one(e.args[0]).cast(dtype(t)).is_in(items.implode())
        return found if e.fn == 'in' else ~found

    # ---- numbers -----------------------------------------------------------------------------

    def arithmetic(self, e: Expr) -> pl.Expr:
        t = e.type
        if len(e.args) != 2:
            raise NotNative('a sign')
        if t.kind == 'decimal' and all(arg.type.kind == 'decimal' for arg in e.args):
            return self.decimal(e)
        if any(arg.type != t for arg in e.args):
            raise NotNative('arithmetic of other types')
        a, b = self.args(e)
        if t.is_float:
            return operate(e.fn, a, b)
        if t.kind in ('int8', 'int16', 'int32', 'int64', 'uint8', 'uint16', 'uint32'):
            return self.integer(e, a, b)
        raise NotNative('arithmetic of this type')

    def decimal(self, e: Expr) -> pl.Expr:
        """Exact, and Polars itself fails past 38 digits. A product would keep the larger scale
        and round: one side is widened first."""
        a, b = self.args(e)
        have = [arg.type.scale for arg in e.args]
        if e.fn == '*':
            if sum(have) != e.type.scale:
                raise NotNative('a product of another scale')
            a = a if have[0] == e.type.scale else a.cast(pl.Decimal(38, e.type.scale))
        elif set(have) != {e.type.scale}:
            raise NotNative('a sum of another scale')
        bounds = self.facts.bounds(e)
        limit = 10 ** e.type.precision
        if bounds is None or not -limit < bounds[0] <= bounds[1] < limit:
            if e.type.precision < 38:
                raise NotNative('a sum that may not fit')
            self.may_fail = True
        return operate(e.fn, a, b)

    def digits(self, e: Expr) -> pl.Expr:
        """A decimal as the integer that it is stored as, where no step can leave 128 bits: the
        same sums and products at a fraction of the price."""
        bounds = self.facts.bounds(e)
        if bounds is None or max(-bounds[0], bounds[1]) > MOST_DIGITS:
            raise NotNative('too many digits')
        if e.kind == 'column':
            return pl.col(f'c{e.col}').to_physical()
        if e.kind == 'const':
            return pl.lit(None if e.value is None else bounds[0], dtype=pl.Int128)
        if e.kind == 'cast' and e.args[0].type.kind == 'decimal' and not e.is_try and \
                e.type.scale >= e.args[0].type.scale:
            found = self.digits(e.args[0])
            factor = 10 ** (e.type.scale - e.args[0].type.scale)
            return found * pl.lit(factor, dtype=pl.Int128) if factor > 1 else found
        if e.kind == 'case' and all(one.type == e.type for one in e.args[1::2] + e.args[-1:]):
            return self.digits_of_case(e)
        if e.is_call('+', '-', '*') and len(e.args) == 2 and \
                all(arg.type.kind == 'decimal' for arg in e.args):
            have = [arg.type.scale for arg in e.args]
            if (sum(have) if e.fn == '*' else have[0]) == e.type.scale and \
                    (e.fn == '*' or have[0] == have[1]):
                return operate(e.fn, *(self.digits(arg) for arg in e.args))
        raise NotNative('not of plain decimals')

    def digits_of_case(self, e: Expr) -> pl.Expr:
        conditions = self.lazily(e.args[:-1:2])
        parts = [self.digits(one) for one in e.args[1::2]]
        found = pl.when(conditions[0].fill_null(False)).then(parts[0])
        for condition, part in zip(conditions[1:], parts[1:]):
            found = found.when(condition.fill_null(False)).then(part)
        return found.otherwise(self.digits(e.args[-1]))

    def integer(self, e: Expr, a: pl.Expr, b: pl.Expr) -> pl.Expr:
        least, most = e.type.int_range()
        bounds = self.facts.bounds(e)
        if bounds is not None and least <= bounds[0] and bounds[1] <= most:
            return operate(e.fn, a, b)
        self.may_fail = True
        wide = pl.Int128 if e.type.kind == 'int64' else pl.Int64
        return operate(e.fn, a.cast(wide), b.cast(wide)).cast(dtype(e.type), strict=True)

    def divide(self, e: Expr) -> pl.Expr:
        if not e.type.is_float or any(arg.type != e.type for arg in e.args):
            raise NotNative('a division of this type')
        a, b = self.args(e)
        return a / b

    def cast(self, e: Expr) -> pl.Expr:
        source, t = e.args[0].type, e.type
        if source == t or source.kind == 'null':
            return self.one(e.args[0]).cast(dtype(t))
        found = self.one(e.args[0])
        if is_widening(source, t):
            return found.cast(dtype(t))
        if source.is_integer and t.is_integer and not {'int128', 'uint128'} & {source.kind, t.kind}:
            if not self.facts.fits(e.args[0], t):
                if e.is_try:
                    return found.cast(dtype(t), strict=False)
                self.may_fail = True
            return found.cast(dtype(t), strict=True)
        raise NotNative('a cast of these types')

    # ---- text and time -----------------------------------------------------------------------

    def like(self, e: Expr) -> pl.Expr:
        if any(arg.type.kind != 'utf8' for arg in e.args):
            raise NotNative('LIKE of another type')
        kind, text = like_kind(constant_text(e.args[1]))
        x = self.one(e.args[0])
        found = {'exact': lambda: x == pl.lit(text), 'prefix': lambda: x.str.starts_with(text),
                 'suffix': lambda: x.str.ends_with(text), 'regex': lambda: x.str.contains(text),
                 'contains': lambda: x.str.contains(text, literal=True)}[kind]()
        return ~found if e.fn == '!~~' else found

    def part_of_text(self, e: Expr) -> pl.Expr:
        if any(arg.type.kind != 'utf8' for arg in e.args):
            raise NotNative('not a text')
        text = constant_text(e.args[1])
        x = self.one(e.args[0]).str
        if e.fn in ('prefix', 'starts_with', '^@'):
            return x.starts_with(text)
        if e.fn in ('suffix', 'ends_with'):
            return x.ends_with(text)
        return x.contains(text, literal=True)

    def substring(self, e: Expr) -> pl.Expr:
        places = [constant_int(arg) for arg in e.args[1:]]
        if e.args[0].type.kind != 'utf8' or places[0] < 1 or any(place < 0 for place in places):
            raise NotNative('a substring of this kind')
        return self.one(e.args[0]).str.slice(places[0] - 1, places[1] if len(places) > 1 else None)

    def length(self, e: Expr) -> pl.Expr:
        if e.args[0].type.kind != 'utf8' or len(e.args) != 1:
            raise NotNative('a length of this type')
        x = self.one(e.args[0]).str
        return (x.len_bytes() if e.fn == 'strlen' else x.len_chars()).cast(pl.Int64)

    def concat(self, e: Expr) -> pl.Expr:
        if any(arg.type.kind != 'utf8' for arg in e.args) or len(e.args) != 2:
            raise NotNative('not of texts')
        a, b = self.args(e)
        return a + b

    def date_part(self, e: Expr) -> pl.Expr:
        if e.args[0].type.kind != 'date':
            raise NotNative('a part of another type')
        x = self.one(e.args[0])
        # The two infinite dates have no parts; of years past 240,000 Polars knows none either, and
        # a cast that can't fit says so.
        days = x.to_physical()
        is_known = days.is_between(-_KNOWN_DAYS, _KNOWN_DAYS)
        is_lost = ~is_known & days.is_between(-_INFINITE_DAYS, _INFINITE_DAYS, closed='none')
        too_far = days.cast(pl.Int128) * (1 << 60)
        found = getattr(pl.when(is_known).then(x).dt, e.fn)().cast(pl.Int64)
        return pl.coalesce(found, pl.when(is_lost).then(too_far).cast(pl.Int64, strict=True))


_CALLS = {
    'and': Native.logic, 'or': Native.logic, 'not': Native.negate, 'coalesce': Native.coalesce,
    'is_null': Native.is_null, 'is_not_null': Native.is_null, 'in': Native.is_in,
    'not_in': Native.is_in, '+': Native.arithmetic, '-': Native.arithmetic,
    '*': Native.arithmetic, '/': Native.divide, '~~': Native.like, '!~~': Native.like,
    'substring': Native.substring, 'substr': Native.substring, 'length': Native.length,
    'strlen': Native.length, '||': Native.concat, 'year': Native.date_part,
    'month': Native.date_part, 'day': Native.date_part,
}
_CALLS.update(dict.fromkeys(list(_COMPARE) + ['is_distinct_from', 'is_not_distinct_from'],
                            Native.compare))
_CALLS.update(dict.fromkeys(['prefix', 'starts_with', '^@', 'suffix', 'ends_with', 'contains'],
                            Native.part_of_text))


def operate(fn: str, a: pl.Expr, b: pl.Expr) -> pl.Expr:
    return a + b if fn == '+' else a - b if fn == '-' else a * b


def check_simple(e: Expr) -> None:
    kinds = {arg.type.kind for arg in e.args}
    if not kinds <= SIMPLE or len({arg.type for arg in e.args if arg.type.kind != 'null'}) > 1:
        raise NotNative('a comparison of this type')


def is_widening(source: Type, t: Type) -> bool:
    """Casts that neither fail nor round."""
    if source.kind == 'bool' or t.kind == 'bool' or 'int128' in (source.kind, t.kind) or \
            'uint128' in (source.kind, t.kind):
        return False
    if source.is_integer and t.is_integer:
        return t.int_range()[0] <= source.int_range()[0] and \
            source.int_range()[1] <= t.int_range()[1]
    if source.is_integer:
        return t.kind == 'float64' or t.kind == 'decimal' and \
            10 ** (t.precision - t.scale) > max(abs(one) for one in source.int_range())
    if source.kind == 'decimal' and t.kind == 'decimal':
        return t.scale >= source.scale and \
            t.precision - t.scale >= source.precision - source.scale
    if source.kind == 'decimal':
        return t.kind == 'float64' and source.precision <= 15
    return (source.kind, t.kind) in {('float32', 'float64'), ('enum', 'utf8'), ('json', 'utf8')}


def literal(t: Type, value) -> pl.Expr:
    want = dtype(t)
    if value is None or t.kind == 'null':
        return pl.lit(None, dtype=want)
    if t.kind in ('bool', 'utf8', 'json') or t.is_float or t.is_integer and t.kind[-3:] != '128':
        return pl.lit(values.to_python(t, value), dtype=want)
    if t.kind == 'binary':
        return pl.lit(bytes.fromhex(value))
    if t.kind in ('decimal', 'int128'):
        if abs(values.to_python(t, value)) >= 10 ** 38:
            raise NotNative('more than 38 digits')
        return pl.lit(values.to_python(t, value), dtype=want)
    if t.kind == 'date':
        days = int(value)
        if -700000 < days < 2900000:
            return pl.lit(_EPOCH + datetime.timedelta(days=days))
        return pl.lit(days, dtype=pl.Int32).cast(want)
    if t.kind == 'timestamp':
        return pl.lit(int(value), dtype=pl.Int64).cast(want)
    if t.kind == 'time':
        return pl.lit(int(value), dtype=pl.Int64)
    if t.kind == 'enum':
        return pl.lit(value, dtype=want)
    if t.kind == 'uuid':
        return pl.lit(values.to_python(t, value))
    raise NotNative(f'a constant of type {t}')


def constant_text(e: Expr) -> str:
    if e.kind != 'const' or not isinstance(e.value, str):
        raise NotNative('not a constant')
    return e.value


def constant_int(e: Expr) -> int:
    while e.kind == 'cast' and e.type.is_integer:
        e = e.args[0]
    if e.kind != 'const' or e.value is None or not e.type.is_integer:
        raise NotNative('not a constant')
    return int(e.value)


def like_kind(pattern: str) -> tuple[str, str]:
    """(exact, prefix, suffix, contains or regex, what to look for)"""
    if '_' in pattern or '\\' in pattern:
        raise NotNative('a pattern with _ or an escape')
    core = pattern.strip('%')
    if '%' in core:
        return 'regex', '(?s)^' + '.*'.join(re.escape(part) for part in pattern.split('%')) + '$'
    starts, ends = pattern.startswith('%'), pattern.endswith('%')
    if pattern and not core:
        return 'contains', ''
    if starts:
        return ('contains' if ends else 'suffix'), core
    return ('prefix' if ends else 'exact'), core

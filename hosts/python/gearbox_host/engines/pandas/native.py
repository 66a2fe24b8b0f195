"""Expressions in the words of numpy and Arrow, where these give the contract's answer.

    is_native(expr)             from types alone: does the table below know all of it?
    evaluate(expr, get, n)      a Vec of n rows, or of one (a constant); get: id of a column → Vec

Whatever might be an error or leave 64 bits raises Fallback: the expression's kernel then gives the
answer or the error. So nothing here wraps, and no message is written twice.
"""
from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ...plan import values
from ...plan.nodes import Expr
from ...plan.types import Type
from .columns import NUMPY, Fallback, Vec, bitmap, from_arrow, from_ints, is_fixed, nulls_of, stretch

I64_MAX = (1 << 63) - 1
DAY_US = 86_400_000_000
# Dates and times beyond these are infinite, or next to it.
DATE_MOST, TIME_MOST = (1 << 31) - 3, (1 << 63) - 3
PER_SECOND = {'s': 1, 'ms': 10 ** 3, 'us': 10 ** 6, 'ns': 10 ** 9}


def evaluate(expr: Expr, get, n: int) -> Vec:
    if expr.kind == 'column':
        return get(expr.col)
    if expr.kind == 'const':
        return constant(expr.type, expr.value)
    if expr.kind == 'case':
        return _case(expr, get, n)
    run = _find(expr)
    if run is None:
        raise Fallback(expr.fn or expr.kind)
    if run is _call_compare and _date_against_time(expr):
        return _compare_days(expr, get, n)
    return run(expr, [evaluate(arg, get, n) for arg in expr.args])


def is_native(expr: Expr) -> bool:
    if expr.kind == 'column':
        return True
    if expr.kind == 'const':
        return _has_words(expr.type) or expr.value is None and values.is_plain(expr.type)
    if expr.kind == 'case':
        return _has_words(expr.type) and all(is_native(arg) for arg in expr.args)
    if _is_interval_step(expr):
        return is_native(expr.args[0])
    return _find(expr) is not None and all(is_native(arg) for arg in expr.args)


def constant(type: Type, value) -> Vec:
    if value is None:
        return nulls_of(1, type)
    if type.kind == 'int128':
        return from_ints([int(value)], type)
    if type.kind == 'decimal':
        return from_arrow(values.to_array(type, [value]), type)
    if is_fixed(type):
        return Vec(np.array([values.to_python(type, value)], NUMPY[type.kind]))
    return from_arrow(values.to_array(type, [value]), type)


def _has_words(type: Type) -> bool:
    return is_fixed(type) or type.kind == 'utf8'


def _find(expr: Expr):
    """What computes a call or a cast of these types; None: nothing here does."""
    if expr.kind == 'cast':
        return _cast if not expr.is_try and _can_cast(expr.args[0].type, expr.type) else None
    if expr.kind != 'call' or expr.arg_names:
        return None
    if _is_interval_step(expr):
        return _interval_step
    found = _CALLS.get(expr.fn)
    if found is None:
        return None
    check, run = found
    return run if check(expr) else None


# ---- helpers ---------------------------------------------------------------------------------

def either(*masks):
    """The union of masks, None being an empty one."""
    found = None
    for mask in masks:
        if mask is not None:
            found = mask if found is None else found | mask
    return found


def numbers(vec: Vec) -> np.ndarray:
    if not vec.is_numpy:
        raise Fallback('a number beyond 64 bits')
    return vec.data


def most(data: np.ndarray) -> int:
    """The largest absolute value."""
    return max(int(data.max()), -int(data.min()), 0) if data.size else 0


def _fits(data: np.ndarray, type: Type) -> None:
    """Is each of these 64-bit numbers one of the type?"""
    if not data.size:
        return
    if type.kind == 'decimal':
        if type.precision < 19 and most(data) >= 10 ** type.precision:
            raise Fallback('a decimal out of range')
    elif type.kind not in ('int64', 'int128'):
        least, largest = type.int_range()
        if int(data.min()) < least or int(data.max()) > largest:
            raise Fallback('an integer out of range')


def _scale(type: Type) -> int:
    return type.scale if type.kind == 'decimal' else 0


def _upscaled(data: np.ndarray, steps: int) -> np.ndarray:
    if steps == 0:
        return data
    factor = 10 ** steps
    if steps > 18 or most(data) * factor > I64_MAX:
        raise Fallback('a decimal beyond 64 bits')
    return data * np.int64(factor)


# ---- comparison ------------------------------------------------------------------------------

_EXACT = {'=': np.equal, '<>': np.not_equal, '<': np.less, '<=': np.less_equal,
          '>': np.greater, '>=': np.greater_equal}
_TEXT = {'=': pc.equal, '<>': pc.not_equal, '<': pc.less, '<=': pc.less_equal,
         '>': pc.greater, '>=': pc.greater_equal}
COMPARISONS = (*_EXACT, 'is_distinct_from', 'is_not_distinct_from')
TURNED = {'=': '=', '<>': '<>', '<': '>', '<=': '>=', '>': '<', '>=': '<='}


def compare(fn: str, a: Vec, b: Vec, type: Type, other: Type | None = None) -> Vec:
    """=, <>, <, <=, > or >= of two Vecs of one type (decimals: of any scales)."""
    if type.kind == 'utf8':
        return _compare_texts(fn, a, b)
    x, y = numbers(a), numbers(b)
    if type.kind == 'decimal' and other is not None and other.scale != type.scale:
        x = _upscaled(x, max(0, other.scale - type.scale))
        y = _upscaled(y, max(0, type.scale - other.scale))
    mask = either(a.mask, b.mask)
    if type.is_float and (np.isnan(x).any() or np.isnan(y).any()):
        return Vec(_compare_nan(fn, x, y), mask)
    return Vec(_EXACT[fn](x, y), mask)


def _compare_nan(fn: str, x, y):
    """NaN is equal to itself and above all numbers."""
    nx, ny = np.isnan(x), np.isnan(y)
    equal, less = (x == y) | (nx & ny), (x < y) | (~nx & ny)
    return {'=': equal, '<>': ~equal, '<': less, '<=': less | equal, '>': ~(less | equal),
            '>=': ~less}[fn]


def _compare_texts(fn: str, a: Vec, b: Vec) -> Vec:
    if len(a) == 1 and len(b) != 1:
        return _compare_texts(TURNED[fn], b, a)
    if len(b) == 1 and b.mask is None:
        value = b.plain().data[0]
        return _on_texts(a, lambda texts: _TEXT[fn](texts, value))
    return _booleans(_TEXT[fn](a.plain().data, b.plain().data))


def _on_texts(vec: Vec, run) -> Vec:
    """A function of booleans over texts: once for each distinct one where these are known."""
    if vec.categories is None:
        return _booleans(run(vec.data))
    if not len(vec.categories):
        return Vec(np.zeros(len(vec), bool), vec.mask)
    found = _booleans(run(vec.categories))
    return Vec(found.data[vec.data], either(vec.mask, None if found.mask is None
                                            else found.mask[vec.data]))


def _booleans(array) -> Vec:
    return from_arrow(array, Type('bool'))


def _call_compare(expr: Expr, args: list[Vec]) -> Vec:
    a, b = args
    return compare(expr.fn, a, b, expr.args[0].type, expr.args[1].type)


def _date_against_time(expr: Expr) -> bool:
    """CAST(date AS timestamp) against a constant: days can be compared."""
    x, y = expr.args
    return (x.kind == 'cast' and x.args[0].type.kind == 'date' and x.type.kind == 'timestamp'
            and not x.type.zone and y.kind in ('const', 'call') and not y.columns())


def _compare_days(expr: Expr, get, n: int) -> Vec:
    """date < t  =  date < ⌈t⌉ in days, and so on: no day is made a time."""
    days = evaluate(expr.args[0].args[0], get, n)
    moment = evaluate(expr.args[1], get, n)
    if moment.mask is not None:
        return Vec(np.zeros(1, bool), np.ones(1, bool))
    us = int(numbers(moment)[0])
    data = numbers(days)
    if most(data) * DAY_US > TIME_MOST or abs(us) >= TIME_MOST:
        raise Fallback('a date that is no time')
    floor, is_day = us // DAY_US, us % DAY_US == 0
    if not is_day and expr.fn in ('=', '<>'):
        return Vec(np.full(len(data), expr.fn == '<>'), days.mask)
    bound = floor if is_day or expr.fn in ('<=', '>') else floor + 1
    return Vec(_EXACT[expr.fn](data, np.int64(bound)), days.mask)


def _distinct_from(expr: Expr, args: list[Vec]) -> Vec:
    a, b = args
    equal = compare('=', a, b, expr.args[0].type, expr.args[1].type)
    na, nb = a.nulls(), b.nulls()
    data = equal.data
    if na is not None or nb is not None:
        na = np.zeros(len(a), bool) if na is None else na
        nb = np.zeros(len(b), bool) if nb is None else nb
        data = np.where(na | nb, na & nb, data)
    return Vec(data if expr.fn == 'is_not_distinct_from' else ~data)


def _same_words(expr: Expr) -> bool:
    first, other = expr.args[0].type, expr.args[1].type
    if first.kind == 'decimal' and other.kind == 'decimal':
        return True
    return first == other and _has_words(first)


def _in(expr: Expr, args: list[Vec]) -> Vec:
    vec, type = args[0], expr.args[0].type
    if type.kind == 'utf8':
        wanted = pa.concat_arrays([one.plain().data for one in args[1:]])
        found = _on_texts(vec, lambda texts: pc.is_in(texts, value_set=wanted))
        found = Vec(found.data, either(found.mask, vec.nulls()))
    else:
        data = numbers(vec)
        found = Vec(np.isin(data, np.concatenate([numbers(one) for one in args[1:]])), vec.mask)
    return found if expr.fn == 'in' else Vec(~found.data, found.mask)


def _can_in(expr: Expr) -> bool:
    type = expr.args[0].type
    return _has_words(type) and not type.is_float and len(expr.args) > 1 and all(
        one.kind == 'const' and one.value is not None and one.type == type
        for one in expr.args[1:])


# ---- logic -----------------------------------------------------------------------------------

def _and(_expr: Expr, args: list[Vec]) -> Vec:
    data, mask = args[0].data, args[0].mask
    for one in args[1:]:
        if mask is not None or one.mask is not None:
            false = _known(~data, mask) | _known(~one.data, one.mask)
            mask = either(mask, one.mask) & ~false
        data = data & one.data
    return Vec(data, mask)


def _or(_expr: Expr, args: list[Vec]) -> Vec:
    data, mask = args[0].data, args[0].mask
    for one in args[1:]:
        if mask is not None or one.mask is not None:
            true = _known(data, mask) | _known(one.data, one.mask)
            mask = either(mask, one.mask) & ~true
            data = true | ((data | one.data) & ~mask)
        else:
            data = data | one.data
    return Vec(data, mask)


def _known(data, mask):
    return data if mask is None else data & ~mask


def _not(_expr: Expr, args: list[Vec]) -> Vec:
    return Vec(~args[0].data, args[0].mask)


def _is_null(expr: Expr, args: list[Vec]) -> Vec:
    mask = args[0].nulls()
    mask = np.zeros(len(args[0]), bool) if mask is None else mask
    return Vec(mask if expr.fn == 'is_null' else ~mask)


def _all_bool(expr: Expr) -> bool:
    return all(arg.type.kind == 'bool' for arg in expr.args)


def is_true(vec: Vec) -> np.ndarray:
    return _known(vec.data, vec.mask)


# ---- choice ----------------------------------------------------------------------------------

def _case(expr: Expr, get, n: int) -> Vec:
    found = evaluate(expr.args[-1], get, n)
    for i in range(len(expr.args) - 3, -1, -2):
        when = is_true(evaluate(expr.args[i], get, n))
        if when.any():  # a branch that no row takes must not fail
            found = choose(when, evaluate(expr.args[i + 1], get, n), found, expr.type)
    return found


def choose(when: np.ndarray, a: Vec, b: Vec, type: Type) -> Vec:
    """a where `when`, else b."""
    if not is_fixed(type):
        n = max(len(when), len(a), len(b))
        flags = pa.array(np.broadcast_to(when, n))
        return Vec(pc.if_else(flags, stretch(a, n).plain().data, stretch(b, n).plain().data))
    data = np.where(when, numbers(a), numbers(b))
    if a.mask is None and b.mask is None:
        return Vec(data)
    none = np.zeros(1, bool)
    return Vec(data, np.where(when, none if a.mask is None else a.mask,
                              none if b.mask is None else b.mask))


def _coalesce(expr: Expr, args: list[Vec]) -> Vec:
    found = args[-1]
    for one in reversed(args[:-1]):
        nulls = one.nulls()
        found = one if nulls is None else choose(~nulls, one, found, expr.type)
    return found


def _can_coalesce(expr: Expr) -> bool:
    return _has_words(expr.type) and all(arg.type == expr.type for arg in expr.args)


# ---- arithmetic ------------------------------------------------------------------------------

def _is_exact(type: Type) -> bool:
    """A number that lies in a frame as an integer of at most 64 bits, with a sign."""
    return type.kind in ('decimal', 'int128', 'int64', 'int32', 'int16', 'int8', 'uint8', 'uint16',
                         'uint32')


def _can_count(expr: Expr) -> bool:
    """+, -, * of numbers."""
    types = [arg.type for arg in expr.args] + [expr.type]
    if len(types) not in (2, 3):
        return False
    if all(type.is_float and type == expr.type for type in types):
        return True
    return all(_is_exact(type) for type in types) and (
        any(type.kind == 'decimal' for type in types) or all(t == expr.type for t in types))


def _count(expr: Expr, args: list[Vec]) -> Vec:
    type, mask = expr.type, either(*(arg.mask for arg in args))
    data = [numbers(arg) for arg in args]
    if type.is_float:
        with np.errstate(all='ignore'):
            return Vec(_float_steps(expr.fn, data), mask)
    return Vec(_exactly(expr, data), mask)


def _float_steps(fn: str, data):
    if len(data) == 1:
        return -data[0] if fn == '-' else data[0]
    x, y = data
    found = x + y if fn == '+' else x - y if fn == '-' else x * y
    return found


def _exactly(expr: Expr, data) -> np.ndarray:
    type, fn = expr.type, expr.fn
    data = [one.astype(np.int64, copy=False) for one in data]
    if fn != '*':
        data = [_upscaled(one, _scale(type) - _scale(arg.type))
                for one, arg in zip(data, expr.args)]
        if sum(most(one) for one in data) > I64_MAX:
            raise Fallback('a sum beyond 64 bits')
        found = -data[0] if len(data) == 1 and fn == '-' else data[0] if len(data) == 1 else \
            data[0] + data[1] if fn == '+' else data[0] - data[1]
    else:
        if most(data[0]) * most(data[1]) > I64_MAX:
            raise Fallback('a product beyond 64 bits')
        found = data[0] * data[1]
    _fits(found, type)
    return found.astype(NUMPY[type.kind], copy=False)


def _can_multiply(expr: Expr) -> bool:
    if not _can_count(expr) or len(expr.args) != 2:
        return False
    return expr.type.is_float or \
        _scale(expr.type) == sum(_scale(arg.type) for arg in expr.args)


def _can_add(expr: Expr) -> bool:
    return _can_count(expr) and (expr.type.is_float or
                                 all(_scale(a.type) <= _scale(expr.type) for a in expr.args))


def _can_divide(expr: Expr) -> bool:
    return len(expr.args) == 2 and expr.type.kind == 'float64' and \
        all(arg.type.kind == 'float64' for arg in expr.args)


def _divide(_expr: Expr, args: list[Vec]) -> Vec:
    x, y = (numbers(arg) for arg in args)
    with np.errstate(all='ignore'):
        return Vec(x / y, either(args[0].mask, args[1].mask))


def _can_whole(expr: Expr) -> bool:
    return len(expr.args) == 2 and expr.type.kind in ('int64', 'int32', 'int16', 'int8') and \
        all(arg.type == expr.type for arg in expr.args)


def _whole(expr: Expr, args: list[Vec]) -> Vec:
    """// and %: towards zero, the remainder has the sign of the first."""
    x, y = (numbers(arg).astype(np.int64, copy=False) for arg in args)
    mask = either(args[0].mask, args[1].mask)
    if (y == 0).any() or (x.size and x.min() == -I64_MAX - 1):
        if args[1].mask is None or not args[1].mask.any() or (_known(y == 0, args[1].mask)).any():
            raise Fallback('a division by zero')
        y = np.where(y == 0, 1, y)
    rest = np.fmod(x, y)
    found = rest if expr.fn == '%' else (x - rest) // y
    _fits(found, expr.type)
    return Vec(found.astype(NUMPY[expr.type.kind], copy=False), mask)


# ---- casts -----------------------------------------------------------------------------------

def _can_cast(source: Type, target: Type) -> bool:
    if source == target:
        return True
    if source.kind == 'null':
        return _has_words(target)
    pair = source.kind, target.kind
    if pair in (('date', 'timestamp'), ('timestamp', 'date')):
        return source.unit in ('', 'us') and target.unit in ('', 'us') and \
            not source.zone and not target.zone
    if source.kind == 'bool':
        return _is_exact(target) and target.kind != 'decimal' or target.kind == 'float64'
    if source.is_float:
        return target.kind == 'float64' or target.kind in ('int64', 'int32', 'int16', 'int8')
    return _is_exact(source) and (_is_exact(target) or target.kind == 'float64')


def _cast(expr: Expr, args: list[Vec]) -> Vec:
    vec, source, target = args[0], expr.args[0].type, expr.type
    if source == target:
        return vec
    if source.kind == 'null':
        return nulls_of(len(vec), target)
    data = numbers(vec)
    if target.kind == 'float64':
        return Vec(_to_double(data, source), vec.mask)
    if source.kind == 'date':
        if most(data) >= DATE_MOST or most(data) * DAY_US > TIME_MOST:
            raise Fallback('a date that is no time')
        return Vec(data.astype(np.int64) * DAY_US, vec.mask)
    if source.kind == 'timestamp':
        if most(data) >= TIME_MOST:
            raise Fallback('a time that is no date')
        return Vec((data // DAY_US).astype(np.int32), vec.mask)
    if source.is_float:
        return Vec(_round_even(data, vec.mask, target), vec.mask)
    data = _rescaled(data.astype(np.int64, copy=False), _scale(target) - _scale(source))
    _fits(data, target)
    return Vec(data.astype(NUMPY[target.kind], copy=False), vec.mask)


def _to_double(data: np.ndarray, source: Type) -> np.ndarray:
    found = data.astype(np.float64)
    if source.kind != 'decimal' or source.scale == 0:
        return found
    if source.scale > 22:
        raise Fallback('a scale beyond exact powers of ten')
    return found / 10.0 ** source.scale


def _round_even(data: np.ndarray, mask, target: Type) -> np.ndarray:
    if mask is not None:
        data = np.where(mask, 0, data)
    bound = float(1 << (8 * NUMPY[target.kind].itemsize - 1))
    found = np.rint(data)
    if not ((found >= -bound) & (found < bound)).all():
        raise Fallback('a number that is no integer of the type')
    return found.astype(NUMPY[target.kind])


def _rescaled(data: np.ndarray, steps: int) -> np.ndarray:
    """Fewer digits: halves away from zero."""
    if steps >= 0:
        return _upscaled(data, steps)
    if steps < -18:
        raise Fallback('a scale beyond 64 bits')
    factor = 10 ** -steps
    if most(data) > I64_MAX - factor:
        raise Fallback('a decimal beyond 64 bits')
    half = factor // 2
    return np.where(data >= 0, (data + half) // factor, -((half - data) // factor))


# ---- dates -----------------------------------------------------------------------------------

def _is_interval_step(expr: Expr) -> bool:
    """date or timestamp ± a constant interval."""
    if expr.kind != 'call' or expr.fn not in ('+', '-') or len(expr.args) != 2:
        return False
    first, second = expr.args
    return first.type.kind in ('date', 'timestamp') and not first.type.zone and \
        first.type.unit in ('', 'us') and expr.type == Type('timestamp', unit='us') and \
        second.kind == 'const' and second.type.kind == 'interval' and second.value is not None


def _interval_step(expr: Expr, args: list[Vec]) -> Vec:
    months, days, micros = (int(part) for part in expr.args[1].value)
    sign = 1 if expr.fn == '+' else -1
    data = numbers(args[0]).astype(np.int64)
    if expr.args[0].type.kind == 'date':
        if most(data) >= DATE_MOST:
            raise Fallback('an infinite date')
        days_of, rest = data, np.int64(0)
    else:
        if most(data) >= TIME_MOST:
            raise Fallback('an infinite time')
        days_of, rest = data // DAY_US, data % DAY_US
    if months:
        days_of = _add_months(days_of, sign * months)
    days_of = days_of + sign * days
    if most(days_of) > 100_000_000:
        raise Fallback('a date far away')
    return Vec(days_of * DAY_US + rest + sign * micros, args[0].mask)


def _add_months(days: np.ndarray, months: int) -> np.ndarray:
    """The same day of another month, or its last."""
    if abs(months) > 1_000_000:
        raise Fallback('many months')
    dates = days.astype('M8[D]')
    month = dates.astype('M8[M]')
    day = (dates - month.astype('M8[D]')).astype(np.int64)
    target = month + months
    start = target.astype('M8[D]').astype(np.int64)
    length = (target + 1).astype('M8[D]').astype(np.int64) - start
    return start + np.minimum(day, length - 1)


def _can_part(expr: Expr) -> bool:
    if len(expr.args) != 1 or expr.type.kind != 'int64':
        return False
    type = expr.args[0].type
    return type.kind == 'date' or type.kind == 'timestamp' and not type.zone and type.unit == 'us'


def _part(expr: Expr, args: list[Vec]) -> Vec:
    data = numbers(args[0])
    if expr.args[0].type.kind == 'timestamp':
        if most(data) >= TIME_MOST:
            raise Fallback('an infinite time')
        data = data // DAY_US
    elif most(data) >= DATE_MOST:
        raise Fallback('an infinite date')
    return Vec(_PARTS[expr.fn](data.astype(np.int64).astype('M8[D]')), args[0].mask)


def _months_of(dates):
    return dates.astype('M8[M]').astype(np.int64)


_PARTS = {
    'year': lambda dates: dates.astype('M8[Y]').astype(np.int64) + 1970,
    'month': lambda dates: _months_of(dates) % 12 + 1,
    'quarter': lambda dates: _months_of(dates) % 12 // 3 + 1,
    'day': lambda dates: (dates - dates.astype('M8[M]').astype('M8[D]')).astype(np.int64) + 1,
}
_PARTS['dayofmonth'] = _PARTS['day']


# ---- texts -----------------------------------------------------------------------------------

def _is_text_and_constant(expr: Expr) -> bool:
    return len(expr.args) == 2 and all(arg.type.kind == 'utf8' for arg in expr.args) and \
        expr.args[1].kind == 'const' and expr.args[1].value is not None


def _can_like(expr: Expr) -> bool:
    return _is_text_and_constant(expr) and '\\' not in expr.args[1].value


def _like(expr: Expr, args: list[Vec]) -> Vec:
    pattern = expr.args[1].value
    found = _on_texts(args[0], _like_words(pattern))
    return found if expr.fn == '~~' else Vec(~found.data, found.mask)


def _like_words(pattern: str):
    inner = pattern.strip('%')
    if '%' in inner or '_' in pattern:
        return lambda texts: pc.match_like(texts, pattern)
    if pattern == inner:
        return lambda texts: pc.equal(texts, pattern)
    if not inner:
        return lambda texts: pc.match_like(texts, pattern)
    if pattern.startswith('%') and pattern.endswith('%'):
        return lambda texts: pc.match_substring(texts, inner)
    if pattern.startswith('%'):
        return lambda texts: pc.ends_with(texts, inner)
    return lambda texts: pc.starts_with(texts, inner)


_MATCHES = {'contains': pc.match_substring, 'prefix': pc.starts_with, 'starts_with': pc.starts_with,
            'suffix': pc.ends_with, 'ends_with': pc.ends_with}


def _match(expr: Expr, args: list[Vec]) -> Vec:
    wanted = expr.args[1].value
    return _on_texts(args[0], lambda texts: _MATCHES[expr.fn](texts, wanted))


def _can_substring(expr: Expr) -> bool:
    def is_index(arg, least):
        return arg.kind == 'const' and arg.type.kind == 'int64' and arg.value is not None and \
            least <= int(arg.value) < 1 << 31
    return len(expr.args) == 3 and expr.args[0].type.kind == 'utf8' and \
        is_index(expr.args[1], 1) and is_index(expr.args[2], 0)


def _substring(expr: Expr, args: list[Vec]) -> Vec:
    start, length = int(expr.args[1].value) - 1, int(expr.args[2].value)
    found = pc.utf8_slice_codeunits(args[0].plain().data, start, start + length)
    return Vec(found)


# ---- the table -------------------------------------------------------------------------------

def _always(_expr: Expr) -> bool:
    return True


_CALLS = {
    'and': (_all_bool, _and), 'or': (_all_bool, _or), 'not': (_all_bool, _not),
    'is_null': (_always, _is_null), 'is_not_null': (_always, _is_null),
    'is_distinct_from': (_same_words, _distinct_from),
    'is_not_distinct_from': (_same_words, _distinct_from),
    'in': (_can_in, _in), 'not_in': (_can_in, _in),
    'coalesce': (_can_coalesce, _coalesce),
    '+': (_can_add, _count), '-': (_can_add, _count), '*': (_can_multiply, _count),
    '/': (_can_divide, _divide), '//': (_can_whole, _whole), '%': (_can_whole, _whole),
    '~~': (_can_like, _like), '!~~': (_can_like, _like),
    'substring': (_can_substring, _substring), 'substr': (_can_substring, _substring),
}
_CALLS.update((fn, (_same_words, _call_compare)) for fn in _EXACT)
_CALLS.update((fn, (_can_part, _part)) for fn in _PARTS)
_CALLS.update((fn, (_is_text_and_constant, _match)) for fn in _MATCHES)

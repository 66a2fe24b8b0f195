"""Joins. Conditions are split into keys (equalities between the sides) and what is left.

    keys only      Polars' own join; NULLs are kept from matching where `=` and IS NOT DISTINCT FROM
                   are mixed
    with others    rows get numbers; the pairs of an inner join that pass are matched back to them
"""
from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from ...errors import invalid, unsupported
from ...plan import nodes as n
from .columns import SIMPLE, dtype

_FLIP = {'<': '>', '>': '<', '<=': '>=', '>=': '<=', '=': '=', '<>': '<>',
         'is_not_distinct_from': 'is_not_distinct_from'}
_THREE = ('=', '<>', '<', '>', '<=', '>=')


@dataclass
class Key:
    left: n.Expr
    right: n.Expr
    is_null_safe: bool


class JoinsMixin:
    def check_join(self, node: n.Join) -> None:
        if node.asof:
            self.asof_parts(node)
        if node.kind == 'mark' and any(self.is_three_valued(e, node) and e.fn != '=' and
                                       e.args[0].type.kind == 'struct' for e in node.on):
            raise unsupported('rows compared with ANY on Polars')

    def build_join(self, node: n.Join) -> pl.LazyFrame:
        left, right = (self.build(one) for one in node.inputs)
        if node.asof:
            return self.asof(node, left, right)
        if node.kind == 'positional':
            return self.positional(node, left, right)
        keys, rest = self.split(node)
        if node.kind == 'mark':
            return self.mark(node, left, right, keys, rest)
        if node.kind == 'single':
            return self.single(node, left, right, keys, rest)
        if node.kind in ('inner', 'cross'):
            return self.keep(self.exprs.filter(self.pairs(left, right, keys), rest) if rest
                             else self.pairs(left, right, keys), node.cols)
        if keys and not rest:
            return self.keep(self.equi(left, right, keys, node.kind), node.cols)
        return self.by_number(node, left, right, keys, rest)

    # ---- conditions --------------------------------------------------------------------------

    def split(self, node: n.Join) -> tuple[list[Key], list[n.Expr]]:
        sides = [{col.id for col in one.cols} for one in node.inputs]
        keys, rest = [], []
        for e in node.on:
            key = self.as_key(e, *sides)
            if key is None:
                rest.append(e)
            else:
                keys.append(key)
        return keys, rest

    def as_key(self, e: n.Expr, left: set[int], right: set[int]) -> Key | None:
        if not e.is_call('=', 'is_not_distinct_from') or len(e.args) != 2:
            return None
        a, b = e.args
        if a.columns() and a.columns() <= right:
            a, b = b, a
        fits = a.columns() and b.columns() and a.columns() <= left and b.columns() <= right
        if not fits or a.type != b.type or a.type.kind not in SIMPLE or a.type.kind == 'null':
            return None
        if not self.exprs.with_sides(e):
            return None
        return Key(a, b, e.fn != '=')

    def key_columns(self, frame, exprs: list[n.Expr], prefix: str):
        """(frame, names): keys of one width on both sides."""
        names, items = [], {}
        for i, e in enumerate(exprs):
            if e.kind == 'column' and e.type.kind not in ('decimal', 'int128'):
                names.append(f'c{e.col}')
                continue
            names.append(f'_{prefix}{i}')
            items[names[-1]] = e
        if not items:
            return frame, names
        frame = self.exprs.with_columns(frame, items)
        casts = [pl.col(name).cast(dtype(e.type)) for name, e in zip(names, exprs)
                 if e.type.kind in ('decimal', 'int128')]
        return frame.with_columns(casts) if casts else frame, names

    def equi(self, left, right, keys: list[Key], how: str):
        left, on_left = self.key_columns(left, [key.left for key in keys], 'l')
        right, on_right = self.key_columns(right, [key.right for key in keys], 'r')
        is_null_safe = any(key.is_null_safe for key in keys)
        if is_null_safe and not all(key.is_null_safe for key in keys):
            # NULL matches NULL in all keys or in none: a key more keeps strict ones apart.
            strict = [i for i, key in enumerate(keys) if not key.is_null_safe]
            left = left.with_columns(marker(on_left, strict, 1).alias('_ln'))
            right = right.with_columns(marker(on_right, strict, 2).alias('_rn'))
            on_left, on_right = on_left + ['_ln'], on_right + ['_rn']
        if how in ('semi', 'anti'):
            return left.join(right, left_on=on_left, right_on=on_right, how=how,
                             nulls_equal=is_null_safe)
        return left.join(right, left_on=on_left, right_on=on_right, how=how, coalesce=False,
                         nulls_equal=is_null_safe)

    def pairs(self, left, right, keys: list[Key]):
        return self.equi(left, right, keys, 'inner') if keys else left.join(right, how='cross')

    # ---- what has other conditions -----------------------------------------------------------

    def by_number(self, node: n.Join, left, right, keys: list[Key], rest: list[n.Expr]):
        if node.kind in ('semi', 'anti'):
            return self.exists(node, left, right, keys, rest)
        left = self.compute(left.with_row_index('_li'))
        right = self.compute(right.with_row_index('_ri'))
        pairs = self.compute(self.exprs.filter(self.pairs(left, right, keys), rest) if rest
                             else self.pairs(left, right, keys))
        parts = [pairs]
        if node.kind in ('left', 'full'):
            parts.append(left.join(pairs, on='_li', how='anti'))
        if node.kind in ('right', 'full'):
            parts.append(right.join(pairs, on='_ri', how='anti'))
        return self.keep(pl.concat(parts, how='diagonal'), node.cols)

    def exists(self, node: n.Join, left, right, keys: list[Key], rest: list[n.Expr]):
        if not node.on:
            found = self.collect(right.head(1)).height > 0
            return left if found == (node.kind == 'semi') else left.head(0)
        extremes = self.by_extremes(node, left, right, keys, rest)
        if extremes is not None:
            return extremes
        left = self.compute(left.with_row_index('_li'))
        pairs = self.exprs.filter(self.pairs(left, right, keys), rest).select('_li')
        return self.keep(left.join(pairs, on='_li', how=node.kind), node.cols)

    def by_extremes(self, node: n.Join, left, right, keys: list[Key], rest: list[n.Expr]):
        """EXISTS with equal keys and one comparison of a with b: some b differs from a, or is
        below it, just when the least or the greatest b of the key does. No pairs are made."""
        if len(rest) != 1 or not keys or any(key.is_null_safe for key in keys):
            return None
        e = rest[0]
        if e.kind != 'call' or e.fn not in ('<>', '<', '<=', '>', '>=') or len(e.args) != 2:
            return None
        sides = [{col.id for col in one.cols} for one in node.inputs]
        a, b, op = e.args[0], e.args[1], e.fn
        if a.columns() <= sides[1]:
            a, b, op = b, a, _FLIP[op]
        is_plain = a.columns() and b.columns() and a.columns() <= sides[0] and \
            b.columns() <= sides[1]
        if not is_plain or a.type.is_float or a.type != b.type or a.type.kind not in SIMPLE or \
                a.type.kind in ('binary', 'bool', 'uuid', 'null') or not self.exprs.with_sides(e):
            return None
        right, on_right = self.key_columns(right, [key.right for key in keys], 'r')
        right = self.exprs.with_columns(right, {'_b': b})
        ends = right.group_by(on_right).agg(pl.col('_b').min().alias('_least'),
                                            pl.col('_b').max().alias('_most'))
        names = [f'_e{i}' for i in range(len(on_right))]
        ends = ends.rename(dict(zip(on_right, names)))
        left, on_left = self.key_columns(left, [key.left for key in keys], 'l')
        left = self.exprs.with_columns(left, {'_a': a})
        both = left.join(ends, left_on=on_left, right_on=names, how='left', coalesce=False)
        x, least, most = pl.col('_a'), pl.col('_least'), pl.col('_most')
        hit = {'<>': (least != x) | (most != x), '<': x < most, '<=': x <= most, '>': x > least,
               '>=': x >= least}[op].fill_null(False)
        return self.keep(both.filter(hit if node.kind == 'semi' else ~hit), node.cols)

    # ---- marks -------------------------------------------------------------------------------

    def mark(self, node: n.Join, left, right, keys: list[Key], rest: list[n.Expr]):
        """TRUE: a row matches. NULL: none does, but for one it is not known whether it does, since
        a comparison of the sides says NULL. Else FALSE."""
        three = [e for e in node.on if self.is_three_valued(e, node)]
        left = self.compute(left.with_row_index('_li'))
        right = self.compute(right)
        if keys or rest:
            pairs = self.exprs.filter(self.pairs(left, right, keys), rest) if rest \
                else self.pairs(left, right, keys)
            hits = pairs.select('_li').unique().with_columns(pl.lit(True).alias('_hit'))
        else:
            some = right.head(1).with_row_index('_one').select('_one')
            hits = left.select('_li').join(some, how='cross').select(
                '_li', pl.lit(True).alias('_hit'))
        found = left.join(hits, on='_li', how='left').with_columns(pl.col('_hit').fill_null(False))
        if three:
            unknown = self.unknown(node, found.filter(~pl.col('_hit')), right, three)
            found = found.join(unknown, on='_li', how='left').with_columns(
                pl.when(pl.col('_unknown').fill_null(False) & ~pl.col('_hit')).then(None)
                .otherwise(pl.col('_hit')).alias('_hit'))
        return self.keep(found.with_columns(pl.col('_hit').alias(node.cols[-1].key)), node.cols)

    def is_three_valued(self, e: n.Expr, node: n.Join) -> bool:
        """A comparison of the left side with the right that says NULL for NULL: part of an IN."""
        right = {col.id for col in node.inputs[1].cols}
        return e.is_call(*_THREE) and len(e.args) == 2 and not e.args[0].columns() & right

    def unknown(self, node: n.Join, left, right, three: list[n.Expr]):
        """Numbers of left rows for which some right row may match: where a comparison is NULL."""
        others = [e for e in node.on if e not in three]
        is_plain = all(e.args[0].type.kind in SIMPLE and self.exprs.with_sides(e) for e in three)
        if not is_plain:
            return self.unknown_of_pairs(left, right, three, others)
        left_names = {f'_x{i}': e.args[0] for i, e in enumerate(three)}
        right_names = {f'_y{i}': e.args[1] for i, e in enumerate(three)}
        left = self.compute(self.exprs.with_columns(left, left_names))
        right = self.exprs.with_columns(right, right_names)
        right = self.compute(right if others else right.unique(list(right_names)))
        is_left = pl.any_horizontal([pl.col(name).is_null() for name in left_names])
        is_right = pl.any_horizontal([pl.col(name).is_null() for name in right_names])
        if len(three) == 1 and not others:
            # x IN (…): any NULL on either side is enough.
            n_rows, n_nulls = self.collect(right.select(pl.len(), is_right.sum().alias('n'))).row(0)
            rows = left.head(0) if n_rows == 0 else left if n_nulls else left.filter(is_left)
            return rows.select('_li', pl.lit(True).alias('_unknown'))
        conditions = [may_hold(e, f'_x{i}', f'_y{i}') for i, e in enumerate(three)]
        found = []
        for rows, others_rows in ((left.filter(is_left), right), (left, right.filter(is_right))):
            pairs = rows.join(others_rows, how='cross').filter(pl.all_horizontal(conditions))
            found.append((self.exprs.filter(pairs, others) if others else pairs).select('_li'))
        return pl.concat(found).unique().with_columns(pl.lit(True).alias('_unknown'))

    def unknown_of_pairs(self, left, right, three: list[n.Expr], others: list[n.Expr]):
        """Of values that hold NULLs inside, each pair is looked at."""
        pairs = left.join(right, how='cross')
        pairs = self.exprs.filter(pairs, others) if others else pairs
        names = [f'_t{i}' for i in range(len(three))]
        pairs = self.exprs.with_columns(pairs, dict(zip(names, three)))
        pairs = pairs.filter(pl.all_horizontal([pl.col(name).fill_null(True) for name in names]))
        return pairs.select('_li').unique().with_columns(pl.lit(True).alias('_unknown'))

    # ---- at most one -------------------------------------------------------------------------

    def single(self, node: n.Join, left, right, keys: list[Key], rest: list[n.Expr]):
        left = self.compute(left.with_row_index('_li'))
        pairs = self.compute(self.exprs.filter(self.pairs(left, right, keys), rest) if rest
                             else self.pairs(left, right, keys))
        counts = self.collect(pairs.select(pl.len(), pl.col('_li').n_unique().alias('n')))
        if counts.row(0)[0] != counts.row(0)[1]:
            raise invalid('More than one row returned by a subquery used as an expression - '
                          'scalar subqueries can only return a single row')
        missing = left.join(pairs, on='_li', how='anti')
        return self.keep(pl.concat([pairs, missing], how='diagonal'), node.cols)

    def positional(self, node: n.Join, left, right):
        found = left.with_row_index('_li').join(
            right.with_row_index('_ri'), left_on='_li', right_on='_ri', how='full', coalesce=True,
            maintain_order='left_right')
        return self.keep(found.sort('_li'), node.cols)

    # ---- the nearest -------------------------------------------------------------------------

    def asof_parts(self, node: n.Join):
        """Keys, and the one inequality as (left, operator, right)."""
        keys, rest = self.split(node)
        if len(rest) != 1 or not rest[0].is_call('<', '<=', '>', '>=') or node.kind == 'single' \
                or any(key.is_null_safe for key in keys):
            raise unsupported('an asof join of this form on Polars')
        a, b = rest[0].args
        op = rest[0].fn
        sides = [{col.id for col in one.cols} for one in node.inputs]
        if a.columns() <= sides[1]:
            a, b, op = b, a, _FLIP[op]
        if not (a.columns() <= sides[0] and b.columns() <= sides[1]) or a.type != b.type or \
                not (a.type.is_integer or a.type.kind in ('date', 'timestamp')) or \
                a.type.kind in ('int128', 'uint128') or not self.exprs.with_sides(rest[0]):
            raise unsupported('an asof join of this form on Polars')
        return keys, a, op, b

    def asof(self, node: n.Join, left, right):
        keys, a, op, b = self.asof_parts(node)
        left, by_left = self.key_columns(left.with_row_index('_li'), [k.left for k in keys], 'l')
        right, by_right = self.key_columns(right.with_row_index('_ri'),
                                           [k.right for k in keys], 'r')
        left = self.compute(self.exprs.with_columns(left, {'_a': a}))
        right = self.compute(self.exprs.with_columns(right, {'_b': b}))
        usable = right.filter(pl.all_horizontal([pl.col(c).is_not_null()
                                                 for c in by_right + ['_b']]))
        # Of equal ones the first, looking back; the last, looking ahead: as DuckDB does.
        usable = usable.unique(by_right + ['_b'], keep='first' if op in ('>', '>=') else 'last',
                               maintain_order=True)
        known = left.filter(pl.all_horizontal([pl.col(c).is_not_null() for c in by_left + ['_a']]))
        by = {'by_left': by_left, 'by_right': by_right} if keys else {}
        pairs = known.sort('_a').join_asof(
            usable.sort('_b'), left_on='_a', right_on='_b', coalesce=False, check_sortedness=False,
            strategy='backward' if op in ('>', '>=') else 'forward',
            allow_exact_matches=op in ('>=', '<='), **by).filter(pl.col('_ri').is_not_null())
        pairs = self.compute(pairs)
        if node.kind in ('semi', 'anti'):
            return self.keep(left.join(pairs, on='_li', how=node.kind), node.cols)
        # by_right columns are not repeated in what Polars gives: they equal those of the left.
        missing = [c for c in by_right if c not in pairs.collect_schema()]
        pairs = pairs.with_columns([pl.col(by_left[by_right.index(c)]).alias(c) for c in missing])
        parts = [pairs]
        if node.kind in ('left', 'full'):
            parts.append(left.join(pairs, on='_li', how='anti'))
        if node.kind in ('right', 'full'):
            parts.append(right.join(pairs, on='_ri', how='anti'))
        return self.keep(pl.concat(parts, how='diagonal'), node.cols)


def marker(names: list[str], strict: list[int], number: int) -> pl.Expr:
    is_null = pl.any_horizontal([pl.col(names[i]).is_null() for i in strict])
    return pl.when(is_null).then(pl.lit(number, dtype=pl.Int8)).otherwise(pl.lit(0, dtype=pl.Int8))


def may_hold(e: n.Expr, a: str, b: str) -> pl.Expr:
    x, y = pl.col(a), pl.col(b)
    holds = {'=': x == y, '<>': x != y, '<': x < y, '<=': x <= y, '>': x > y, '>=': x >= y}[e.fn]
    return holds.fill_null(True)

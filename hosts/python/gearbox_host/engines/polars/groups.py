"""Aggregates, grouping sets, windows and pivots."""
from __future__ import annotations

import polars as pl

from ...errors import unsupported
from ...plan import nodes as n
from ...plan.types import Type
from . import aggs as own
from . import columns
from .columns import SIMPLE, dtype
from .exprs import KeyText
from .native import NotNative

INT64 = Type('int64')


class GroupsMixin:
    def check_aggregate(self, node: n.Aggregate) -> None:
        if not self.is_own(node, range(len(node.groups))):
            for e in node.aggs:
                if e.duckdb is None:
                    raise unsupported(f'{e.fn} on Polars')
            for e in node.groups:
                if e.duckdb is None and e.type.kind not in SIMPLE:
                    raise unsupported(f'groups of {e.type} on Polars')

    def is_own(self, node: n.Aggregate, chosen) -> bool:
        return all(own.is_native(e) for e in node.aggs) and \
            all(node.groups[i].type.kind in SIMPLE for i in chosen)

    def build_aggregate(self, node: n.Aggregate) -> pl.LazyFrame:
        frame = self.build(node.inputs[0])
        if not node.sets and not node.grouping:
            return self.one_set(frame, node, list(range(len(node.groups))), node.cols)
        if len(node.sets) > 1:
            frame = self.compute(frame)
        sets = node.sets or [list(range(len(node.groups)))]
        return pl.concat([self.of_sets(frame, node, one) for one in sets])

    def of_sets(self, frame: pl.LazyFrame, node: n.Aggregate, chosen: list[int]) -> pl.LazyFrame:
        """The rows of one grouping set: keys that are not in it are NULL."""
        found = self.one_set(frame, node, chosen, node.cols)
        items = {}
        n_groups, n_aggs = len(node.groups), len(node.aggs)
        for i, col in enumerate(node.cols):
            if i < n_groups and i not in chosen:
                items[col.key] = pl.lit(None, dtype=dtype(col.type))
            elif i < n_groups + n_aggs:
                items[col.key] = pl.col(col.key).cast(dtype(col.type))
            else:
                keys = node.grouping[i - n_groups - n_aggs]
                mask = sum((key not in chosen) << (len(keys) - 1 - j) for j, key in enumerate(keys))
                items[col.key] = pl.lit(mask, dtype=pl.Int64)
        return self.exprs.select(found, items)

    def one_set(self, frame, node: n.Aggregate, chosen: list[int], cols: list[n.Col]):
        if self.is_own(node, chosen):
            return self.natively(frame, node, chosen, cols)
        return self.with_kernel(frame, node, chosen, cols)

    # ---- Polars ------------------------------------------------------------------------------

    def natively(self, frame, node: n.Aggregate, chosen: list[int], cols: list[n.Col]):
        items, computed, pointed = {}, [], {}
        keys = []
        for i in chosen:
            keys.append(f'_g{i}')
            items[keys[-1]] = node.groups[i]
        for j, e in enumerate(node.aggs):
            arg, where = '', ''
            digits = self.digits(e)
            if e.args:
                arg = f'_a{j}'
                items[arg] = e.args[0] if digits is None else digits
            if e.spec.filter is not None:
                where = f'_f{j}'
                items[where] = e.spec.filter
            col = cols[len(node.groups) + j]
            if digits is not None and e.fn == 'sum':
                pointed[col.key] = own.point(pl.col(col.key), e.type.scale)
            made = own.of_digits if digits is not None else own.compute
            found = made(e, arg, where, self.facts, bool(chosen))
            is_digits = digits is not None and e.fn == 'sum'
            computed.append((found if is_digits else own.cast_to(e, found)).alias(col.key))
        frame = self.exprs.select(frame, items)
        if not chosen:
            # No keys: one row, also of no rows.
            found = frame.select(computed) if computed else pl.LazyFrame({columns.NO_COLUMN: [0]})
        else:
            found = frame.group_by(keys).agg(computed)
        if pointed:
            found = found.with_columns([e.alias(name) for name, e in pointed.items()])
        return found.rename({f'_g{i}': cols[i].key for i in chosen})

    def digits(self, e: n.Expr) -> pl.Expr | None:
        """The argument of a sum of decimals as integers, where nothing can overflow."""
        if e.fn not in ('sum', 'avg') or e.spec.distinct or e.args[0].type.kind != 'decimal':
            return None
        try:
            found = self.exprs.native.digits(e.args[0])
        except NotNative:
            return None
        return found if found.meta.root_names() else None

    # ---- the kernel --------------------------------------------------------------------------

    def with_kernel(self, frame, node: n.Aggregate, chosen: list[int], cols: list[n.Col]):
        """The columns that the aggregates read, and the number of each row's group."""
        read = {f'c{c}' for e in node.aggs for c in e.columns()}
        items = {name: pl.col(name) for name in sorted(read)}
        keys = {i: self.exprs.key(node.groups[i]) for i in chosen}
        for i in chosen:
            items[f'_g{i}'] = node.groups[i]
            if not isinstance(keys[i], n.Expr):
                items[f'_h{i}'] = keys[i]
        rows = self.collect(self.exprs.select(frame, items))
        names = [f'_g{i}' if isinstance(keys[i], n.Expr) else f'_h{i}' for i in chosen]
        made = {}
        if chosen:
            firsts = rows.select([c for c in rows.columns if c.startswith(('_g', '_h'))]).unique(
                names, keep='first', maintain_order=True).with_row_index('_id')
            ids = rows.select(names).join(firsts.select(names + ['_id']), on=names, how='left',
                                          nulls_equal=True, maintain_order='left')['_id']
            found = self.kernels.aggregate(node.aggs, self.to_table(rows, read),
                                           ids.cast(pl.Int64).to_arrow(), firsts.height)
            made = {cols[i].key: firsts[f'_g{i}'] for i in chosen}
        else:
            found = self.kernels.aggregate(node.aggs, self.to_table(rows, read))
        for e, array, col in zip(node.aggs, found, cols[len(node.groups):]):
            made[col.key] = columns.series(array, e.type)
        if not made:
            return pl.LazyFrame({columns.NO_COLUMN: [0]})
        return pl.DataFrame(made).lazy()

    # ---- windows -----------------------------------------------------------------------------

    def build_window(self, node: n.Window) -> pl.LazyFrame:
        rows = self.collect(self.build(node.inputs[0]))
        read = {f'c{c}' for e in node.items for c in e.columns()}
        found = self.kernels.window(node.items, self.to_table(rows, read))
        made = node.cols[len(node.inputs[0].cols):]
        rows = rows.with_columns([columns.series(array, e.type, col.key)
                                  for array, e, col in zip(found, node.items, made)])
        return self.keep(rows.lazy(), node.cols)

    # ---- pivots ------------------------------------------------------------------------------

    def check_pivot(self, node: n.Pivot) -> None:
        if any(e.duckdb is None for e in node.defaults):
            raise unsupported('a default of a pivot, on Polars')

    def build_pivot(self, node: n.Pivot) -> pl.LazyFrame:
        source = node.inputs[0].cols
        items = {col.key: pl.col(have.key)
                 for col, have in zip(node.cols[:node.n_groups], source)}
        keys = source[node.n_groups].key
        for i, col in enumerate(node.cols[node.n_groups:]):
            label = node.labels[i // node.n_aggs].replace("'", "''")
            which = i % node.n_aggs
            given = source[node.n_groups + 1 + which].key
            default = node.defaults[which] if node.defaults else None
            otherwise = default.duckdb if default is not None else 'NULL'
            text = (f"CASE WHEN list_contains(\"{keys}\", '{label}') THEN "
                    f"\"{given}\"[list_position(\"{keys}\", '{label}')] ELSE {otherwise} END")
            items[col.key] = KeyText(f'CAST({text} AS {col.type.sql})', col.type, {keys, given},
                                     list(default.walk()) if default is not None else [])
        return self.exprs.select(self.build(node.inputs[0]), items)

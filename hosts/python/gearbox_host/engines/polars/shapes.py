"""Set operations, unnest and samples."""
from __future__ import annotations

import polars as pl

from ...errors import unsupported
from ...plan import nodes as n
from .columns import dtype


class ShapesMixin:
    # ---- set operations: NULL equals NULL ----------------------------------------------------

    def build_setop(self, node: n.SetOp) -> pl.LazyFrame:
        parts = [self.renamed(self.build(one), one.cols, node.cols) for one in node.inputs]
        if node.kind == 'union':
            found = pl.concat(parts)
            return found if node.all else self.distinct(found, node.cols)
        found = parts[0]
        for other in parts[1:]:
            found = self.counted(found, other, node) if node.all else \
                self.within(found, other, node.cols, node.kind)
        return found if node.all else self.distinct(found, node.cols)

    def within(self, left, right, cols: list[n.Col], kind: str):
        left, on = self.keyed(left, cols)
        right = self.keyed_as(right, cols, on)
        how = 'semi' if kind == 'intersect' else 'anti'
        return self.keep(left.join(right, on=on, how=how, nulls_equal=True), cols)

    def without(self, left, right, cols: list[n.Col]):
        return self.within(left, right, cols, 'except')

    def keyed_as(self, frame, cols: list[n.Col], names: list[str]):
        items = {}
        for col, name in zip(cols, names):
            if name != col.key:
                items[name] = self.exprs.column_key(col)
        return self.exprs.with_columns(frame, items)

    def counted(self, left, right, node: n.SetOp):
        """ALL: the n-th of equal rows meets the n-th of the other side."""
        left, on = self.keyed(left, node.cols)
        right = self.keyed_as(right, node.cols, on)
        number = pl.int_range(pl.len()).over(on).alias('_n')
        how = 'semi' if node.kind == 'intersect' else 'anti'
        found = left.with_columns(number).join(right.with_columns(number), on=on + ['_n'], how=how,
                                               nulls_equal=True)
        return self.keep(found, node.cols)

    # ---- unnest ------------------------------------------------------------------------------

    def check_unnest(self, node: n.Unnest) -> None:
        for e in node.items:
            if e.args[0].type.kind not in ('list', 'array', 'null'):
                raise unsupported(f'unnest of {e.args[0].type} on Polars')

    def build_unnest(self, node: n.Unnest) -> pl.LazyFrame:
        """As many rows as the longest list has items; shorter ones end in NULL."""
        frame = self.build(node.inputs[0])
        made = node.cols[len(node.inputs[0].cols):]
        lists = {}
        for e, col in zip(node.items, made):
            is_null = e.args[0].type.kind == 'null'
            lists[col.key] = pl.lit(None, dtype=pl.List(dtype(col.type))) if is_null else e.args[0]
        frame = self.exprs.with_columns(frame, lists)
        arrays = [pl.col(col.key).arr.to_list() for e, col in zip(node.items, made)
                  if e.args[0].type.kind == 'array']
        if arrays:
            frame = frame.with_columns(arrays)
        names = [col.key for col in made]
        lengths = [pl.col(name).list.len().fill_null(0) for name in names]
        frame = frame.with_columns(pl.max_horizontal(lengths).alias('_n')).filter(pl.col('_n') > 0)
        if len(names) > 1:
            places = pl.int_ranges(0, pl.col('_n'))
            frame = frame.with_columns(places.alias('_p'))
            frame = frame.with_columns([
                pl.when(pl.col(name).is_null()).then(pl.lit([], dtype=pl.List(dtype(col.type))))
                .otherwise(pl.col(name)).list.gather(pl.col('_p'), null_on_oob=True).alias(name)
                for name, col in zip(names, made)])
        return self.keep(frame.explode(names), node.cols)

    # ---- samples -----------------------------------------------------------------------------

    def build_sample(self, node: n.Sample) -> pl.LazyFrame:
        rows = self.collect(self.build(node.inputs[0]))
        seed = (node.seed if node.seed is not None else self.job.seed) & 0xffffffff
        if node.method == 'reservoir' and not node.percent:
            return rows.sample(min(int(node.amount), rows.height), seed=seed).lazy()
        if node.method == 'reservoir':
            return rows.sample(int(rows.height * node.amount / 100), seed=seed).lazy()
        if not node.percent:
            return rows.sample(min(int(node.amount), rows.height), seed=seed).lazy()
        import random
        chance = random.Random(seed)
        mask = [chance.random() * 100 < node.amount for _ in range(rows.height)]
        return rows.filter(pl.Series(mask, dtype=pl.Boolean)).lazy()

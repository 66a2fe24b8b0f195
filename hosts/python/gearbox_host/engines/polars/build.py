"""Operators → lazy frames, bottom up, when a job runs.

    Builder(job, kernels).check(root)     before anything is read: unsupported, or nothing
    Builder(job, kernels).build(root)     a lazy frame with the columns c<id> of the root

What several operators read, and what a kernel has to see whole (windows, other aggregates), is
computed at once; all else streams.
"""
from __future__ import annotations

import polars as pl

from ...errors import HostError, invalid, unsupported
from ...kernels import Kernels
from ...plan import nodes as n
from ...plan import values
from ..base import Job
from . import aggs, columns
from .columns import NO_COLUMN, dtype
from .exprs import Exprs
from .facts import Facts
from .groups import GroupsMixin
from .joins import JoinsMixin
from .leaves import LeavesMixin
from .shapes import ShapesMixin


class Builder(LeavesMixin, GroupsMixin, JoinsMixin, ShapesMixin):
    def __init__(self, job: Job, kernels: Kernels):
        self.job, self.kernels = job, kernels
        self.facts = Facts(job.root, job.params)
        self.exprs = Exprs(self.facts, kernels)
        self.ctes: dict[int, tuple[pl.LazyFrame, list[n.Col]]] = {}
        self.done: dict[int, pl.LazyFrame] = {}
        self.uses: dict[int, int] = {}

    # ---- before ------------------------------------------------------------------------------

    def check(self, root: n.Node) -> None:
        for node in root.walk():
            if not hasattr(self, 'build_' + node.op):
                raise unsupported(f'the operator {node.op} on Polars')
            for col in node.cols:
                dtype(col.type)
            for e in node.exprs():
                if not (node.op == 'values' and e.kind == 'const' and values.is_plain(e.type)):
                    self.check_expr(e)
            getattr(self, 'check_' + node.op, lambda _: None)(node)
            for one in node.inputs:
                self.uses[id(one)] = self.uses.get(id(one), 0) + 1

    def check_expr(self, e: n.Expr) -> None:
        if e.kind in ('agg', 'window'):
            self.check_call(e)
        elif e.kind == 'unnest':
            self.exprs.check(e.args[0])
        else:
            self.exprs.check(e)

    def check_call(self, e: n.Expr) -> None:
        """An aggregate or window: Polars' own of what Polars can compute, or a kernel's."""
        dtype(e.type)
        if e.kind == 'agg' and e.spec.state:
            raise unsupported("an aggregate's state on Polars")
        is_own = e.kind == 'agg' and aggs.is_native(e)
        if e.duckdb is None and not is_own:
            raise unsupported(f'{e.fn} on Polars')
        for one in e.children():
            if is_own:
                self.exprs.check(one)
            for below in one.walk():
                if below.kind == 'column':
                    dtype(below.type)

    # ---- running -----------------------------------------------------------------------------

    def build(self, node: n.Node) -> pl.LazyFrame:
        if id(node) in self.done:
            return self.done[id(node)]
        frame = getattr(self, 'build_' + node.op)(node)
        if self.uses.get(id(node), 0) > 1:
            frame = self.done[id(node)] = self.compute(frame)
        return frame

    def collect(self, frame: pl.LazyFrame) -> pl.DataFrame:
        if self.kernels.is_cancelled:
            raise HostError('cancelled', 'the job was cancelled')
        return frame.collect(engine='streaming')

    def compute(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """What is read more than once."""
        return self.collect(frame).lazy()

    def keep(self, frame: pl.LazyFrame, cols: list[n.Col]) -> pl.LazyFrame:
        """Only a node's columns; its rows when it has none."""
        if cols:
            return frame.select([col.key for col in cols])
        return self.exprs.select(frame, {})

    def constant(self, e: n.Expr):
        """The value of an expression that reads no column."""
        if e.kind == 'const':
            return values.to_python(e.type, e.value)
        if e.kind == 'param':
            return values.to_python(*self.facts.param(e.name))
        return self.kernels.constant([e])[0][0].as_py()

    # ---- rows in, rows out -------------------------------------------------------------------

    def build_filter(self, node: n.Filter) -> pl.LazyFrame:
        return self.exprs.filter(self.build(node.inputs[0]), node.conjuncts)

    def build_project(self, node: n.Project) -> pl.LazyFrame:
        frame = self.build(node.inputs[0])
        return self.exprs.select(frame, {c.key: e for c, e in zip(node.cols, node.items)})

    def sorted(self, frame: pl.LazyFrame, keys: list[n.SortKey]) -> pl.LazyFrame:
        wanted = [self.exprs.sort_key(key.expr, key.desc, key.nulls_first) for key in keys]
        names = [self.exprs.fresh('s') for _ in keys]
        frame = self.exprs.with_columns(frame, dict(zip(names, (e for e, _, _ in wanted))))
        return frame.sort(names, descending=[desc for _, desc, _ in wanted],
                          nulls_last=[last for _, _, last in wanted], maintain_order=True)

    def build_sort(self, node: n.Sort) -> pl.LazyFrame:
        return self.keep(self.sorted(self.build(node.inputs[0]), node.keys), node.cols)

    def build_topn(self, node: n.Sort) -> pl.LazyFrame:
        frame = self.sorted(self.build(node.inputs[0]), node.keys)
        return self.keep(self.cut(frame, node), node.cols)

    def build_limit(self, node: n.Sort) -> pl.LazyFrame:
        frame = self.build(node.inputs[0])
        if any(e is not None and e.columns() for e in (node.limit, node.offset)):
            return self.cut_by_rows(frame, node)
        return self.cut(frame, node)

    def cut(self, frame: pl.LazyFrame, node: n.Sort) -> pl.LazyFrame:
        offset = self.count(node.offset, 'OFFSET') or 0
        if node.percent:
            percent = self.constant(node.limit)
            if percent is None:
                return frame.slice(offset)
            if not 0 <= percent <= 100:
                raise invalid('Limit percent out of range, should be between 0% and 100%')
            rows = self.collect(frame)
            return rows.lazy().slice(offset, int(rows.height * percent / 100))
        limit = self.count(node.limit, 'LIMIT')
        return frame if limit is None and offset == 0 else frame.slice(offset, limit)

    def count(self, e: n.Expr | None, what: str) -> int | None:
        found = self.constant(e) if e is not None else None
        if found is not None and found < 0:
            raise invalid(f'{what} must not be negative')
        return found

    def cut_by_rows(self, frame: pl.LazyFrame, node: n.Sort) -> pl.LazyFrame:
        """A limit that stands in a column, the same in every row."""
        if node.percent:
            raise unsupported('a percentage that is computed from the rows, on Polars')
        rows = self.collect(frame)
        if rows.height == 0:
            return rows.lazy()
        found = []
        for e, what in ((node.offset, 'OFFSET'), (node.limit, 'LIMIT')):
            value = None
            if e is not None:
                first = self.exprs.select(rows.lazy().head(1), {'v': e})
                value = self.collect(first)['v'][0]
            if value is not None and value < 0:
                raise invalid(f'{what} must not be negative')
            found.append(value)
        return rows.lazy().slice(found[0] or 0, found[1])

    def build_distinct(self, node: n.Distinct) -> pl.LazyFrame:
        frame = self.build(node.inputs[0])
        if not node.on:
            return self.distinct(frame, node.cols)
        if node.order:
            frame = self.sorted(frame, node.order)
        names = [self.exprs.fresh('d') for _ in node.on]
        frame = self.exprs.with_columns(
            frame, {name: self.exprs.key(e) for name, e in zip(names, node.on)})
        return self.keep(frame.unique(names, keep='first', maintain_order=True), node.cols)

    def distinct(self, frame: pl.LazyFrame, cols: list[n.Col]) -> pl.LazyFrame:
        if not cols:
            return frame.head(1)
        frame, names = self.keyed(frame, cols)
        return self.keep(frame.unique(names), cols)

    def keyed(self, frame: pl.LazyFrame, cols: list[n.Col]) -> tuple[pl.LazyFrame, list[str]]:
        """Names of columns by which rows are told apart."""
        items, names = {}, []
        for col in cols:
            key = self.exprs.column_key(col)
            if isinstance(key, n.Expr):
                names.append(col.key)
            else:
                names.append(self.exprs.fresh('d'))
                items[names[-1]] = key
        return self.exprs.with_columns(frame, items), names

    # ---- shared subplans ---------------------------------------------------------------------

    def build_cte(self, node: n.Cte) -> pl.LazyFrame:
        definition, body = node.inputs
        n_uses = sum(1 for one in body.walk() if isinstance(one, n.CteRef) and one.id == node.id)
        frame = self.build(definition)
        if n_uses > 1:
            frame = self.compute(frame)
        self.ctes[node.id] = frame, definition.cols
        return self.build(body)

    def build_cte_ref(self, node: n.CteRef) -> pl.LazyFrame:
        frame, cols = self.ctes[node.id]
        items = {col.key: pl.col(cols[i].key) for col, i in zip(node.cols, node.fields)}
        return self.exprs.select(frame, items)

    def build_recursive(self, node: n.Recursive) -> pl.LazyFrame:
        anchor, step = node.inputs
        rows = self.renamed(self.build(anchor), anchor.cols, node.cols)
        current = self.collect(self.distinct(rows, node.cols) if not node.all else rows)
        found = [current]
        while current.height:
            self.ctes[node.id] = current.lazy(), node.cols
            self.forget(step, node.id)
            rows = self.renamed(self.build(step), step.cols, node.cols)
            if not node.all:
                rows = self.without(rows, pl.concat(found).lazy(), node.cols)
                rows = self.distinct(rows, node.cols)
            current = self.collect(rows)
            found.append(current)
        return pl.concat(found).lazy()

    def forget(self, root: n.Node, cte: int) -> None:
        """Results that were kept of nodes that read the recursion."""
        reads: set[int] = set()
        for node in root.walk():
            if isinstance(node, n.CteRef) and node.id == cte or \
                    any(id(one) in reads for one in node.inputs):
                reads.add(id(node))
                self.done.pop(id(node), None)

    def renamed(self, frame: pl.LazyFrame, have: list[n.Col], want: list[n.Col]) -> pl.LazyFrame:
        items = {b.key: pl.col(a.key).cast(dtype(b.type)) for a, b in zip(have, want)}
        return self.exprs.select(frame, items)

    def to_table(self, frame: pl.DataFrame, keys: set[str] | None = None):
        types = {name: self.kernels.types[name] for name in frame.columns
                 if name in self.kernels.types and (keys is None or name in keys)}
        return columns.table(frame, types)


__all__ = ['Builder', 'NO_COLUMN']

"""Expressions over lazy frames: native where Polars has the contract's answer, else by the kernel.

    Exprs.with_columns(frame, {name: expr})   the frame and these
    Exprs.filter(frame, conjuncts)            the rows for which all are true

Which of the two it is was decided by `check`, from types alone.
"""
from __future__ import annotations

import polars as pl

from ...errors import unsupported
from ...kernels import Kernels, Text
from ...plan.nodes import Expr
from ...plan.types import Type
from . import columns
from .columns import NO_COLUMN, SIMPLE, dtype
from .facts import Facts
from .native import Native, NotNative

_VOLATILE = {'random', 'uuid', 'gen_random_uuid', 'uuidv4', 'uuidv7', 'nextval', 'currval'}
BLOB = Type('binary')
BOOL = Type('bool')


class Exprs:
    def __init__(self, facts: Facts, kernels: Kernels):
        self.facts, self.kernels = facts, kernels
        self.native = Native(facts)
        self.counter = 0

    def fresh(self, prefix: str = 't') -> str:
        self.counter += 1
        return f'_{prefix}{self.counter}'

    # ---- which way ---------------------------------------------------------------------------

    def try_native(self, e) -> pl.Expr | None:
        if isinstance(e, Text):
            return None
        try:
            return self.native.expr(e)
        except NotNative:
            return None

    def check(self, e: Expr) -> None:
        """Can it be had at all? HostError when not."""
        dtype(e.type)
        for one in e.walk():
            if one.kind == 'column':
                dtype(one.type)
        if e.duckdb is None and self.try_native(e) is None:
            raise unsupported(f'{e.fn or e.kind} on Polars')

    def with_sides(self, e: Expr) -> bool:
        """Gives the sides of a comparison texts of their own; False when one has no way."""
        if all(arg.duckdb is not None or self.try_native(arg) is not None for arg in e.args):
            return True
        found = self.kernels.operands(e.duckdb) if e.duckdb is not None else None
        if found is None:
            return False
        for arg, text in zip(e.args, found):
            arg.duckdb = arg.duckdb if arg.duckdb is not None else text
        return True

    # ---- columns -----------------------------------------------------------------------------

    def with_columns(self, frame: pl.LazyFrame, items: dict) -> pl.LazyFrame:
        """`items`: {name: Expr, Text or pl.Expr}; none of them reads another."""
        ours, theirs = {}, {}
        for name, e in items.items():
            found = e if isinstance(e, pl.Expr) else self.try_native(e)
            if found is None:
                theirs[name] = e
            else:
                ours[name] = found
        frame, parts = self.by_kernel(frame, theirs)
        ours.update(parts)
        return frame.with_columns([e.alias(name) for name, e in ours.items()]) if ours else frame

    def select(self, frame: pl.LazyFrame, items: dict) -> pl.LazyFrame:
        """Exactly these; as many rows as the frame has."""
        if not items:
            return frame.with_columns(pl.lit(0, dtype=pl.Int8).alias(NO_COLUMN)).select(NO_COLUMN)
        ours, theirs = {}, {}
        for name, e in items.items():
            found = e if isinstance(e, pl.Expr) else self.try_native(e)
            if found is None:
                theirs[name] = e
            else:
                ours[name] = found
        frame, parts = self.by_kernel(frame, theirs)
        ours.update(parts)
        reads_rows = any(e.meta.root_names() for e in ours.values())
        in_order = [(name, ours[name]) for name in items]
        if reads_rows:
            return frame.select([e.alias(name) for name, e in in_order])
        # A literal alone has one row: it gets the frame's height beside the frame's columns.
        temps = [(self.fresh(), name, e) for name, e in in_order]
        return frame.with_columns([e.alias(temp) for temp, _, e in temps]).select(
            [pl.col(temp).alias(name) for temp, name, _ in temps])

    def by_kernel(self, frame: pl.LazyFrame, items: dict) -> tuple[pl.LazyFrame, dict]:
        """All of them in one call for each batch: a column of structs, and its fields."""
        if not items:
            return frame, {}
        name = self.fresh('k')
        frame = frame.with_columns(self.kernel_expr(list(items.values())).alias(name))
        return frame, {key: pl.col(name).struct.field(f'f{i}') for i, key in enumerate(items)}

    def kernel_expr(self, exprs: list) -> pl.Expr:
        used: set[str] = set()
        for e in exprs:
            used.update(e.columns if isinstance(e, KeyText) else (f'c{c}' for c in e.columns()))
        types = {name: self.kernels.types[name] for name in sorted(used)}
        want = pl.Struct([pl.Field(f'f{i}', dtype(e.type)) for i, e in enumerate(exprs)])
        kernels = self.kernels

        def run(rows: pl.Series) -> pl.Series:
            if len(rows) == 0:
                return pl.Series([], dtype=want)
            frame = rows.struct.unnest()
            table = columns.table(frame, types)
            arrays = kernels.scalar(exprs, table)
            parts = [columns.series(a, e.type, f'f{i}')
                     for i, (a, e) in enumerate(zip(arrays, exprs))]
            return pl.DataFrame(parts).to_struct('')

        source = [pl.col(name) for name in types] or [pl.first()]
        return pl.struct(source).map_batches(run, return_dtype=want, is_elementwise=True)

    # ---- rows --------------------------------------------------------------------------------

    def filter(self, frame: pl.LazyFrame, conjuncts: list[Expr]) -> pl.LazyFrame:
        theirs = []
        safe: pl.Expr | None = None
        for e in conjuncts:
            found = self.try_native(e)
            if found is None or self.native.may_fail:
                theirs.append(e)
            else:
                found = found.cast(pl.Boolean)
                safe = found if safe is None else safe & found
        if safe is not None:
            frame = frame.filter(safe)
        if not theirs:
            return frame
        if any(e.duckdb is None for e in theirs):
            return frame.filter(pl.all_horizontal([self.native.expr(e) for e in theirs]))
        # One may fail where another is false: CASE looks at the next only where those before hold.
        # The safe ones are repeated: Polars may run these before them.
        both = [e for e in conjuncts if e not in theirs] + theirs
        text = guarded([e.duckdb for e in both])
        used = {f'c{c}' for e in both for c in e.columns()}
        name = self.fresh('k')
        condition = KeyText(text, BOOL, used, [p for e in both for p in e.walk()])
        frame = frame.with_columns(self.kernel_expr([condition]).struct.field('f0').alias(name))
        return frame.filter(pl.col(name)).drop(name)

    # ---- keys --------------------------------------------------------------------------------

    def key(self, e: Expr):
        """An expression whose equality in Polars is that of the values."""
        if e.type.kind in SIMPLE:
            return e
        return KeyText(f"create_sort_key({e.duckdb}, 'ASC NULLS LAST')", BLOB,
                       {f'c{c}' for c in e.columns()}, list(e.walk()))

    def sort_key(self, e: Expr, desc: bool, nulls_first: bool):
        """(what to order by, descending, NULLs last)"""
        if e.type.kind in SIMPLE:
            return e, desc, not nulls_first
        order = f"{'DESC' if desc else 'ASC'} NULLS {'FIRST' if nulls_first else 'LAST'}"
        return KeyText(f"create_sort_key({e.duckdb}, '{order}')", BLOB,
                       {f'c{c}' for c in e.columns()}, list(e.walk())), False, True

    def column_key(self, col):
        """Of a column: its own, or one for what Polars can't compare."""
        e = Expr('column', col.type, col=col.id, duckdb=f'"{col.key}"')
        return self.key(e)


class KeyText(Text):
    """A text, the columns that it reads and the expressions (of parameters) in it."""

    def __init__(self, duckdb: str, type_: Type, columns_: set[str], parts: list[Expr]):
        super().__init__(duckdb, type_)
        self.columns, self.parts = columns_, parts

    def walk(self):
        return iter(self.parts)


def guarded(texts: list[str]) -> str:
    """a AND b AND c, each looked at only where those before it are true."""
    found = texts[-1]
    for text in reversed(texts[:-1]):
        found = f'CASE WHEN {text} THEN {found} ELSE FALSE END'
    return found

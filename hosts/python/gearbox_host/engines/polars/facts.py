"""What is known of a plan's columns without reading them: bounds of numbers, and no NULLs.

They save guards. A bound is of the stored integers: of a decimal's digits without its point.
"""
from __future__ import annotations

import decimal

import pyarrow as pa
import pyarrow.parquet as pq

from ...errors import HostError
from ...plan import nodes as n
from ...plan.types import Type


class Facts:
    def __init__(self, root: n.Node | None, params: dict):
        self.params = params
        self.col_bounds: dict[int, tuple[int, int]] = {}
        self.no_nulls: set[int] = set()
        self.root = root
        self.note_all()

    def note_all(self) -> None:
        self.col_bounds.clear()
        self.no_nulls.clear()
        for node in self.root.walk() if self.root is not None else ():
            self.note(node)

    def read_files(self) -> None:
        """When the job runs: what the footers of its Parquet files say."""
        wanted = calculated_columns(self.root)
        for node in self.root.walk():
            if isinstance(node, n.Scan) and node.source.format == 'parquet' and \
                    node.source.stats is None and wanted & {col.id for col in node.cols}:
                node.source.stats = footer_stats(node, wanted)
        self.note_all()

    def param(self, name: str):
        if name not in self.params:
            raise HostError('protocol', f'a parameter without a value: {name[:60]}')
        return self.params[name]

    # ---- columns -----------------------------------------------------------------------------

    def note(self, node: n.Node) -> None:
        if isinstance(node, n.Scan):
            self.note_scan(node)
        elif isinstance(node, n.Project):
            for col, e in zip(node.cols, node.items):
                self.note_made(col, e)
        elif isinstance(node, n.Aggregate):
            for col, e in zip(node.cols, node.groups):
                if not node.sets:
                    self.note_made(col, e)
                elif (bounds := self.bounds(e)) is not None:
                    self.col_bounds[col.id] = bounds
        elif isinstance(node, n.Join):
            self.note_join(node)
    # References to a CTE are not followed: what is not known costs a guard, no more.

    def note_scan(self, node: n.Scan) -> None:
        if node.source.stats is None:
            return
        for col, field in zip(node.cols, node.fields):
            stats = node.source.stats[field] if field >= 0 else None
            if stats is None:
                continue
            if stats.null_count == 0:
                self.no_nulls.add(col.id)
            if stats.has_min_max and stats.min is not None and stats.max is not None:
                bounds = stored(col.type, stats.min), stored(col.type, stats.max)
                if None not in bounds:
                    self.col_bounds[col.id] = bounds

    def note_made(self, col: n.Col, e: n.Expr) -> None:
        bounds = self.bounds(e)
        if bounds is not None:
            self.col_bounds[col.id] = bounds
        if self.is_not_null(e):
            self.no_nulls.add(col.id)

    def note_join(self, node: n.Join) -> None:
        left, right = ({col.id for col in one.cols} for one in node.inputs)
        if node.kind in ('left', 'full', 'single', 'positional'):
            self.no_nulls -= right
        if node.kind in ('right', 'full', 'positional'):
            self.no_nulls -= left

    # ---- expressions -------------------------------------------------------------------------

    def is_not_null(self, e: n.Expr) -> bool:
        if e.kind == 'column':
            return e.col in self.no_nulls
        if e.kind == 'const':
            return e.value is not None
        if e.kind == 'cast' and not e.is_try and e.args[0].type.is_integer and e.type.is_integer:
            return self.is_not_null(e.args[0])
        return e.is_call('+', '-', '*') and all(self.is_not_null(arg) for arg in e.args)

    def bounds(self, e: n.Expr) -> tuple[int, int] | None:
        if e.kind == 'const' and e.value is None:
            return 0, 0
        if e.kind == 'const':
            value = stored(e.type, e.value)
            return None if value is None else (value, value)
        if e.kind == 'column' and e.col in self.col_bounds:
            return self.col_bounds[e.col]
        if e.is_call('+', '-', '*') and len(e.args) == 2:
            return self.bounds_of_call(e)
        if e.kind == 'case' and e.type.kind == 'decimal':
            found = [self.bounds(one) for one in e.args[1::2] + e.args[-1:]]
            if None not in found:
                return min(one[0] for one in found), max(one[1] for one in found)
        if e.kind == 'cast' and not e.is_try:
            found = self.bounds_of_cast(e)
            if found is not None:
                return found
        return type_bounds(e.type)

    def bounds_of_call(self, e: n.Expr) -> tuple[int, int] | None:
        a, b = (self.bounds(arg) for arg in e.args)
        if a is None or b is None:
            return None
        if e.fn == '+':
            return a[0] + b[0], a[1] + b[1]
        if e.fn == '-':
            return a[0] - b[1], a[1] - b[0]
        ends = [x * y for x in a for y in b]
        return min(ends), max(ends)

    def bounds_of_cast(self, e: n.Expr) -> tuple[int, int] | None:
        source, t = e.args[0].type, e.type
        found = self.bounds(e.args[0])
        if found is None or not (source.is_integer or source.kind == 'decimal'):
            return None
        if t.is_integer and source.is_integer:
            least, most = t.int_range()
            return max(found[0], least), min(found[1], most)
        if t.kind == 'decimal' and t.scale >= source.scale:
            factor = 10 ** (t.scale - source.scale)
            return found[0] * factor, found[1] * factor
        return None

    def fits(self, e: n.Expr, t: Type) -> bool:
        found = self.bounds(e)
        return found is not None and t.int_range()[0] <= found[0] and found[1] <= t.int_range()[1]


def calculated_columns(root: n.Node) -> set[int]:
    """Columns that a calculation reads, also through others: whose bounds may save a guard."""
    found: set[int] = set()
    for node in reversed(list(root.walk())):
        for e in node.exprs():
            for one in e.walk():
                if one.is_call('+', '-', '*') or one.kind == 'cast' or \
                        one.kind == 'agg' and one.fn in ('sum', 'avg'):
                    found |= one.columns()
        if isinstance(node, n.Project):
            for col, e in zip(node.cols, node.items):
                if col.id in found:
                    found |= e.columns()
    return found


def footer_stats(node: n.Scan, columns: set[int]) -> list[n.Stats] | None:
    """Of the columns that are wanted and have bounds; None where a file does not say."""
    wanted = {node.source.fields[i][0]: i for col, i in zip(node.cols, node.fields)
              if i != n.ROWID and col.id in columns and type_bounds(col.type) is not None}
    found: dict[str, n.Stats] = {}
    if not wanted:
        return None
    try:
        for path in node.source.paths:
            add_footer(pq.read_metadata(path), wanted, found)
    except (OSError, ValueError, pa.ArrowException):
        return None  # the scan itself will say what is wrong
    stats = [n.Stats() for _ in node.source.fields]
    for name, i in wanted.items():
        stats[i] = found.get(name, stats[i])
    return stats


def add_footer(footer, wanted: dict[str, int], found: dict[str, n.Stats]) -> None:
    places = {footer.schema.column(i).path: i for i in range(footer.num_columns)}
    for name in wanted:
        one = found.setdefault(name, n.Stats(null_count=0, has_min_max=True))
        for group in range(footer.num_row_groups):
            part = footer.row_group(group)
            stats = part.column(places[name]).statistics if name in places else None
            if stats is None or not stats.has_null_count:
                one.null_count = None
            elif one.null_count is not None:
                one.null_count += stats.null_count
            if stats is not None and stats.has_null_count and stats.null_count == part.num_rows:
                continue
            if stats is None or not stats.has_min_max or not one.has_min_max:
                one.has_min_max = False
                continue
            one.min = stats.min if one.min is None else min(one.min, stats.min)
            one.max = stats.max if one.max is None else max(one.max, stats.max)


def type_bounds(t: Type) -> tuple[int, int] | None:
    if t.is_integer:
        return t.int_range()
    if t.kind == 'decimal':
        return 1 - 10 ** t.precision, 10 ** t.precision - 1
    return None


def stored(t: Type, value) -> int | None:
    try:
        if t.is_integer:
            return int(value)
        if t.kind == 'decimal':
            return int(decimal.Decimal(value).scaleb(t.scale, decimal.Context(prec=60)))
    except (ValueError, TypeError, ArithmeticError):
        pass
    return None

"""A plan as data: columns, expressions, sources, operators. Nothing of any engine.

Every node has `inputs` and `cols`, all its output columns in order: those that it passes on and
those that it makes. A column is named by its id everywhere, and is `c<id>` inside every engine.
A node that several others have as input is one object: compare with `is`.
"""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Iterator

from .types import Type


@dataclass(frozen=True, slots=True)
class Col:
    id: int
    type: Type
    name: str = ''  # a label; need not be unique

    @property
    def key(self) -> str:
        return f'c{self.id}'


# ---- expressions -----------------------------------------------------------------------------

@dataclass(slots=True, eq=False)
class Expr:
    """`kind`: column, const, param, cast, call, case, lambda, agg, window, unnest."""
    kind: str
    type: Type
    args: list['Expr'] = field(default_factory=list)
    fn: str = ''                           # call, agg, window
    arg_names: list[str] | None = None
    col: int = 0                           # column
    value: Any = None                      # const: as JSON gave it, checked by value()
    name: str = ''                         # param
    is_try: bool = False                   # cast
    params: tuple[int, ...] = ()           # lambda
    spec: 'AggSpec | WindowSpec | None' = None
    duckdb: str | None = None              # the whole as DuckDB's SQL, where it came with one

    def children(self) -> Iterator['Expr']:
        yield from self.args
        if self.spec is not None:
            yield from self.spec.children()

    def walk(self) -> Iterator['Expr']:
        """Itself and everything below it."""
        stack = [self]
        while stack:
            expr = stack.pop()
            yield expr
            stack.extend(expr.children())

    def columns(self) -> set[int]:
        """Ids of the columns that it reads: parameters of its lambdas are none."""
        found, own = set(), set()
        for expr in self.walk():
            if expr.kind == 'column':
                found.add(expr.col)
            elif expr.kind == 'lambda':
                own.update(expr.params)
        return found - own

    def is_call(self, *names: str) -> bool:
        return self.kind == 'call' and self.fn in names


@dataclass(slots=True, eq=False)
class SortKey:
    expr: Expr
    desc: bool = False
    nulls_first: bool = False


@dataclass(slots=True, eq=False)
class AggSpec:
    distinct: bool = False
    state: bool = False
    filter: Expr | None = None
    order: list[SortKey] = field(default_factory=list)

    def children(self) -> Iterator[Expr]:
        if self.filter is not None:
            yield self.filter
        yield from (key.expr for key in self.order)


@dataclass(slots=True, eq=False)
class WindowSpec:
    aggregate: bool = False  # an aggregate's name, not a window function's
    partitions: list[Expr] = field(default_factory=list)
    order: list[SortKey] = field(default_factory=list)
    unit: str = 'rows'       # rows, range, groups
    start: str = 'unbounded_preceding'
    end: str = 'unbounded_following'
    start_offset: Expr | None = None
    end_offset: Expr | None = None
    exclude: str = ''        # '', current_row, group, ties
    distinct: bool = False
    ignore_nulls: bool = False
    filter: Expr | None = None
    arg_order: list[SortKey] = field(default_factory=list)

    def children(self) -> Iterator[Expr]:
        yield from self.partitions
        yield from (key.expr for key in self.order)
        for one in (self.start_offset, self.end_offset, self.filter):
            if one is not None:
                yield one
        yield from (key.expr for key in self.arg_order)


# ---- sources ---------------------------------------------------------------------------------

@dataclass(slots=True, eq=False)
class Stats:
    null_count: int | None = None
    min: Any = None
    max: Any = None
    has_min_max: bool = False


@dataclass(slots=True, eq=False)
class Source:
    """`scan` of plan-json.md. What only matters to the reader of a format stays in `rest`."""
    format: str
    fields: list[tuple[str, Type]]
    name: str = ''
    paths: list[str] = field(default_factory=list)
    partitions: int = 0
    union_by_name: bool = False
    hive_partitioning: bool = False
    filename_column: str = ''
    row_count: int | None = None
    row_count_exact: bool = False
    size_bytes: int | None = None
    stats: list[Stats] | None = None
    rest: dict[str, Any] = field(default_factory=dict)


ROWID = -1

# ---- operators -------------------------------------------------------------------------------


@dataclass(slots=True, eq=False)
class Node:
    inputs: list['Node']
    cols: list[Col]
    op = ''

    def exprs(self) -> Iterator[Expr]:
        """Those directly under it."""
        return iter(())

    def walk(self) -> Iterator['Node']:
        """Itself and all below it, each once; inputs first."""
        seen: set[int] = set()
        stack: list[tuple[Node, bool]] = [(self, False)]
        while stack:
            node, is_done = stack.pop()
            if is_done:
                yield node
            elif id(node) not in seen:
                seen.add(id(node))
                stack.append((node, True))
                stack.extend((one, False) for one in reversed(node.inputs))


@dataclass(slots=True, eq=False)
class Scan(Node):
    source: Source
    fields: list[int]  # indexes into the source's fields, or ROWID
    op = 'scan'


@dataclass(slots=True, eq=False)
class Values(Node):
    rows: list[list[Expr]]
    op = 'values'

    def exprs(self):
        return (expr for row in self.rows for expr in row)


@dataclass(slots=True, eq=False)
class Filter(Node):
    conjuncts: list[Expr]
    op = 'filter'

    def exprs(self):
        return iter(self.conjuncts)


@dataclass(slots=True, eq=False)
class Project(Node):
    items: list[Expr]
    op = 'project'

    def exprs(self):
        return iter(self.items)


@dataclass(slots=True, eq=False)
class Aggregate(Node):
    """Its columns are the groups, the aggregates, then one int64 for each of `grouping`."""
    groups: list[Expr]
    aggs: list[Expr]
    sets: list[list[int]]      # empty: one set of all groups
    grouping: list[list[int]]
    op = 'aggregate'

    def exprs(self):
        yield from self.groups
        yield from self.aggs


@dataclass(slots=True, eq=False)
class Join(Node):
    kind: str
    asof: bool
    on: list[Expr]
    op = 'join'

    def exprs(self):
        return iter(self.on)


@dataclass(slots=True, eq=False)
class Sort(Node):
    """sort, limit and topn."""
    which: str
    keys: list[SortKey]
    limit: Expr | None
    offset: Expr | None
    percent: bool

    @property
    def op(self) -> str:
        return self.which

    def exprs(self):
        yield from (key.expr for key in self.keys)
        yield from (one for one in (self.limit, self.offset) if one is not None)


@dataclass(slots=True, eq=False)
class Distinct(Node):
    on: list[Expr]
    order: list[SortKey]
    op = 'distinct'

    def exprs(self):
        yield from self.on
        yield from (key.expr for key in self.order)


@dataclass(slots=True, eq=False)
class SetOp(Node):
    kind: str
    all: bool
    op = 'setop'


@dataclass(slots=True, eq=False)
class Window(Node):
    items: list[Expr]
    op = 'window'

    def exprs(self):
        return iter(self.items)


@dataclass(slots=True, eq=False)
class Unnest(Node):
    items: list[Expr]
    op = 'unnest'

    def exprs(self):
        return iter(self.items)


@dataclass(slots=True, eq=False)
class Sample(Node):
    method: str
    amount: float
    percent: bool
    seed: int | None
    op = 'sample'


@dataclass(slots=True, eq=False)
class Pivot(Node):
    n_groups: int
    n_aggs: int
    labels: list[str]
    defaults: list[Expr]  # none, or one for each aggregate
    op = 'pivot'

    def exprs(self):
        return iter(self.defaults)


@dataclass(slots=True, eq=False)
class Cte(Node):
    """Inputs: definition, body."""
    id: int
    name: str
    materialized: bool
    op = 'cte'


@dataclass(slots=True, eq=False)
class CteRef(Node):
    id: int
    fields: list[int]
    op = 'cte_ref'


@dataclass(slots=True, eq=False)
class Recursive(Node):
    """Inputs: anchor, step."""
    id: int
    name: str
    all: bool
    op = 'recursive'


@dataclass(slots=True, eq=False)
class TableFn(Node):
    fn: str
    args: list[Expr]
    arg_names: list[str] | None
    fields: list[tuple[str, Type]]
    used: list[int]
    ordinality: bool
    op = 'table_fn'

    def exprs(self):
        return iter(self.args)


@dataclass(slots=True, eq=False)
class Call(Node):
    language: str
    entry: str
    code: bytes
    digest: str
    batch_form: str
    pure: bool
    op = 'call'


@dataclass(slots=True, eq=False)
class Sink(Node):
    format: str
    path: str
    op = 'sink'

"""Rewrites of a plan that suit Polars: it does not move semi joins itself.

    semi(inner(A, B), R) on A's columns   →   inner(semi(A, R), B)

where A is smaller than what it is joined with, by the row counts of the sources: fewer rows are
joined then. Nodes are replaced, never changed: others may share them.
"""
from __future__ import annotations

from ...plan import nodes as n


def push_semi_joins(root: n.Node) -> n.Node:
    return _Pusher().one(root)


class _Pusher:
    def __init__(self):
        self.done: dict[int, n.Node] = {}

    def one(self, node: n.Node) -> n.Node:
        """Inputs first; what has several readers stays one node."""
        if id(node) in self.done:
            return self.done[id(node)]
        found = with_inputs(node, [self.one(one) for one in node.inputs])
        if isinstance(found, n.Join) and found.kind in ('semi', 'anti') and not found.asof:
            found = self.pushed(found) or found
        self.done[id(node)] = found
        return found

    def pushed(self, join: n.Join) -> n.Node | None:
        """The join further down on its left side; None where it stays."""
        sides = [{col.id for col in one.cols} for one in join.inputs]
        keys = set()
        for e in join.on:
            is_key = e.is_call('=', 'is_not_distinct_from') and len(e.args) == 2
            own = e.columns() & sides[0]
            if not is_key or not own or not any(arg.columns() == own for arg in e.args):
                return None
            keys |= own
        top = join.inputs[0]
        if not keys or size_of(join.inputs[1]) is None or size_of(top) is None:
            return None
        return self.into(top, join, keys, size_of(top))

    def into(self, node: n.Node, join: n.Join, keys: set[int], whole: int) -> n.Node | None:
        """`node` with the join below it."""
        if isinstance(node, n.Project) and is_select(node):
            below = self.into(node.inputs[0], join, keys, whole)
            return n.Project([below], node.cols, node.items) if below is not None else None
        if isinstance(node, n.Join) and node.kind == 'inner' and not node.asof:
            for i, one in enumerate(node.inputs):
                if keys <= {col.id for col in one.cols}:
                    below = self.into(one, join, keys, whole) or self.here(one, join, whole)
                    if below is None:
                        return None
                    inputs = [below if i == j else other for j, other in enumerate(node.inputs)]
                    return n.Join(inputs, node.cols, node.kind, node.asof, node.on)
        return None

    def here(self, node: n.Node, join: n.Join, whole: int) -> n.Node | None:
        size = size_of(node)
        if size is None or size * 2 > whole:
            return None
        return n.Join([node, join.inputs[1]], node.cols, join.kind, False, join.on)


def is_select(node: n.Project) -> bool:
    """Bare columns that keep their ids."""
    return all(e.kind == 'column' and e.col == col.id for e, col in zip(node.items, node.cols))


def size_of(node: n.Node) -> int | None:
    """The rows of its largest source."""
    sizes = []
    for one in node.walk():
        if isinstance(one, n.Scan):
            sizes.append(one.source.row_count)
        elif not one.inputs:
            sizes.append(None)
    return max(sizes) if sizes and None not in sizes else None


def with_inputs(node: n.Node, inputs: list[n.Node]) -> n.Node:
    if all(a is b for a, b in zip(inputs, node.inputs)):
        return node
    fields = {name: getattr(node, name) for name in node.__dataclass_fields__}
    return type(node)(**{**fields, 'inputs': inputs})

"""Which columns of each operator's output are read above it: no others are carried along."""
from __future__ import annotations

from ...plan.nodes import Node


def needs(root: Node, wanted: set[int] | None = None) -> dict[int, set[int]]:
    """By id() of the node: ids of columns. wanted: of the root's; None: all."""
    found: dict[int, set[int]] = {}
    _visit(root, {col.id for col in root.cols} if wanted is None else wanted, found)
    return found


def _visit(node: Node, wanted: set[int], found: dict) -> None:
    own = {col.id for col in node.cols}
    wanted = wanted & own
    have = found.get(id(node))
    if have is not None and wanted <= have:
        return
    wanted = found[id(node)] = wanted | (have or set())
    for child, asked in zip(node.inputs, _asked(node, wanted)):
        _visit(child, asked, found)


def _read(exprs) -> set[int]:
    return set().union(*(expr.columns() for expr in exprs))


def _all(node: Node) -> list[set[int]]:
    return [{col.id for col in child.cols} for child in node.inputs]


def _asked(node: Node, wanted: set[int]) -> list[set[int]]:
    op = node.op
    if op == 'project':
        return [_read(item for item, col in zip(node.items, node.cols) if col.id in wanted)]
    if op in ('filter', 'join', 'sort', 'limit', 'topn', 'sample', 'table_fn', 'values'):
        asked = wanted | _read(node.exprs())
        return [asked] * len(node.inputs)
    if op in ('window', 'unnest'):
        return [wanted | _read(node.items)]
    if op == 'aggregate':
        return [_read(node.exprs())]
    if op == 'partial':  # an aggregate's states
        return [_read(node.aggregate.exprs())]
    if op == 'distinct' and node.on:
        return [wanted | _read(node.exprs())]
    if op == 'cte':
        return [{col.id for col in node.inputs[0].cols}, wanted]
    return _all(node)

"""A plan over frames.

`stream(node)` gives the rows of an operator as frames, one after the other: scans, filters,
projections and the probed side of joins never have more than a piece in memory. `collect(node)`
gives them as one. Only the columns that are read above are there (needs.py).
"""
from __future__ import annotations

import numpy as np
import pandas as pd

from ...errors import HostError, unsupported
from ...plan import nodes as n
from . import aggregate, join, rows, scalars, scan, window
from .columns import array_of, concat, frame_of, nulls_of, slice_rows, take
from .needs import needs

RECURSION_MOST = 1_000_000
_TURNED = {'inner': 'inner', 'left': 'right', 'right': 'left', 'full': 'full', 'cross': 'cross',
           'semi': 'right', 'anti': 'right'}


def check(root: n.Node, kernels) -> None:
    """At `prepare`: 'unsupported' for what has no exact answer here."""
    for node in root.walk():
        if isinstance(node, (n.Call, n.Sink)):
            raise unsupported(f'the operator {node.op}')
        if isinstance(node, n.Aggregate):
            aggregate.check(node)
        elif isinstance(node, n.Join):
            join.tell_sides(node, kernels)
            join.check(node)
        elif isinstance(node, n.Window):
            window.check(node)
        else:
            for expr in node.exprs():
                _check_expr(node, expr)


def _check_expr(node: n.Node, expr: n.Expr) -> None:
    if expr.kind == 'unnest':
        expr = expr.args[0]
    if isinstance(node, n.TableFn) and expr.duckdb is None:
        raise unsupported(f'the arguments of {node.fn}')
    scalars.check(expr)


class Executor:
    def __init__(self, root: n.Node, inputs, run: scalars.Scalars, seed: int,
                 tick=lambda: None, wanted=None):
        self.root, self.inputs, self.run, self.seed, self.tick = root, inputs, run, seed, tick
        self.needs = needs(root, wanted)
        self.kept: dict[int, pd.DataFrame] = {}
        self.ctes: dict[int, n.Node] = {}
        self.tables: dict[int, tuple] = {}
        self.shared = self._shared(root)
        self.refs = self._count_refs(root)

    @staticmethod
    def _shared(root: n.Node) -> set[int]:
        parents: dict[int, int] = {}
        for node in root.walk():
            for child in node.inputs:
                parents[id(child)] = parents.get(id(child), 0) + 1
        return {key for key, count in parents.items() if count > 1}

    @staticmethod
    def _count_refs(root: n.Node) -> dict[int, int]:
        found: dict[int, int] = {}
        for node in root.walk():
            if isinstance(node, n.CteRef):
                found[node.id] = found.get(node.id, 0) + 1
        return found

    def wanted(self, node: n.Node) -> list[n.Col]:
        ids = self.needs.get(id(node))
        return [col for col in node.cols if ids is None or col.id in ids]

    # ---- the two ways ------------------------------------------------------------------------

    def stream(self, node: n.Node):
        """At least one frame, perhaps without rows."""
        if id(node) in self.shared:
            yield self.collect(node)
            return
        for frame in self._stream(node):
            self.tick()
            yield frame

    def _stream(self, node: n.Node):
        return getattr(self, 'op_' + node.op)(node)

    def collect(self, node: n.Node) -> pd.DataFrame:
        if id(node) in self.kept:
            return self.kept[id(node)]
        frames = []
        for frame in self._stream(node):
            self.tick()
            frames.append(frame)
        found = concat(frames, self.run.types)
        if id(node) in self.shared:
            self.kept[id(node)] = found
        return found

    def select(self, frame: pd.DataFrame, cols) -> pd.DataFrame:
        return frame_of({col.key: frame[col.key].array for col in cols}, len(frame))

    def choose(self, node: n.Node, frame: pd.DataFrame, positions) -> pd.DataFrame:
        return take(frame, positions, [col.key for col in self.wanted(node)])

    # ---- leaves ------------------------------------------------------------------------------

    def op_scan(self, node, conjuncts=()):
        yield from scan.chunks(node, self.wanted(node), self.inputs, list(conjuncts))

    def op_values(self, node):
        if not node.inputs:
            yield rows.values(node, None, self.run)
            return
        for frame in self.stream(node.inputs[0]):
            yield rows.values(node, frame, self.run)

    def op_cte_ref(self, node):
        if node.id in self.tables:
            frame, cols = self.tables[node.id]
            yield self._refer(node, frame, cols)
            return
        definition = self.ctes.get(node.id)
        if definition is None:
            raise HostError('protocol', 'a reference to a common table that is not there')
        if self.refs.get(node.id) == 1:
            for frame in self.stream(definition):
                yield self._refer(node, frame, definition.cols)
            return
        self.tables[node.id] = self.collect(definition), definition.cols
        yield self._refer(node, *self.tables[node.id])

    def _refer(self, node, frame, cols):
        wanted = set(self.wanted(node))
        return frame_of({new.key: frame[cols[field].key].array
                         for new, field in zip(node.cols, node.fields) if new in wanted},
                        len(frame))

    def op_table_fn(self, node):
        if not node.inputs:
            yield from rows.numbers(node) or [rows.table_fn(node, None, self.run)]
            return
        for frame in self.stream(node.inputs[0]):
            yield rows.table_fn(node, frame, self.run)

    # ---- row by row --------------------------------------------------------------------------

    def op_filter(self, node):
        child = node.inputs[0]
        labels = [col.key for col in self.wanted(node)]
        if isinstance(child, n.Scan) and id(child) not in self.shared:
            frames = self.op_scan(child, node.conjuncts)
        else:
            frames = self.stream(child)
        for frame in frames:
            true = self.run.truth(node.conjuncts, frame)
            if true is None or true.all():
                yield self.select(frame, self.wanted(node))
            else:
                yield take(frame, np.flatnonzero(true), labels)

    def op_project(self, node):
        wanted = set(self.wanted(node))
        pairs = [(col, expr) for col, expr in zip(node.cols, node.items) if col in wanted]
        for frame in self.stream(node.inputs[0]):
            yield self.project(pairs, frame)

    def project(self, pairs, frame: pd.DataFrame) -> pd.DataFrame:
        arrays = {col.key: frame[f'c{expr.col}'].array for col, expr in pairs
                  if expr.kind == 'column'}
        others = [(col, expr) for col, expr in pairs if expr.kind != 'column']
        for (col, _), vec in zip(others, self.run.vecs([expr for _, expr in others], frame)):
            arrays[col.key] = array_of(vec)
        return frame_of(arrays, len(frame))

    def op_unnest(self, node):
        wanted = set(self.wanted(node))
        for frame in self.stream(node.inputs[0]):
            yield rows.unnest(node, frame, self.run, wanted)

    # ---- all rows ----------------------------------------------------------------------------

    def op_aggregate(self, node):
        whole = aggregate.Aggregation(node, self.run)
        if not aggregate.is_partial(node):
            yield whole.whole(self.collect(node.inputs[0]))
            return
        pieces, n_rows = [], 0
        for frame in self.stream(node.inputs[0]):
            if pieces and not len(frame):
                continue
            pieces.append(whole.partial(frame))
            n_rows += len(pieces[-1])
            if n_rows > 4 * scan.CHUNK and len(pieces) > 4:
                pieces = [whole.merge(pieces, is_last=False)]
                n_rows = 0
        yield whole.merge(pieces)

    def op_sort(self, node):
        frame = self.collect(node.inputs[0])
        yield self.choose(node, frame, rows.sort(node, frame, self.run))

    def op_topn(self, node):
        if node.percent:
            frame = self.collect(node.inputs[0])
            offset, limit = rows.window_of(node, frame, self.run)
            positions = rows.topn(node, frame, self.run, offset + limit)
            yield self.choose(node, frame, positions[offset:])
            return
        best, k = None, None
        for frame in self.stream(node.inputs[0]):
            if k is None:
                limit = rows.bound(node.limit, frame, self.run)
                offset = rows.bound(node.offset, frame, self.run) or 0
                k = None if limit is None else limit + offset
            frame = frame if best is None else concat([best, frame], self.run.types)
            top = len(frame) if k is None else k
            best = take(frame, rows.topn(node, frame, self.run, top))
            k = k if k is not None else 1 << 62
        yield self.select(slice_rows(best, offset, len(best)), self.wanted(node))

    def op_limit(self, node):
        if node.percent or any(one is not None and one.columns()
                               for one in (node.limit, node.offset)):
            frame = self.collect(node.inputs[0])
            offset, limit = rows.window_of(node, frame, self.run)
            yield self.select(slice_rows(frame, offset, offset + limit), self.wanted(node))
            return
        empty = frame_of({}, 1)
        offset = rows.bound(node.offset, empty, self.run) or 0
        limit = rows.bound(node.limit, empty, self.run)
        limit = 1 << 62 if limit is None else limit
        if limit == 0:
            yield frame_of({col.key: array_of(nulls_of(0, col.type))
                            for col in self.wanted(node)}, 0)
            return
        for frame in self.stream(node.inputs[0]):
            part = slice_rows(frame, min(offset, len(frame)), min(offset + limit, len(frame)))
            offset -= min(offset, len(frame))
            limit -= len(part)
            yield self.select(part, self.wanted(node))
            if limit <= 0:
                return

    def op_distinct(self, node):
        best = None
        for frame in self.stream(node.inputs[0]):
            frame = frame if best is None else concat([best, frame], self.run.types)
            best = take(frame, rows.distinct(node, frame, self.run))
        yield self.select(best, self.wanted(node))

    def op_window(self, node):
        frame = self.collect(node.inputs[0])
        wanted = self.wanted(node)
        found = window.run(node, frame, self.run, set(wanted))
        yield frame_of({col.key: found[col.key] if col.key in found else frame[col.key].array
                        for col in wanted}, len(frame))

    def op_sample(self, node):
        frame = self.collect(node.inputs[0])
        yield self.choose(node, frame, rows.sample(node, len(frame), self.seed))

    def op_pivot(self, node):
        yield rows.pivot(node, self.collect(node.inputs[0]), self.run)

    def op_setop(self, node):
        if node.kind == 'union' and node.all:
            for child in node.inputs:
                for frame in self.stream(child):
                    yield rows.rename(frame, child.cols, node.cols)
            return
        best = None
        for child in node.inputs:
            frame = rows.rename(self.collect(child), child.cols, node.cols)
            if best is None:
                best = frame
            elif node.kind == 'union':
                best = concat([best, frame], self.run.types)
            else:
                best = take(best, rows.subtract(node, best, frame, self.run))
        if node.kind == 'union':
            best = take(best, rows.distinct(n.Distinct([], node.cols, [], []), best, self.run))
        yield best

    # ---- joins -------------------------------------------------------------------------------

    def op_join(self, node):
        left, right = node.inputs
        if node.kind == 'positional':
            yield self._wanted_of(node, join.positional(node, *self._both(node)))
            return
        if node.asof:
            yield self._wanted_of(node, join.asof(node, *self._both(node), self.run))
            return
        if self._is_turned(node):
            yield from self._probe_right(node)
            return
        joiner = join.Joiner(self._narrow(node), self.collect(right), self.run)
        for frame in self.stream(left):
            for found in joiner.probe(frame):
                yield self._wanted_of(node, found)
        for found in joiner.rest():
            yield self._wanted_of(node, found)

    def _both(self, node):
        return self.collect(node.inputs[0]), self.collect(node.inputs[1])

    def _wanted_of(self, node, frame):
        return self.select(frame, self.wanted(node))

    def _narrow(self, node: n.Join, kind: str | None = None, turned: bool = False) -> n.Join:
        """The join with only the columns that are there; turned: sides changed."""
        wanted = {col.id for col in self.wanted(node)}
        sides = [join.Side([col for col in child.cols], [col for col in child.cols
                                                         if col.id in wanted])
                 for child in (reversed(node.inputs) if turned else node.inputs)]
        return n.Join(sides, node.cols, kind or node.kind, node.asof, node.on)

    def _is_turned(self, node: n.Join) -> bool:
        """Is it the left side that had better be in memory?"""
        if node.kind not in _TURNED:
            return False
        left, right = (self.estimate(child) for child in node.inputs)
        if node.kind in ('semi', 'anti'):
            return left * 4 < right and bool(join.split(node).keys)
        return left < right

    def _probe_right(self, node: n.Join):
        left = self.collect(node.inputs[0])
        joiner = join.Joiner(self._narrow(node, _TURNED[node.kind], turned=True), left, self.run)
        if node.kind in ('semi', 'anti'):
            for frame in self.stream(node.inputs[1]):
                joiner.mark_hits(frame)
            hit = joiner.is_hit if node.kind == 'semi' else ~joiner.is_hit
            yield self.choose(node, left, np.flatnonzero(hit))
            return
        for frame in self.stream(node.inputs[1]):
            for found in joiner.probe(frame):
                yield self._wanted_of(node, found)
        for found in joiner.rest():
            yield self._wanted_of(node, found)

    def estimate(self, node: n.Node) -> float:
        """Rows, roughly: only the order of two sides hangs on it."""
        if id(node) in self.kept:
            return len(self.kept[id(node)])
        op = node.op
        if op == 'scan':
            return node.source.row_count if node.source.row_count is not None else 1e6
        if op == 'values':
            return len(node.rows)
        if op == 'cte_ref':
            if node.id in self.tables:
                return len(self.tables[node.id][0])
            return self.estimate(self.ctes[node.id]) if node.id in self.ctes else 1e3
        if op == 'filter':
            return self.estimate(node.inputs[0]) * 0.25 ** min(len(node.conjuncts), 2)
        if op == 'aggregate':
            return self.estimate(node.inputs[0]) * 0.1 if node.groups else 1
        if op in ('limit', 'topn') and node.limit is not None and node.limit.kind == 'const' and \
                not node.percent and node.limit.value is not None:
            return min(self.estimate(node.inputs[0]), float(node.limit.value))
        sizes = [self.estimate(child) for child in node.inputs]
        if op == 'join':
            return self._estimate_join(node, *sizes)
        return sizes[-1] if op == 'cte' else sum(sizes) if op == 'setop' else max(sizes, default=1)

    @staticmethod
    def _estimate_join(node: n.Join, left: float, right: float) -> float:
        if node.kind in ('semi', 'anti'):
            return left * 0.5
        if node.kind == 'cross' or not join.split(node).keys and node.kind != 'positional':
            return left * right
        return max(left, right) if node.kind in ('full', 'positional') else \
            max(left, right) * 0.5

    # ---- common tables -----------------------------------------------------------------------

    def op_cte(self, node):
        definition, body = node.inputs
        self.tables.pop(node.id, None)
        self.ctes[node.id] = definition
        yield from self.stream(body)

    def op_recursive(self, node):
        anchor, step = node.inputs
        self._keep_still_parts(step)
        new = rows.rename(self.collect(anchor), anchor.cols, node.cols)
        if not node.all:
            new = self._fresh(node, None, new)
        found = [new]
        for _ in range(RECURSION_MOST):
            if not len(new):
                break
            self.tables[node.id] = new, node.cols
            self._forget(step)
            new = rows.rename(self.collect(step), step.cols, node.cols)
            if not node.all:
                new = self._fresh(node, concat(found, self.run.types), new)
            found.append(new)
        else:
            raise HostError('engine', 'a recursion that does not end')
        self.tables.pop(node.id, None)
        yield concat(found, self.run.types)

    def _fresh(self, node, old, new):
        """Rows that were not there before, once."""
        distinct = n.Distinct([], node.cols, [], [])
        new = take(new, rows.distinct(distinct, new, self.run))
        if old is None or not len(new):
            return new
        return take(new, rows.subtract(n.SetOp([], node.cols, 'except', False), new, old, self.run))

    def _moves(self, node: n.Node) -> bool:
        return any(isinstance(one, n.CteRef) for one in node.walk())

    def _keep_still_parts(self, step: n.Node) -> None:
        """What is the same in every round is computed once."""
        for node in step.walk():
            if not self._moves(node) and not _is_random(node):
                self.shared.add(id(node))

    def _forget(self, step: n.Node) -> None:
        for node in step.walk():
            if self._moves(node):
                self.kept.pop(id(node), None)
                if isinstance(node, n.Cte):
                    self.tables.pop(node.id, None)


def _is_random(root: n.Node) -> bool:
    return any(isinstance(node, n.Sample) or
               any(scalars.is_volatile(expr) for expr in node.exprs()) for node in root.walk())

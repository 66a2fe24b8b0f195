"""Plans over pieces that lie on workers: what Dask and Modin share.

    scan      one piece for some row groups of a file, read where it is needed
    row-wise  a chain of filters, projections, joins against a side that every worker has … is one
              task for each piece
    breakers  states of aggregates, the first rows of a piece, distinct rows: once for each piece,
              once more for all; joins of two large sides by buckets of their keys; what has an
              exact answer over all rows only gets them in one piece

The operators themselves are those of the pandas engine (engines/pandas/execute.py): a task gets a
plan whose leaves are `Held`, the frames that the task is given.
"""
from __future__ import annotations

import copy
import operator
import pickle
import threading
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import pyarrow as pa

from ..errors import HostError, from_exception
from ..kernels import Kernels, Text
from ..plan import nodes as n
from ..plan.types import Type
from .base import Config, Job
from .pandas import aggregate, execute, join, scan
from .pandas.columns import concat, take, to_arrow
from .pandas.needs import needs
from .pandas.scalars import Scalars

FAN_IN = 8                 # states that are merged at a time
SHUFFLE_ROWS = 3_000_000   # of the smaller side, about: above, both sides go into buckets
BUCKETS = 8
_ROW_WISE = (n.Filter, n.Project, n.Unnest)


# ---- in a worker -----------------------------------------------------------------------------

@dataclass(slots=True, eq=False)
class Held(n.Node):
    """A frame that the task was given."""
    index: int = 0
    op = 'held'


@dataclass(slots=True, eq=False)
class Part(n.Node):
    """The part of a scan that the task was given."""
    scan: n.Scan = None
    index: int = 0
    op = 'part'


@dataclass(slots=True, eq=False)
class Partial(n.Node):
    """The states of an aggregate."""
    aggregate: n.Aggregate = None
    op = 'partial'


@dataclass
class Context:
    """What of a job a worker must know."""
    key: str
    config: Config
    params: dict
    timezone: str
    now_us: int
    seed: int
    types: dict[str, Type]


class RemoteError(Exception):
    """A HostError on its way: (code, message)."""


class Remote(execute.Executor):
    def __init__(self, root, context: Context, held: list, wanted=None):
        super().__init__(root, Paths(), Scalars(_kernels(context)), context.seed, wanted=wanted)
        self.held = held

    def op_held(self, node):
        yield self.held[node.index]

    def op_part(self, node):
        yield scan.read_part(node.scan, set(self.wanted(node)), self.held[node.index])

    def op_partial(self, node):
        yield aggregate.Aggregation(node.aggregate, self.run).partial(self.collect(node.inputs[0]))


class Paths:
    """The inputs of a worker: files only."""

    @staticmethod
    def paths(source) -> list[str]:
        return list(source.paths)


_local = threading.local()


def _kernels(context: Context) -> Kernels:
    """One for each thread, of the job that it works for."""
    if getattr(_local, 'key', None) != context.key:
        job = Job(id=0, columns=[], inputs=None, params=context.params, timezone=context.timezone,
                  now_us=context.now_us, seed=context.seed)
        _local.kernels, _local.key = Kernels(context.config, job), context.key
        _local.kernels.types.update(context.types)
    return _local.kernels


def _told(run):
    """Errors in a form that every way between processes keeps."""
    def told(*args):
        try:
            return run(*args)
        except RemoteError:
            raise
        except Exception as error:
            found = from_exception(error)
            raise RemoteError(found.code, found.message) from None
    told.__name__ = run.__name__
    return told


def _run_tree(context: Context, tree: bytes, held: list) -> pd.DataFrame:
    root, wanted = pickle.loads(tree)
    return Remote(root, context, held, wanted).collect(root)


def _join_pieces(context: Context, pieces: list) -> pd.DataFrame:
    return concat(pieces, context.types)


def _merge_states(context: Context, node: bytes, pieces: list, is_last: bool) -> pd.DataFrame:
    whole = aggregate.Aggregation(pickle.loads(node), Scalars(_kernels(context)))
    return whole.merge(pieces, is_last)


def _split(context: Context, exprs: bytes, frame: pd.DataFrame, n_buckets: int) -> list:
    """The rows in buckets by the values of their keys."""
    run = Scalars(_kernels(context))
    keys = pickle.loads(exprs)
    hashes = np.zeros(len(frame), np.uint64)
    for expr, vec in zip(keys, run.vecs(keys, frame)):
        run.kernels.types['hashed'] = expr.type
        table = pa.table({'hashed': to_arrow(vec, expr.type)})
        found = run.kernels.scalar([Text('hash("hashed")', Type('uint64'))], table)[0]
        hashes = hashes * np.uint64(31) + found.to_numpy()
    buckets = (hashes >> np.uint64(7)) % np.uint64(n_buckets)
    return [take(frame, np.flatnonzero(buckets == i)) for i in range(n_buckets)]


run_tree, join_pieces = _told(_run_tree), _told(_join_pieces)
merge_states, split_piece = _told(_merge_states), _told(_split)


# ---- in the host -----------------------------------------------------------------------------

@dataclass
class Chain:
    """A plan over one piece (held 0) and frames that every task has (held 1 …)."""
    root: n.Node
    parts: list
    held: list = field(default_factory=list)


class Driver:
    """`cluster`: submit(run, *args) → a handle that later tasks take for its value; put(value) → a
    handle; result(handle) → the value."""

    def __init__(self, job: Job, config: Config, context: Context, cluster):
        self.job, self.config, self.context, self.cluster = job, config, context, cluster
        self.needs = needs(job.root)
        self.shared = execute.Executor._shared(job.root)
        self.kept: dict[int, list] = {}
        self.ctes: dict[int, n.Node] = {}
        self.where = cluster.put(context)
        sizes = execute.Executor(job.root, job.inputs, None, 0)
        self.estimate = sizes.estimate
        sizes.ctes = self.ctes
        self.shuffle_rows = int(config.options.get('shuffle_rows', SHUFFLE_ROWS))

    def wanted(self, node: n.Node) -> set[int]:
        return self.needs.get(id(node), {col.id for col in node.cols})

    # ---- tasks

    def task(self, root: n.Node, wanted: set[int], held: list):
        return self.cluster.submit(run_tree, self.where, pickle.dumps((root, wanted)), held)

    def single(self, node: n.Node):
        """All rows in one piece."""
        pieces = self.pieces(node)
        if len(pieces) == 1:
            return pieces[0]
        return self.cluster.submit(join_pieces, self.where, pieces)

    def over(self, node: n.Node, inputs: list):
        """The operator in one task, over its inputs in one piece each."""
        held = [Held([], child.cols, index=i) for i, child in enumerate(node.inputs)]
        return self.task(self.put_inputs(node, held), self.wanted(node), inputs)

    @staticmethod
    def put_inputs(node: n.Node, inputs: list) -> n.Node:
        found = copy.copy(node)
        found.inputs = inputs
        return found

    # ---- pieces

    def pieces(self, node: n.Node) -> list:
        if id(node) in self.kept:
            return self.kept[id(node)]
        found = self._pieces(node)
        if id(node) in self.shared:
            self.kept[id(node)] = found
        return found

    def _pieces(self, node: n.Node) -> list:
        made = getattr(self, 'op_' + node.op, None)
        if made is not None:
            return made(node)
        if node.op in ('scan', 'join') or isinstance(node, _ROW_WISE):
            return self.run_chain(self.chain(node), self.wanted(node))
        return [self.over(node, [self.single(child) for child in node.inputs])]

    def run_chain(self, chain: Chain, wanted: set[int]) -> list:
        if isinstance(chain.root, Held):
            return chain.parts
        tree = pickle.dumps((chain.root, wanted))
        return [self.cluster.submit(run_tree, self.where, tree, [part, *chain.held])
                for part in chain.parts]

    def chain(self, node: n.Node, is_top: bool = True, conjuncts=()) -> Chain:
        if id(node) in self.shared and not is_top or id(node) in self.kept:
            return Chain(Held([], node.cols), self.pieces(node))
        if isinstance(node, n.Scan):
            return self.chain_of_scan(node, list(conjuncts))
        if isinstance(node, _ROW_WISE):
            asked = node.conjuncts if isinstance(node, n.Filter) else ()
            below = self.chain(node.inputs[0], False, asked)
            return replace(below, root=self.put_inputs(node, [below.root]))
        if isinstance(node, n.Join):
            return self.chain_of_join(node)
        return Chain(Held([], node.cols), self.pieces(node))

    def chain_of_scan(self, node: n.Scan, conjuncts) -> Chain:
        if self.job.inputs.paths(node.source) is not None:
            return Chain(Part([], node.cols, scan=node), scan.parts(node, self.job.inputs, conjuncts))
        wanted = [col for col in node.cols if col.id in self.wanted(node)]
        frames = scan.chunks(node, wanted, self.job.inputs, conjuncts)
        return Chain(Held([], node.cols), [self.cluster.put(frame) for frame in frames])

    # ---- joins

    def chain_of_join(self, node: n.Join) -> Chain:
        """One side in pieces, the other one whole in each task."""
        left, right = node.inputs
        if node.asof or node.kind in ('positional', 'full'):
            if node.kind == 'full' and not node.asof and join.split(node).keys:
                return Chain(Held([], node.cols), self.shuffled(node))
            return Chain(Held([], node.cols), [self.over(node, [self.single(left),
                                                                self.single(right)])])
        sizes = self.estimate(left), self.estimate(right)
        is_right = node.kind == 'right' or node.kind in ('inner', 'cross') and sizes[0] < sizes[1]
        whole = sizes[0] if is_right else sizes[1]
        if whole > self.shuffle_rows and node.kind != 'mark' and join.split(node).keys:
            return Chain(Held([], node.cols), self.shuffled(node))
        below = self.chain(right if is_right else left, False)
        index = len(below.held) + 1
        other = Held([], (left if is_right else right).cols, index=index)
        inputs = [other, below.root] if is_right else [below.root, other]
        return Chain(self.put_inputs(node, inputs), below.parts,
                     below.held + [self.single(left if is_right else right)])

    def shuffled(self, node: n.Join) -> list:
        """Rows that may match are in the same bucket; each is joined by itself."""
        keys = join.split(node).keys
        sides = [self.buckets(node.inputs[0], [key.left for key in keys]),
                 self.buckets(node.inputs[1], [key.right for key in keys])]
        return [self.over(node, [sides[0][i], sides[1][i]]) for i in range(BUCKETS)]

    def buckets(self, node: n.Node, exprs: list) -> list:
        text = pickle.dumps(exprs)
        split = [self.cluster.submit(split_piece, self.where, text, piece, BUCKETS)
                 for piece in self.pieces(node)]
        return [self.cluster.submit(join_pieces, self.where,
                                    [self.cluster.submit(operator.getitem, one, i) for one in split])
                for i in range(BUCKETS)]

    # ---- breakers

    def op_aggregate(self, node: n.Aggregate) -> list:
        if not aggregate.is_partial(node):
            return [self.over(node, [self.single(node.inputs[0])])]
        below = self.chain(node.inputs[0], False)
        root = Partial([below.root], node.cols, aggregate=node)
        # What the aggregate reads is asked for by a copy of it above the chain.
        pieces = self.run_chain(replace(below, root=root), set())
        text = pickle.dumps(node)
        while len(pieces) > FAN_IN:
            pieces = [self.cluster.submit(merge_states, self.where, text, pieces[i:i + FAN_IN],
                                          False) for i in range(0, len(pieces), FAN_IN)]
        return [self.cluster.submit(merge_states, self.where, text, pieces, True)]

    def in_two_steps(self, node: n.Node, first: n.Node) -> list:
        """`first` over each piece, the operator over what that leaves."""
        below = self.chain(node.inputs[0], False)
        first.inputs = [below.root]
        wanted = self.needs.get(id(node.inputs[0]), set())
        pieces = self.run_chain(replace(below, root=first), wanted)
        if len(pieces) > 1:
            pieces = [self.cluster.submit(join_pieces, self.where, pieces)]
        return [self.over(node, pieces)]

    def op_topn(self, node: n.Sort) -> list:
        return self.limited(node)

    def op_limit(self, node: n.Sort) -> list:
        return self.limited(node)

    def limited(self, node: n.Sort) -> list:
        bounds = [one for one in (node.limit, node.offset) if one is not None]
        is_plain = all(one.kind == 'const' and one.value is not None for one in bounds)
        if node.percent or node.limit is None or not is_plain:
            return [self.over(node, [self.single(node.inputs[0])])]
        most = sum(int(one.value) for one in bounds)
        first = copy.copy(node)
        first.limit = n.Expr('const', node.limit.type, value=most)
        first.offset = None
        return self.in_two_steps(node, first)

    def op_distinct(self, node: n.Distinct) -> list:
        return self.in_two_steps(node, copy.copy(node))

    def op_setop(self, node: n.SetOp) -> list:
        if node.kind != 'union' or not node.all:
            return [self.over(node, [self.single(child) for child in node.inputs])]
        found = []
        for child in node.inputs:
            found += self.renamed(child, [(col, old) for col, old in zip(node.cols, child.cols)
                                          if col.id in self.wanted(node)])
        return found

    def renamed(self, source: n.Node, pairs) -> list:
        items = [n.Expr('column', old.type, col=old.id) for _, old in pairs]
        cols = [new for new, _ in pairs]
        root = n.Project([Held([], source.cols)], cols, items)
        return self.run_chain(Chain(root, self.pieces(source)), {col.id for col in cols})

    # ---- common tables

    def op_cte(self, node: n.Cte) -> list:
        self.ctes[node.id] = node.inputs[0]
        self.shared.add(id(node.inputs[0]))
        return self.pieces(node.inputs[1])

    def op_cte_ref(self, node: n.CteRef) -> list:
        definition = self.ctes.get(node.id)
        if definition is None:
            raise HostError('protocol', 'a reference to a common table that is not there')
        return self.renamed(definition, [(col, definition.cols[at])
                                         for col, at in zip(node.cols, node.fields)
                                         if col.id in self.wanted(node)])

    def op_recursive(self, node: n.Recursive) -> list:
        """In one task: every round needs the one before."""
        held: list = []
        root = self.localised(node, {node.id}, held, {})
        return [self.task(root, self.wanted(node), held)]

    def localised(self, node: n.Node, inside: set[int], held: list, done: dict) -> n.Node:
        """A copy whose rows from elsewhere are held."""
        if id(node) in done:
            return done[id(node)]
        is_stream = isinstance(node, n.Scan) and self.job.inputs.paths(node.source) is None
        is_outer = isinstance(node, n.CteRef) and node.id not in inside
        if is_stream or is_outer:
            held.append(self.single(node))
            found = Held([], node.cols, index=len(held) - 1)
        else:
            if isinstance(node, (n.Cte, n.Recursive)):
                inside.add(node.id)
            found = self.put_inputs(node, [self.localised(child, inside, held, done)
                                           for child in node.inputs])
        done[id(node)] = found
        return found

    # ---- the result

    def run(self):
        """The root's rows, frame by frame, in order."""
        pieces = self.pieces(self.job.root)
        for i, piece in enumerate(pieces):
            yield self.cluster.result(piece)
            pieces[i] = None  # a worker need not keep it

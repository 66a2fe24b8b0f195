"""Modin as an engine: Dask's plans over pieces, and modin.pandas for whole tables.

Modin runs on the cluster of the Dask engine (MODIN_ENGINE=dask), so a Modin frame is made of the
pieces that are there and taken apart again without a copy. Joining two large tables and dropping
duplicates are Modin's where the columns that they look at are numpy's integers without NULL: there
pandas' words are the contract's. Everything else is as Dask does it; sorting too, as sort_values of
Modin 0.37.1 leaves the rows of a frame of several pieces out of order.
"""
from __future__ import annotations

import contextlib
import os
import warnings
from importlib import metadata

import numpy as np
import pandas as pd

from ..plan import nodes as n
from ..plan.types import Type
from . import dask
from .pandas import join
from .pandas.columns import NUMPY
from .pieces import Driver

_EXACT = frozenset(NUMPY) - {'float32', 'float64', 'bool'}


def _modin():
    os.environ['MODIN_ENGINE'] = 'dask'
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        import modin.pandas
        from modin.distributed.dataframe.pandas import from_partitions, unwrap_partitions
    return from_partitions, unwrap_partitions


def is_exact(type: Type) -> bool:
    return type.kind in _EXACT


def _describe(frame) -> tuple[int, dict]:
    return len(frame), dict(frame.dtypes)


class ModinDriver(Driver):
    def table(self, pieces: list, labels: list[str]):
        """A Modin frame of these pieces; None where `labels` are not all numpy's integers (so
        without NULL and in 64 bits), or there are no rows."""
        told = [self.cluster.result(self.cluster.submit(_describe, piece)) for piece in pieces]
        if not any(n for n, _ in told) or not all(
                isinstance(types[label], np.dtype) and types[label].kind in 'iu'
                for _, types in told for label in labels):
            return None
        from_partitions, _ = _modin()
        columns = pd.Index(list(told[0][1]))
        return from_partitions(pieces, axis=0, index=pd.RangeIndex(sum(n for n, _ in told)),
                               columns=columns, row_lengths=[n for n, _ in told],
                               column_widths=[len(columns)])

    def narrowed(self, table, node: n.Node) -> list:
        """The pieces of a Modin frame, with the columns that are read above."""
        _, unwrap_partitions = _modin()
        wanted = [col.key for col in node.cols if col.id in self.wanted(node)]
        found = unwrap_partitions(table[wanted] if wanted else table, axis=0)
        for piece in found:
            self.cluster.wait(piece)  # what they come from may go then
        return found

    @contextlib.contextmanager
    def held(self, *sources: n.Node):
        """Their pieces are made once, whoever asks for them: a stream can be read only once."""
        mine = [source for source in sources if id(source) not in self.kept]
        for source in mine:
            self.kept[id(source)] = self.pieces(source)
        try:
            yield
        finally:
            for source in mine:
                if id(source) not in self.shared:
                    self.kept.pop(id(source), None)

    # ---- distinct

    def op_distinct(self, node: n.Distinct) -> list:
        with self.held(node.inputs[0]):
            return self.distinct(node)

    def distinct(self, node: n.Distinct) -> list:
        pieces = self.pieces(node.inputs[0])
        if len(pieces) > 1 and not node.on and node.cols and \
                all(is_exact(col.type) for col in node.cols):
            labels = [col.key for col in node.cols]
            table = self.table(pieces, labels)
            if table is not None:
                return self.narrowed(table.drop_duplicates(labels), node)
        return super().op_distinct(node)

    # ---- joins of two large tables

    def shuffled(self, node: n.Join) -> list:
        with self.held(*node.inputs):
            return self.shuffled_here(node)

    def shuffled_here(self, node: n.Join) -> list:
        parts = join.split(node)
        if node.kind == 'inner' and not parts.residual and all(
                key.left.kind == key.right.kind == 'column' and is_exact(key.left.type)
                for key in parts.keys):
            found = self.merged(node, parts)
            if found is not None:
                return found
        return super().shuffled(node)

    def merged(self, node: n.Join, parts):
        of_left = [f'c{key.left.col}' for key in parts.keys]
        of_right = [f'c{key.right.col}' for key in parts.keys]
        left = self.table(self.pieces(node.inputs[0]), of_left)
        right = self.table(self.pieces(node.inputs[1]), of_right) if left is not None else None
        if right is None:
            return None
        return self.narrowed(left.merge(right, left_on=of_left, right_on=of_right), node)


class ModinEngine(dask.DaskEngine):
    name = 'modin'

    driver_class = ModinDriver
    is_default = True

    @staticmethod
    def versions() -> dict[str, str]:
        return {name: metadata.version(name) for name in ('modin', 'dask', 'distributed', 'pandas',
                                                          'pyarrow')}


Engine = ModinEngine

"""The inputs of a job: streams of rows from Gearbox, and files by path.

A stream is read once. Where a plan reads it twice, the first reader keeps its rows for the others.
"""
from __future__ import annotations

import threading
from dataclasses import dataclass

import pyarrow as pa

from .errors import HostError
from .plan.nodes import Source
from .plan.types import Type, to_schema


@dataclass
class InputSpec:
    stream: int
    name: str
    columns: list[tuple[str, Type]]

    @property
    def schema(self) -> pa.Schema:
        return to_schema(self.columns)


class Inputs:
    """`open_stream(number, schema)` gives the RecordBatchReader of a stream."""

    def __init__(self, specs: list[InputSpec], open_stream, allowed_dirs=None):
        self.by_name = {spec.name: spec for spec in specs}
        self.by_stream = {spec.stream: spec for spec in specs}
        self.open_stream = open_stream
        self.uses: dict[int, int] = {}
        self.kept: dict[int, pa.Table] = {}
        self.lock = threading.Lock()

    def announce(self, source: Source) -> None:
        """Before the first `reader`: once for each scan that will ask for it."""
        spec = self.spec(source)
        self.uses[spec.stream] = self.uses.get(spec.stream, 0) + 1

    def spec(self, source: Source) -> InputSpec:
        if source.format != 'stream':
            raise HostError('protocol', f'{source.name[:60]}: a {source.format} is no stream')
        if source.name not in self.by_name:
            raise HostError('protocol', f'no input has the name {source.name[:60]}')
        return self.by_name[source.name]

    def reader(self, source: Source | int) -> pa.RecordBatchReader:
        """Of a plan's scan of format stream, or of a stream by number."""
        spec = self.spec(source) if isinstance(source, Source) else self.by_stream[source]
        with self.lock:
            if self.uses.get(spec.stream, 1) <= 1:
                return self.open_stream(spec.stream, spec.schema)
            if spec.stream not in self.kept:
                self.kept[spec.stream] = self.open_stream(spec.stream, spec.schema).read_all()
            return self.kept[spec.stream].to_reader()

    def paths(self, source: Source) -> list[str] | None:
        """None: it is not read by path."""
        return list(source.paths) if source.format == 'parquet' else None

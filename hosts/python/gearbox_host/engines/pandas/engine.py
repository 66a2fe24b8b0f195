"""pandas as an engine of the host: see columns.py for how values lie in a frame."""
from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import Iterator

import numpy
import pandas as pd
import pyarrow as pa

from ... import process
from ...arrow import exactly
from ...errors import HostError
from ...kernels import Kernels
from ...plan.nodes import Scan
from ..base import Config, Engine, Job, Prepared
from . import execute
from .columns import column, to_arrow
from .scalars import Scalars

BATCH = 1 << 16  # rows of a batch of the result


def capabilities_of(name: str) -> dict:
    path = Path(__file__).parents[2] / 'capabilities' / f'{name}.json'
    return json.loads(path.read_text(encoding='utf-8'))


def start(config: Config) -> None:
    pd.options.mode.copy_on_write = True
    if config.threads:
        pa.set_cpu_count(config.threads)


def frame_batches(frame: pd.DataFrame, job: Job) -> Iterator[pa.RecordBatch]:
    """A frame of the root's columns as batches of the job's schema."""
    schema = job.schema
    if not schema.names:
        yield pa.RecordBatch.from_struct_array(pa.array([{}] * len(frame), pa.struct([])))
        return
    arrays = [exactly(to_arrow(column(frame, col.key), col.type), type)
              for col, (_, type) in zip(job.root.cols, job.columns)]
    for batch in pa.Table.from_arrays(arrays, schema=schema).to_batches(BATCH):
        if batch.num_rows:
            yield batch


class PandasPrepared(Prepared):
    def __init__(self, config: Config, job: Job):
        self.config, self.job = config, job
        self.kernels = Kernels(config, job)
        self.is_cancelled = threading.Event()
        execute.check(job.root, self.kernels)
        for node in job.root.walk():
            if isinstance(node, Scan) and job.inputs.paths(node.source) is None:
                job.inputs.announce(node.source)

    def tick(self) -> None:
        """Between any two pieces."""
        if self.is_cancelled.is_set():
            raise HostError('cancelled', 'the job was cancelled')
        limit = self.config.memory_bytes
        if limit and process.rss_of(os.getpid()) > limit:
            raise HostError('out_of_memory', f'pandas needs more than the limit of {limit >> 20} '
                            'MiB: raise it, or take an engine that spills')

    def executor(self) -> execute.Executor:
        return execute.Executor(self.job.root, self.job.inputs, Scalars(self.kernels),
                                self.job.seed, self.tick)

    def run(self) -> Iterator[pa.RecordBatch]:
        try:
            for frame in self.executor().stream(self.job.root):
                yield from frame_batches(frame, self.job)
        finally:
            self.kernels.close()

    def cancel(self) -> None:
        self.is_cancelled.set()
        self.kernels.interrupt()


class PandasEngine(Engine):
    name = 'pandas'

    def __init__(self, config: Config):
        super().__init__(config)
        start(config)

    @staticmethod
    def versions() -> dict[str, str]:
        return {'pandas': pd.__version__, 'numpy': numpy.__version__, 'pyarrow': pa.__version__}

    @staticmethod
    def capabilities() -> dict:
        return capabilities_of('pandas')

    def prepare(self, job: Job) -> Prepared:
        return PandasPrepared(self.config, job)

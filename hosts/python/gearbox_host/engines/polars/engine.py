"""The engine: jobs in, batches out."""
from __future__ import annotations

import importlib.metadata
import json
import os
import pathlib
from typing import Iterator

import pyarrow as pa

from ...errors import HostError, clean, find_host_error, unsupported
from ..base import Config, Job, Prepared
from ..base import Engine as Base

_DECLARED = pathlib.Path(__file__).parents[2] / 'capabilities' / 'polars.json'
_ROWS_AT_ONCE = 100_000
# What Polars raises for a value, not for a fault: its class, and words of the message.
_OF_DATA = (('InvalidOperationError', 'conversion from', 'a value is out of range of its type'),
            ('ComputeError', 'overflow in decimal', 'a decimal is out of range of its type'))


class PolarsPrepared(Prepared):
    def __init__(self, job: Job, config: Config):
        from ...kernels import Kernels
        from .build import Builder
        from .rewrite import push_semi_joins
        self.job = job
        job.root = push_semi_joins(job.root)
        self.kernels = Kernels(config, job)
        self.builder = Builder(job, self.kernels)
        self.builder.check(job.root)

    def run(self) -> Iterator[pa.RecordBatch]:
        from . import columns
        cols = self.job.root.cols
        names, types = [col.key for col in cols], [col.type for col in cols]
        try:
            self.builder.facts.read_files()
            frame = self.builder.build(self.job.root)
            if names:
                frame = frame.select(names)
            for rows in frame.collect_batches(engine='streaming', chunk_size=_ROWS_AT_ONCE,
                                              maintain_order=True):
                if self.kernels.is_cancelled:
                    raise HostError('cancelled', 'the job was cancelled')
                if rows.height:
                    yield columns.result(rows, names, types, self.job.schema)
        except GeneratorExit:
            raise
        except BaseException as error:
            raise translate(error) from error
        finally:
            self.kernels.close()

    def cancel(self) -> None:
        self.kernels.interrupt()


def translate(error: BaseException) -> BaseException:
    found = find_host_error(error)
    if found is not None:
        return found
    name, text = type(error).__name__, str(error)
    for kind, words, message in _OF_DATA:
        if name == kind and words in text:
            return HostError('invalid', message)
    if type(error).__module__.startswith('polars'):
        return HostError('engine', clean(text))
    return error


class Engine(Base):
    name = 'polars'

    def __init__(self, config: Config):
        super().__init__(config)
        if config.threads:
            # Read when Polars is loaded, which nothing has done yet.
            os.environ['POLARS_MAX_THREADS'] = str(config.threads)
        if config.spill_dir:
            os.environ.setdefault('POLARS_TEMP_DIR', config.spill_dir)
        import polars  # noqa: F401

    @staticmethod
    def versions() -> dict[str, str]:
        return {name: importlib.metadata.version(name) for name in ('polars', 'pyarrow', 'duckdb')}

    @staticmethod
    def capabilities() -> dict:
        declared = json.loads(_DECLARED.read_text(encoding='utf-8'))
        return {key: value for key, value in declared.items() if key != 'quirks'}

    def prepare(self, job: Job) -> Prepared:
        if job.root is None:
            raise unsupported('SQL text on Polars: it takes plans')
        return PolarsPrepared(job, self.config)

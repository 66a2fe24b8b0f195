"""Dask as an engine: plans over pieces (pieces.py) on a cluster of this machine's processes.

The cluster starts with the first job and lives as long as the session. Its scheduler and workers
listen on 127.0.0.1 only. Each worker has its share of the memory limit; one that goes beyond it
spills what it holds, pauses, and at last is started anew by its nanny.
"""
from __future__ import annotations

import json
import logging
import os
import tempfile
import threading
import uuid
from importlib import metadata
from pathlib import Path
from typing import Iterator

import pyarrow as pa

from ..errors import HostError
from ..kernels import Kernels
from ..plan.nodes import Scan
from . import base
from .base import Config, Job, Prepared
from .pandas import execute
from .pandas.engine import frame_batches
from .pieces import Context, Driver, RemoteError

MOST_WORKERS = 8
_QUIET = {
    'distributed.worker.daemon': True, 'distributed.admin.tick.limit': '30s',
    'distributed.comm.timeouts.connect': '30s', 'distributed.logging.distributed': 'critical',
    'distributed.scheduler.allowed-failures': 2, 'dataframe.convert-string': False,
}


def make_client(config: Config, is_default: bool = False):
    """A client of a new cluster."""
    import dask
    from distributed import Client, LocalCluster
    dask.config.set(_QUIET)
    logging.getLogger('distributed').setLevel(logging.CRITICAL)
    n = max(1, min(config.threads or os.cpu_count() or 1, MOST_WORKERS))
    cluster = LocalCluster(
        n_workers=n, threads_per_worker=1, processes=True, host='127.0.0.1',
        dashboard_address='127.0.0.1:0', scheduler_kwargs={'dashboard': False},
        silence_logs=logging.CRITICAL,
        memory_limit=config.memory_bytes // n if config.memory_bytes else 'auto',
        local_directory=config.spill_dir or tempfile.gettempdir())
    return Client(cluster, set_as_default=is_default)


class DaskCluster:
    """The client in the words of pieces.Driver, for one job."""

    def __init__(self, client, is_cancelled: threading.Event):
        self.client, self.is_cancelled = client, is_cancelled

    def submit(self, run, *args):
        self.check()
        return self.client.submit(run, *args, pure=False)

    def put(self, value):
        self.check()
        return self.client.scatter(value, hash=False)

    def wait(self, handle) -> None:
        done = threading.Event()
        handle.add_done_callback(lambda _: done.set())
        while not done.wait(0.1):
            self.check()

    def result(self, handle):
        from distributed import KilledWorker
        self.wait(handle)
        try:
            return handle.result()
        except RemoteError as error:
            raise HostError(*error.args) from None
        except KilledWorker:
            raise HostError('out_of_memory', 'a worker of Dask ended: it had not enough memory for '
                            'its piece') from None

    def check(self) -> None:
        if self.is_cancelled.is_set():
            raise HostError('cancelled', 'the job was cancelled')


def context_of(config: Config, job: Job, n_workers: int) -> Context:
    types = {col.key: col.type for node in job.root.walk() for col in node.cols}
    own = Config(memory_bytes=config.memory_bytes // n_workers, threads=1,
                 spill_dir=config.spill_dir)
    return Context(uuid.uuid4().hex, own, job.params, job.timezone, job.now_us, job.seed, types)


class DaskPrepared(Prepared):
    def __init__(self, engine: 'DaskEngine', job: Job):
        self.engine, self.job = engine, job
        self.is_cancelled = threading.Event()
        kernels = Kernels(engine.config, job)
        execute.check(job.root, kernels)
        kernels.close()
        for node in job.root.walk():
            if isinstance(node, Scan) and job.inputs.paths(node.source) is None:
                job.inputs.announce(node.source)

    def run(self) -> Iterator[pa.RecordBatch]:
        driver = self.engine.driver(self.job, self.is_cancelled)
        for frame in driver.run():
            yield from frame_batches(frame, self.job)

    def cancel(self) -> None:
        """What has begun ends with its piece; nothing else begins."""
        self.is_cancelled.set()


class DaskEngine(base.Engine):
    name = 'dask'
    options = ('shuffle_rows',)
    driver_class = Driver
    is_default = False  # of the process: who asks Dask for "the" client gets ours

    def __init__(self, config: Config):
        super().__init__(config)
        self.client = None
        self.lock = threading.Lock()

    @staticmethod
    def versions() -> dict[str, str]:
        return {name: metadata.version(name) for name in ('dask', 'distributed', 'pandas',
                                                          'pyarrow')}

    @classmethod
    def capabilities(cls) -> dict:
        path = Path(__file__).parents[1] / 'capabilities' / f'{cls.name}.json'
        return json.loads(path.read_text(encoding='utf-8'))

    def driver(self, job: Job, is_cancelled: threading.Event) -> Driver:
        with self.lock:
            if self.client is None:
                self.client = make_client(self.config, self.is_default)
        n_workers = len(self.client.scheduler_info()['workers']) or 1
        return self.driver_class(job, self.config, context_of(self.config, job, n_workers),
                                 DaskCluster(self.client, is_cancelled))

    def prepare(self, job: Job) -> Prepared:
        return DaskPrepared(self, job)

    def close(self) -> None:
        if self.client is not None:
            cluster = self.client.cluster
            self.client.close(timeout=2)
            cluster.close(timeout=5)
            self.client = None


Engine = DaskEngine

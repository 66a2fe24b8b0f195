"""What an engine is. A module of this folder has a class `Engine` that derives from this one.

    engine = Engine(config)          once, in a session
    prepared = engine.prepare(job)   HostError('unsupported', …) rather than another answer
    for batch in prepared.run(): …   of job.schema, exactly
"""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Iterator

import pyarrow as pa

from ..errors import HostError
from ..plan.nodes import Node
from ..plan.types import Type, to_schema

if TYPE_CHECKING:
    from ..inputs import Inputs


@dataclass
class Config:
    memory_bytes: int = 0                  # 0: no limit
    threads: int = 0                       # 0: all
    spill_dir: str | None = None
    allowed_dirs: list[str] | None = None  # None: all
    allow_calls: bool = False
    options: dict[str, str] = field(default_factory=dict)


@dataclass
class SqlTable:
    name: str
    columns: list[tuple[str, Type]]
    source: Any = None        # plan.nodes.Source; None:
    text: str = ''            # its rows are those of this text over the tables before it
    fields: list = field(default_factory=list)  # which of the source's each column is; or ROWID


@dataclass
class SqlKernel:
    name: str
    args: list[Type]
    type: Type
    duckdb: str               # over "a0", "a1", …


@dataclass
class SqlText:
    text: str
    tables: list[SqlTable]
    kernels: list[SqlKernel]


@dataclass
class Job:
    """`root` or `sql`, never both."""
    id: int
    columns: list[tuple[str, Type]]
    inputs: 'Inputs'
    root: Node | None = None
    sql: SqlText | None = None
    params: dict[str, tuple[Type, Any]] = field(default_factory=dict)
    timezone: str = 'UTC'
    now_us: int = 0
    seed: int = 0

    @property
    def schema(self) -> pa.Schema:
        return to_schema(self.columns)


class Prepared:
    """A job that may run, once."""
    shown: str | None = None

    def run(self) -> Iterator[pa.RecordBatch]:
        raise NotImplementedError

    def cancel(self) -> None:
        """From another thread, at any time."""

    def progress(self) -> float | None:
        return None


class Engine:
    name = ''
    options: tuple[str, ...] | None = ()  # of its own; None: it checks them itself

    def __init__(self, config: Config):
        for key in config.options if self.options is not None else ():
            if key not in self.options:
                raise HostError('invalid', f"{self.name} has no option '{key[:60]}'")
        self.config = config

    @staticmethod
    def versions() -> dict[str, str]:
        raise NotImplementedError

    @staticmethod
    def capabilities() -> dict:
        raise NotImplementedError

    def prepare(self, job: Job) -> Prepared:
        raise NotImplementedError

    def close(self) -> None:
        pass

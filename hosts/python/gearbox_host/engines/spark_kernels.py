"""Kernels in Spark's Python workers, and the types in which Spark holds those that it has not.

Nothing here is annotated but what Spark looks at: it decides by the hints what a function takes.
"""
import pyarrow as pa

from .. import arrow
from ..errors import from_exception
from ..plan.types import Field, Type, list_of

_WIDER = {'uint8': Type('int16'), 'uint16': Type('int32'), 'uint32': Type('int64'),
          'uint64': Type('decimal', precision=20), 'int128': Type('decimal', precision=38),
          'json': Type('utf8')}
_DDL = {'bool': 'BOOLEAN', 'int8': 'TINYINT', 'int16': 'SMALLINT', 'int32': 'INT',
        'int64': 'BIGINT', 'float32': 'FLOAT', 'float64': 'DOUBLE', 'utf8': 'STRING',
        'binary': 'BINARY', 'date': 'DATE', 'null': 'INT'}
# A failure on its way through Spark's own messages.
FAILURE = 'gearbox<{}|{}>'


def carrier(t):
    """The type that Spark holds values of `t` in; the same values in the same order."""
    if t.kind == 'timestamp':
        return Type('timestamp', unit='us', zone=t.zone)
    if t.kind in _WIDER:
        return _WIDER[t.kind]
    if t.kind == 'null':
        return Type('int32')
    if t.kind == 'list':
        return list_of(carrier(t.item))
    if t.kind == 'struct':
        return Type('struct', fields=tuple(Field(f.name or f'element{i + 1}', carrier(f.type))
                                           for i, f in enumerate(t.fields)))
    return t


def ddl(t):
    """A carrier in Spark's words."""
    if t.kind == 'decimal':
        return f'DECIMAL({t.precision},{t.scale})'
    if t.kind == 'timestamp':
        return 'TIMESTAMP' if t.zone else 'TIMESTAMP_NTZ'
    if t.kind == 'list':
        return f'ARRAY<{ddl(t.item)}>'
    if t.kind == 'struct':
        fields = ', '.join(f'{quote_ident(f.name)}: {ddl(f.type)}' for f in t.fields)
        return f'STRUCT<{fields}>'
    return _DDL[t.kind]


def quote_ident(name):
    return '`' + name.replace('`', '``') + '`'


def back(array, t):
    """What Spark held in the carrier, as the type itself."""
    if t.kind == 'null':
        return pa.nulls(len(array))
    return arrow.exactly(arrow.exactly(array, carrier(t)), t)


_runners = {}


def _runner(key):
    if key not in _runners:
        from ..engines.base import Config, Job
        from ..kernels import Kernels
        from .sqltext import runner
        duckdb, args, t, params, timezone, now_us = key
        job = Job(id=0, columns=[], inputs=None, params=dict(params), timezone=timezone,
                  now_us=now_us)
        _runners[key] = runner(Kernels(Config(), job), duckdb, list(args), t)
    return _runners[key]


def run(key, arrays):
    try:
        t = key[2]
        found = _runner(key)(*[back(array, one) for array, one in zip(arrays, key[1])])
        return arrow.exactly(found, carrier(t))
    except BaseException as error:
        found = from_exception(error)
        raise RuntimeError(FAILURE.format(found.code, found.message.replace('>', ' '))) from None


def function(key):
    def call(*arrays: pa.Array) -> pa.Array:
        return run(key, arrays)
    return call

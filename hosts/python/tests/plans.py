"""Plans by hand, as their JSON, and what an engine makes of them."""
import pyarrow as pa

from gearbox_host.engines.base import Config, Job
from gearbox_host.inputs import Inputs
from gearbox_host.plan import decode, types


def col(id, type, duckdb=True):
    return {'ex': 'column', 'type': type, 'col': id, **({'duckdb': f'"c{id}"'} if duckdb else {})}


def const(type, value, duckdb=None):
    return {'ex': 'const', 'type': type, 'value': value, 'duckdb': duckdb or str(value)}


def call(fn, type, *args, duckdb=None):
    return {'ex': 'call', 'fn': fn, 'type': type, 'args': list(args),
            **({'duckdb': duckdb} if duckdb else {})}


def agg(fn, type, *args, duckdb=None, **spec):
    return {'ex': 'agg', 'fn': fn, 'type': type, 'args': list(args), **spec,
            **({'duckdb': duckdb} if duckdb else {})}


def values(cols, rows):
    """cols: [(id, type)]; rows of constants as plan-json.md writes them."""
    return {'op': 'values', 'cols': [{'id': id, 'type': type} for id, type in cols],
            'rows': [[{'ex': 'const', 'type': type, 'value': value}
                      for (_, type), value in zip(cols, row)] for row in rows]}


def node(op, *inputs, cols=(), **keys):
    return {'op': op, 'inputs': list(inputs), **keys,
            'cols': [{'id': id, 'type': type} for id, type in cols]}


def key(expr, desc=False, nulls_first=False):
    return {'expr': expr, 'desc': desc, 'nulls_first': nulls_first}


def job_of(root, streams=None, params=None) -> Job:
    """streams: {name: table}."""
    found = decode.plan({'gearbox_plan': 1, 'semantics': 1, 'root': root})
    return Job(id=1, columns=[(f'c{one.id}', one.type) for one in found.cols],
               inputs=_inputs(streams or {}), root=found,
               params={name: (types.parse(type), value)
                       for name, (type, value) in (params or {}).items()})


def prepare(engine, root, **more):
    return engine.prepare(job_of(root, **more))


def table(engine, root, **more) -> pa.Table:
    """The rows of a plan."""
    job = job_of(root, **more)
    return pa.Table.from_batches(list(engine.prepare(job).run()), job.schema)


def _inputs(streams):
    from gearbox_host.inputs import InputSpec
    specs = [InputSpec(i, name, []) for i, name in enumerate(streams, 1)]
    tables = {i: one for i, one in enumerate(streams.values(), 1)}
    return Inputs(specs, lambda number, _schema: tables[number].to_reader(max_chunksize=3))


def rows(engine, root, **more):
    found = table(engine, root, **more)
    return [tuple(row.values()) for row in found.rename_columns(
        [str(i) for i in range(found.num_columns)]).to_pylist()]


def engine_of(name, **config):
    from gearbox_host import engines
    return engines.load(name)(Config(**config))

"""`prepare` messages → jobs."""
from __future__ import annotations

from typing import Any

from .engines.base import Config, Job, SqlKernel, SqlTable, SqlText
from .errors import HostError
from .inputs import Inputs, InputSpec
from .plan import decode, types
from .plan.nodes import ROWID
from .plan.decode import Decoder, Fields, named_type
from .plan.nodes import ROWID


def config_of(message: dict) -> Config:
    dirs = message.get('allowed_dirs')
    options = message.get('options') or {}
    return Config(memory_bytes=int(message.get('memory_bytes') or 0),
                  threads=int(message.get('threads') or 0),
                  spill_dir=message.get('spill_dir') or None,
                  allowed_dirs=None if dirs is None else [str(one) for one in dirs],
                  allow_calls=bool(message.get('allow_calls')),
                  options={str(key): str(value) for key, value in options.items()})


def input_specs(message: dict) -> list[InputSpec]:
    specs = []
    for i, one in enumerate(message.get('inputs') or []):
        place = f'inputs[{i}]'
        fields = Fields(one, place)
        columns = [named_type(col, f'{place}.columns[{j}]')
                   for j, col in enumerate(fields.take('columns', list))]
        stream = fields.number('stream', most=0xffff)
        specs.append(InputSpec(stream, fields.text('name', ''), columns))
    return specs


def job_of(message: dict, inputs: Inputs) -> Job:
    columns = [named_type(col, f'columns[{i}]')
               for i, col in enumerate(message.get('columns') or [])]
    job = Job(id=int(message.get('job') or 0), columns=columns, inputs=inputs,
              timezone=message.get('timezone') or 'UTC', now_us=int(message.get('now_us') or 0),
              seed=int(message.get('seed') or 0))
    for i, one in enumerate(message.get('params') or []):
        fields = Fields(one, f'params[{i}]')
        job.params[fields.text('name')] = fields.type(), fields.take('value', object, None)
    if ('plan' in message) == ('sql' in message):
        raise HostError('protocol', "a job has either 'plan' or 'sql'")
    if 'plan' in message:
        job.root = decode.plan(message['plan'])
    else:
        job.sql = sql_of(message['sql'])
    return job


def sql_of(value: Any) -> SqlText:
    fields = Fields(value, 'sql')
    tables = [sql_table(one, f'sql.tables[{i}]')
              for i, one in enumerate(fields.take('tables', list, []))]
    kernels = [sql_kernel(one, f'sql.kernels[{i}]')
               for i, one in enumerate(fields.take('kernels', list, []))]
    return SqlText(fields.text('text'), tables, kernels)


def sql_table(value: Any, place: str) -> SqlTable:
    fields = Fields(value, place)
    columns = [named_type(col, f'{place}.columns[{j}]')
               for j, col in enumerate(fields.take('columns', list))]
    scan = fields.take('scan', dict, None)
    source = Decoder().source(scan, place + '.scan') if scan is not None else None
    places = fields.take('fields', list, [])
    if source is not None and len(places) != len(columns):
        fields.fail('one field for each column expected', 'fields')
    for i in places:
        if i != 'rowid' and not (isinstance(i, int) and 0 <= i < len(source.fields)):
            fields.fail('a field of the source expected', 'fields')
    found = SqlTable(fields.text('name'), columns, source, fields.text('text', ''),
                     [ROWID if i == 'rowid' else i for i in places])
    fields.end()
    return found


def sql_kernel(value: Any, place: str) -> SqlKernel:
    fields = Fields(value, place)
    args = [types.parse(str(one)) for one in fields.take('args', list)]
    return SqlKernel(fields.text('name'), args, fields.type(), fields.text('duckdb'))

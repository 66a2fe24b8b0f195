"""`host.py ENGINE --run`: one prepare message without Gearbox, for those who write engines."""
from __future__ import annotations

import argparse
import json
import sys
import time

import pyarrow as pa

from . import errors, process
from .engines.base import Config
from .inputs import Inputs
from .jobs import input_specs, job_of


def run_message(engine, message: dict, files: dict[int, str], config: Config | None = None):
    """The rows of a prepare message as a table, and what was shown."""
    specs = input_specs(message)

    def open_stream(number: int, schema: pa.Schema) -> pa.RecordBatchReader:
        reader = pa.ipc.open_stream(pa.memory_map(files[number]))
        return pa.RecordBatchReader.from_batches(
            schema, (pa.RecordBatch.from_arrays(b.columns, schema=schema) for b in reader))

    job = job_of(message, Inputs(specs, open_stream))
    prepared = engine.prepare(job)
    batches = list(prepared.run())
    return pa.Table.from_batches(batches, job.schema), prepared.shown


def main(engine_class, argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog='host.py ENGINE')
    parser.add_argument('--run', required=True)
    parser.add_argument('--out')
    parser.add_argument('--input', action='append', default=[])
    parser.add_argument('--repeat', type=int, default=1)
    parser.add_argument('--shown', action='store_true', help='what runs, to stderr')
    args = parser.parse_args(argv)
    with open(args.run, encoding='utf-8') as file:
        message = json.load(file)
    files = {int(one.split('=', 1)[0]): one.split('=', 1)[1] for one in args.input}
    engine = engine_class(Config())
    for _ in range(args.repeat):
        cpu, wall = process.cpu_s(), time.perf_counter()
        try:
            table, shown = run_message(engine, message, files)
        except BaseException as error:
            found = errors.from_exception(error)
            sys.stderr.write(f'{found.code}: {found.message}\n')
            if found.code == 'engine':
                raise
            return 1
        if args.repeat > 1:
            sys.stderr.write(f'cpu {process.cpu_s() - cpu:.3f} s, '
                             f'wall {time.perf_counter() - wall:.3f} s, {table.num_rows} rows\n')
    if args.shown and shown:
        sys.stderr.write(shown + '\n')
    sink = args.out if args.out else pa.PythonFile(sys.stdout.buffer, mode='w')
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return 0

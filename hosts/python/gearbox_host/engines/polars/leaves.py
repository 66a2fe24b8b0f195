"""Sources, VALUES and table functions."""
from __future__ import annotations

import polars as pl
import pyarrow as pa
from polars.io.plugins import register_io_source

from ...errors import HostError, unsupported
from ...kernels import Text
from ...plan import nodes as n
from ...plan import values
from ...plan.types import Type, list_of
from . import columns
from .columns import NO_COLUMN, dtype
from .exprs import KeyText

_TABLE_FUNCTIONS = {'range', 'generate_series', 'unnest'}
INT64 = Type('int64')
_ROWS = 1 << 17   # of a range, in a batch
_SAFE = 1 << 62   # bounds of a range: its last step does not wrap


class LeavesMixin:
    def check_scan(self, node: n.Scan) -> None:
        if node.source.format == 'stream':
            self.job.inputs.announce(node.source)
        elif node.source.format != 'parquet':
            raise unsupported(f'{node.source.format} files on Polars')
        elif node.source.partitions or node.source.filename_column or \
                node.source.rest.get('options'):
            raise unsupported('Parquet files with options on Polars')

    def build_scan(self, node: n.Scan) -> pl.LazyFrame:
        paths = self.job.inputs.paths(node.source)
        if paths is None:
            frame, names = self.scan_stream(node.source)
        else:
            frame, names = self.scan_parquet(node, paths)
        items = {}
        for col, field in zip(node.cols, node.fields):
            if field == n.ROWID:
                items[col.key] = pl.col('_row').cast(pl.Int64)
            else:
                items[col.key] = pl.col(names[field])
        if n.ROWID in node.fields and paths is None:
            frame = frame.with_row_index('_row')
        return self.exprs.select(frame, items)

    def scan_stream(self, source: n.Source):
        """Batches are pulled when the engine asks for them."""
        types = [t for _, t in source.fields]
        names = [f'f{i}' for i in range(len(types))]
        reader = self.job.inputs.reader
        schema = {name: dtype(t) for name, t in zip(names, types)} or {NO_COLUMN: pl.Int8}

        def read(with_columns, predicate, n_rows, _batch_size):
            left = n_rows
            for batch in reader(source):
                if left is not None and left <= 0:
                    return
                wanted = set(with_columns) if with_columns is not None else None
                frame = columns.frame(
                    {name: (batch.column(i), t) for i, (name, t) in enumerate(zip(names, types))
                     if wanted is None or name in wanted}, batch.num_rows)
                if left is not None:
                    frame = frame.head(left)
                    left -= frame.height
                yield frame if predicate is None else frame.filter(predicate)

        frame = register_io_source(read, schema=schema)
        return frame, names

    def scan_parquet(self, node: n.Scan, paths: list[str]):
        source = node.source
        types = {source.fields[i][0]: source.fields[i][1] for i in node.fields if i != n.ROWID}
        # A file's statistics do not know NaN: a filter would lose it with its row group.
        has_float = any(t.is_float for t in types.values())
        try:
            frame = pl.scan_parquet(
                paths, glob=False, hive_partitioning=False, use_statistics=not has_float,
                row_index_name='_row' if n.ROWID in node.fields else None,
                missing_columns='insert' if source.union_by_name else 'raise',
                extra_columns='ignore')
            have = frame.collect_schema()
        except FileNotFoundError as error:
            raise HostError('not_found', f'{paths[0]}: no such file') from error
        casts = []
        for name, t in types.items():
            if name not in have:
                raise HostError('invalid', f'{source.name}: the column {name} is not in the file')
            if have[name] != dtype(t):
                casts.append(self.cast_of_file(name, have[name], t))
        return frame.with_columns(casts) if casts else frame, [name for name, _ in source.fields]

    def cast_of_file(self, name: str, have: pl.DataType, t: Type) -> pl.Expr:
        """Same values in another width or unit; nothing else is guessed."""
        want = dtype(t)
        if have == pl.Time and t.kind == 'time':
            return (pl.col(name).to_physical() // (1000 if t.unit == 'us' else 1)).alias(name)
        pairs = (('is_integer', 'is_integer'), ('is_temporal', 'is_temporal'),
                 ('is_decimal', 'is_decimal'), ('is_float', 'is_float'))
        same = any(getattr(have, a)() and getattr(want, b)() for a, b in pairs) or \
            t.kind in ('utf8', 'json') and have == pl.Binary
        if not same:
            raise unsupported(f'a Parquet column of {have} as {t} on Polars')
        return pl.col(name).cast(want)

    # ---- VALUES ------------------------------------------------------------------------------

    def check_values(self, node: n.Values) -> None:
        if node.inputs:
            raise unsupported('VALUES over the rows of an input, on Polars')

    def build_values(self, node: n.Values) -> pl.LazyFrame:
        made = {}
        for i, col in enumerate(node.cols):
            made[col.key] = self.values_column([row[i] for row in node.rows], col.type), col.type
        return columns.frame(made, len(node.rows)).lazy()

    def values_column(self, exprs: list[n.Expr], t: Type):
        if not exprs:
            return pa.nulls(0, t.arrow)
        if values.is_plain(t) and all(e.kind == 'const' for e in exprs):
            return values.to_array(t, [e.value for e in exprs])
        chunks = []
        for e in exprs:
            text = f'CAST({e.duckdb} AS {t.sql})' if e.type != t else e.duckdb
            chunks += self.kernels.constant([_Constant(text, t, e)])[0].chunks
        return pa.chunked_array(chunks, t.arrow)

    # ---- functions that give rows ------------------------------------------------------------

    def check_table_fn(self, node: n.TableFn) -> None:
        if node.fn not in _TABLE_FUNCTIONS or node.arg_names or \
                node.inputs and len(node.fields) != 1:
            raise unsupported(f'the table function {node.fn} on Polars')
        if any(e.duckdb is None for e in node.args):
            raise unsupported(f'the arguments of {node.fn} on Polars')

    def build_table_fn(self, node: n.TableFn) -> pl.LazyFrame:
        if node.inputs:
            return self.lateral(node)
        numbers = self.numbers(node)
        if numbers is not None:
            return self.keep(numbers, node.cols)
        found = self.kernels.rows_of(node.fn, node.args, [t for _, t in node.fields])
        made = {}
        for col, i in zip(node.cols, node.used):
            made[col.key] = found[i], node.fields[i][1]
        n_rows = len(found[0]) if found else 0
        frame = columns.frame(made, n_rows)
        if node.ordinality:
            numbers = pl.int_range(1, n_rows + 1, eager=True, dtype=pl.Int64)
            frame = frame.with_columns(numbers.alias(node.cols[-1].key))
        return frame.lazy()


    def numbers(self, node: n.TableFn) -> pl.LazyFrame | None:
        """A range of integers comes as it is asked for; None for what is no such range."""
        if node.fn not in ('range', 'generate_series') or node.ordinality or \
                any(not e.type.is_integer or e.columns() for e in node.args) or \
                len(node.used) != 1 or node.fields[0][1] != INT64:
            return None
        given = [self.constant(e) for e in node.args]
        if None in given or len(given) == 3 and given[2] == 0:
            return None
        start, stop, step = (0, given[0], 1) if len(given) == 1 else (*given, 1)[:3]
        start, stop, step = int(start), int(stop), int(step)
        if node.fn == 'generate_series':
            stop += 1 if step > 0 else -1
        if not all(-_SAFE < one < _SAFE for one in (start, stop, step)):
            return None
        name = node.cols[0].key

        def read(_with_columns, predicate, n_rows, _batch_size):
            left = n_rows
            for at in range(start, stop, step * _ROWS):
                if left is not None and left <= 0:
                    return
                end = min(at + step * _ROWS, stop) if step > 0 else max(at + step * _ROWS, stop)
                made = pl.int_range(at, end, step, dtype=pl.Int64, eager=True)
                frame = made.alias(name).to_frame()
                if left is not None:
                    frame = frame.head(left)
                    left -= frame.height
                yield frame if predicate is None else frame.filter(predicate)

        return register_io_source(read, schema={name: pl.Int64})

    def lateral(self, node: n.TableFn) -> pl.LazyFrame:
        """For each row the items of a list: the functions have scalar ones of the same names."""
        item = node.fields[0][1]
        given = ', '.join(e.duckdb for e in node.args)
        text = given if node.fn == 'unnest' else f'{node.fn}({given})'
        made = KeyText(text, list_of(item), {f'c{c}' for e in node.args for c in e.columns()},
                       [one for e in node.args for one in e.walk()])
        frame = self.exprs.with_columns(self.build(node.inputs[0]), {'_u': made})
        frame = frame.filter(pl.col('_u').list.len().fill_null(0) > 0)
        frame = frame.with_columns(pl.int_ranges(1, pl.col('_u').list.len() + 1).alias('_o'))
        frame = frame.explode('_u', '_o')
        own = node.cols[len(node.inputs[0].cols):]
        items = {col.key: pl.col('_u') for col, _ in zip(own, node.used)}
        if node.ordinality:
            items[own[-1].key] = pl.col('_o').cast(pl.Int64)
        return self.keep(self.exprs.with_columns(frame, items), node.cols)


class _Constant(Text):
    def __init__(self, duckdb: str, t: Type, e: n.Expr):
        super().__init__(duckdb, t)
        self.e = e

    def walk(self):
        return self.e.walk()

#!/usr/bin/env python3
"""The 22 queries of TPC-H, over small tables as Parquet files, on the embedded engine and one other:
equal rows, and no query that the other can't.

    tpch.py PROGRAM QUERIES TABLES.sql ENGINE [PARQUET_DIR]

Runs in an engine's environment, whose duckdb package makes the tables.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

import duckdb

NAMES = ('customer', 'lineitem', 'nation', 'orders', 'part', 'partsupp', 'region', 'supplier')


def make_tables(script, folder):
    with duckdb.connect() as connection:
        connection.execute(script.read_text(encoding='utf-8'))
        for name in NAMES:
            connection.execute(f"COPY {name} TO '{folder / name}.parquet' (FORMAT parquet)")


def verify(program, query, folder, engine):
    """None, or what is wrong."""
    tables = [f'--table={name}={folder / name}.parquet' for name in NAMES]
    ended = subprocess.run([program, 'verify', '-f', str(query), '--engines', f'duckdb,{engine}',
                            '--json', '--quiet', *tables], capture_output=True, text=True,
                           check=False)
    try:
        told = json.loads(ended.stdout)
    except ValueError:
        return f'{ended.stdout}{ended.stderr}'.strip()
    first, second = told['engines']
    if ended.returncode == 0 and second['verdict'] in ('equal', 'loose'):
        if first['rows'] == second['rows']:
            return None
        return f"{first['rows']} and {second['rows']} rows"
    return f"{second['verdict']}: {second['message']} {second.get('differences', '')}"


def main():
    program, queries, script, engine = sys.argv[1:5]
    wrong = 0
    with tempfile.TemporaryDirectory() as made:
        folder = pathlib.Path(sys.argv[5] if len(sys.argv) > 5 else made)
        if len(sys.argv) <= 5:
            make_tables(pathlib.Path(script), folder)
        found = sorted(pathlib.Path(queries).glob('q*.sql'))
        assert len(found) == 22, f'{len(found)} queries in {queries}'
        for query in found:
            problem = verify(program, query, folder, engine)
            print(f'{query.stem}: {problem or "equal"}', flush=True)
            wrong += problem is not None
    print(f'{engine}: {len(found) - wrong} of {len(found)} queries are equal')
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())

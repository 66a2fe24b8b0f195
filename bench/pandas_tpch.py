#!/usr/bin/env python3
"""The pandas engine beside pandas as people write it: TPC-H queries 1 to 8.

    pandas_tpch.py DATA PLANS [--queries 1,3] [--repeat 3]

DATA is a folder of the eight tables as Parquet, PLANS one of prepare messages q01.json … (from
build/tests/gearbox-hostplan). Runs in the engine's environment. Both read the files, only the
columns that they need, in one process; the figure is CPU time, the least of the repetitions, and
at the end the geometric mean of engine / hand-written. The hand-written queries are those that
public benchmarks of dataframe libraries have; they compute with float64 where the engine is exact.
"""
import argparse
import json
import math
import pathlib
import sys
import time

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'hosts' / 'python'))

DATE = pd.Timestamp


class Tables:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)

    def read(self, name, *columns):
        table = pq.read_table(self.folder / f'{name}.parquet', columns=list(columns))
        fields = []
        for field in table.schema:
            kind = field.type
            if pa.types.is_decimal(kind):
                kind = pa.float64()
            elif pa.types.is_string_view(kind):
                kind = pa.string()
            elif pa.types.is_date(kind):
                kind = pa.timestamp('s')
            fields.append(pa.field(field.name, kind))
        return table.cast(pa.schema(fields)).to_pandas(types_mapper=pd.ArrowDtype)


def q1(t):
    rows = t.read('lineitem', 'l_returnflag', 'l_linestatus', 'l_quantity', 'l_extendedprice',
                  'l_discount', 'l_tax', 'l_shipdate')
    rows = rows[rows['l_shipdate'] <= DATE(1998, 9, 2)].copy()
    rows['disc_price'] = rows['l_extendedprice'] * (1 - rows['l_discount'])
    rows['charge'] = rows['disc_price'] * (1 + rows['l_tax'])
    found = rows.groupby(['l_returnflag', 'l_linestatus'], as_index=False).agg(
        sum_qty=('l_quantity', 'sum'), sum_base=('l_extendedprice', 'sum'),
        sum_disc=('disc_price', 'sum'), sum_charge=('charge', 'sum'),
        avg_qty=('l_quantity', 'mean'), avg_price=('l_extendedprice', 'mean'),
        avg_disc=('l_discount', 'mean'), n=('l_discount', 'size'))
    return found.sort_values(['l_returnflag', 'l_linestatus'])


def q2(t):
    region = t.read('region', 'r_regionkey', 'r_name')
    nation = t.read('nation', 'n_nationkey', 'n_regionkey', 'n_name')
    supplier = t.read('supplier', 's_suppkey', 's_name', 's_address', 's_nationkey', 's_phone',
                      's_acctbal', 's_comment')
    part = t.read('part', 'p_partkey', 'p_mfgr', 'p_size', 'p_type')
    partsupp = t.read('partsupp', 'ps_partkey', 'ps_suppkey', 'ps_supplycost')
    part = part[(part['p_size'] == 15) & part['p_type'].str.endswith('BRASS')]
    rows = (part.merge(partsupp, left_on='p_partkey', right_on='ps_partkey')
            .merge(supplier, left_on='ps_suppkey', right_on='s_suppkey')
            .merge(nation, left_on='s_nationkey', right_on='n_nationkey')
            .merge(region[region['r_name'] == 'EUROPE'], left_on='n_regionkey',
                   right_on='r_regionkey'))
    least = rows.groupby('p_partkey', as_index=False)['ps_supplycost'].min()
    found = rows.merge(least, on=['p_partkey', 'ps_supplycost'])
    return found.sort_values(['s_acctbal', 'n_name', 's_name', 'p_partkey'],
                             ascending=[False, True, True, True]).head(100)


def q3(t):
    customer = t.read('customer', 'c_custkey', 'c_mktsegment')
    orders = t.read('orders', 'o_orderkey', 'o_custkey', 'o_orderdate', 'o_shippriority')
    lines = t.read('lineitem', 'l_orderkey', 'l_extendedprice', 'l_discount', 'l_shipdate')
    rows = (customer[customer['c_mktsegment'] == 'BUILDING']
            .merge(orders[orders['o_orderdate'] < DATE(1995, 3, 15)], left_on='c_custkey',
                   right_on='o_custkey')
            .merge(lines[lines['l_shipdate'] > DATE(1995, 3, 15)], left_on='o_orderkey',
                   right_on='l_orderkey'))
    rows['revenue'] = rows['l_extendedprice'] * (1 - rows['l_discount'])
    found = rows.groupby(['o_orderkey', 'o_orderdate', 'o_shippriority'],
                         as_index=False)['revenue'].sum()
    return found.sort_values(['revenue', 'o_orderdate'], ascending=[False, True]).head(10)


def q4(t):
    orders = t.read('orders', 'o_orderkey', 'o_orderdate', 'o_orderpriority')
    lines = t.read('lineitem', 'l_orderkey', 'l_commitdate', 'l_receiptdate')
    orders = orders[(orders['o_orderdate'] >= DATE(1993, 7, 1)) &
                    (orders['o_orderdate'] < DATE(1993, 10, 1))]
    late = lines[lines['l_commitdate'] < lines['l_receiptdate']]
    rows = orders.merge(late, left_on='o_orderkey', right_on='l_orderkey')
    rows = rows.drop_duplicates(subset=['o_orderpriority', 'l_orderkey'])
    return rows.groupby('o_orderpriority', as_index=False)['o_orderkey'].count() \
        .sort_values('o_orderpriority')


def q5(t):
    region, nation = t.read('region', 'r_regionkey', 'r_name'), t.read(
        'nation', 'n_nationkey', 'n_regionkey', 'n_name')
    customer = t.read('customer', 'c_custkey', 'c_nationkey')
    orders = t.read('orders', 'o_orderkey', 'o_custkey', 'o_orderdate')
    lines = t.read('lineitem', 'l_orderkey', 'l_suppkey', 'l_extendedprice', 'l_discount')
    supplier = t.read('supplier', 's_suppkey', 's_nationkey')
    orders = orders[(orders['o_orderdate'] >= DATE(1994, 1, 1)) &
                    (orders['o_orderdate'] < DATE(1995, 1, 1))]
    rows = (region[region['r_name'] == 'ASIA']
            .merge(nation, left_on='r_regionkey', right_on='n_regionkey')
            .merge(customer, left_on='n_nationkey', right_on='c_nationkey')
            .merge(orders, left_on='c_custkey', right_on='o_custkey')
            .merge(lines, left_on='o_orderkey', right_on='l_orderkey')
            .merge(supplier, left_on=['l_suppkey', 'n_nationkey'],
                   right_on=['s_suppkey', 's_nationkey']))
    rows['revenue'] = rows['l_extendedprice'] * (1 - rows['l_discount'])
    return rows.groupby('n_name', as_index=False)['revenue'].sum().sort_values(
        'revenue', ascending=False)


def q6(t):
    rows = t.read('lineitem', 'l_quantity', 'l_extendedprice', 'l_discount', 'l_shipdate')
    rows = rows[(rows['l_shipdate'] >= DATE(1994, 1, 1)) &
                (rows['l_shipdate'] < DATE(1995, 1, 1)) & (rows['l_discount'] >= 0.05) &
                (rows['l_discount'] <= 0.07) & (rows['l_quantity'] < 24)]
    return pd.DataFrame({'revenue': [(rows['l_extendedprice'] * rows['l_discount']).sum()]})


def q7(t):
    nation = t.read('nation', 'n_nationkey', 'n_name')
    nation = nation[nation['n_name'].isin(['FRANCE', 'GERMANY'])]
    customer = t.read('customer', 'c_custkey', 'c_nationkey')
    orders = t.read('orders', 'o_orderkey', 'o_custkey')
    lines = t.read('lineitem', 'l_orderkey', 'l_suppkey', 'l_extendedprice', 'l_discount',
                   'l_shipdate')
    supplier = t.read('supplier', 's_suppkey', 's_nationkey')
    lines = lines[(lines['l_shipdate'] >= DATE(1995, 1, 1)) &
                  (lines['l_shipdate'] <= DATE(1996, 12, 31))]
    buyers = customer.merge(nation, left_on='c_nationkey', right_on='n_nationkey') \
        .rename(columns={'n_name': 'cust_nation'})
    sellers = supplier.merge(nation, left_on='s_nationkey', right_on='n_nationkey') \
        .rename(columns={'n_name': 'supp_nation'})
    rows = (buyers.merge(orders, left_on='c_custkey', right_on='o_custkey')
            .merge(lines, left_on='o_orderkey', right_on='l_orderkey')
            .merge(sellers, left_on='l_suppkey', right_on='s_suppkey'))
    rows = rows[rows['cust_nation'] != rows['supp_nation']].copy()
    rows['volume'] = rows['l_extendedprice'] * (1 - rows['l_discount'])
    rows['l_year'] = rows['l_shipdate'].dt.year
    keys = ['supp_nation', 'cust_nation', 'l_year']
    return rows.groupby(keys, as_index=False)['volume'].sum().sort_values(keys)


def q8(t):
    part = t.read('part', 'p_partkey', 'p_type')
    lines = t.read('lineitem', 'l_partkey', 'l_suppkey', 'l_orderkey', 'l_extendedprice',
                   'l_discount')
    supplier = t.read('supplier', 's_suppkey', 's_nationkey')
    orders = t.read('orders', 'o_orderkey', 'o_custkey', 'o_orderdate')
    customer = t.read('customer', 'c_custkey', 'c_nationkey')
    nation = t.read('nation', 'n_nationkey', 'n_regionkey', 'n_name')
    region = t.read('region', 'r_regionkey', 'r_name')
    orders = orders[(orders['o_orderdate'] >= DATE(1995, 1, 1)) &
                    (orders['o_orderdate'] <= DATE(1996, 12, 31))]
    rows = (part[part['p_type'] == 'ECONOMY ANODIZED STEEL']
            .merge(lines, left_on='p_partkey', right_on='l_partkey')
            .merge(supplier, left_on='l_suppkey', right_on='s_suppkey')
            .merge(orders, left_on='l_orderkey', right_on='o_orderkey')
            .merge(customer, left_on='o_custkey', right_on='c_custkey')
            .merge(nation[['n_nationkey', 'n_regionkey']], left_on='c_nationkey',
                   right_on='n_nationkey')
            .merge(region[region['r_name'] == 'AMERICA'], left_on='n_regionkey',
                   right_on='r_regionkey')
            .merge(nation[['n_nationkey', 'n_name']], left_on='s_nationkey',
                   right_on='n_nationkey'))
    rows['volume'] = rows['l_extendedprice'] * (1 - rows['l_discount'])
    rows['o_year'] = rows['o_orderdate'].dt.year
    rows['brazil'] = rows['volume'].where(rows['n_name'] == 'BRAZIL', 0.0)
    found = rows.groupby('o_year', as_index=False)[['brazil', 'volume']].sum()
    found['mkt_share'] = found['brazil'] / found['volume']
    return found.sort_values('o_year')


QUERIES = {1: q1, 2: q2, 3: q3, 4: q4, 5: q5, 6: q6, 7: q7, 8: q8}


def cpu_of(run, repeat):
    """(least CPU seconds, rows)"""
    best, rows = math.inf, 0
    for _ in range(repeat):
        start = time.process_time()
        rows = run()
        best = min(best, time.process_time() - start)
    return best, rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('data')
    parser.add_argument('plans', type=pathlib.Path)
    parser.add_argument('--queries', default=','.join(map(str, QUERIES)))
    parser.add_argument('--repeat', type=int, default=3)
    args = parser.parse_args()
    from gearbox_host import develop, engines
    from gearbox_host.engines.base import Config
    engine, tables, ratios = engines.load('pandas')(Config()), Tables(args.data), []
    for number in map(int, args.queries.split(',')):
        message = json.loads((args.plans / f'q{number:02}.json').read_text(encoding='utf-8'))
        own = cpu_of(lambda: develop.run_message(engine, message, {})[0].num_rows, args.repeat)
        hand = cpu_of(lambda: len(QUERIES[number](tables)), args.repeat)
        if own[1] != hand[1]:
            sys.exit(f'q{number}: {own[1]} rows, {hand[1]} by hand')
        ratios.append(own[0] / hand[0])
        print(f'q{number}: engine {own[0]:.3f} s, by hand {hand[0]:.3f} s, ratio {ratios[-1]:.2f}',
              flush=True)
    print(f'geometric mean {math.exp(sum(map(math.log, ratios)) / len(ratios)):.2f}')


if __name__ == '__main__':
    main()

#!/usr/bin/env python3
"""The join of orders in MariaDB with lineitem in Parquet files, in Pallas and in Trino on the same server and files.

  bench/join_bench.py [--scale 0.1] [--trino http://127.0.0.1:18480] [--runs 9]

Prints wall time, CPU time and peak memory of both, and Trino's as a multiple of Pallas'. Both are warm: each
answers the query once before it is measured; then the runs alternate. Both must give the same rows.

Starts a MariaDB in build/bench and loads it. The Trino server has to run on this machine with two catalogs:
`mysql` (connector.name=mysql, connection-url as this program prints it when it finds no such catalog) and `hive` on
local files, in which the schema `tpch` has the table lineitem over the files of build/fixtures. Without a Trino it
prints Pallas' own figures only.
"""
import argparse
import os

from side_by_side import ROOT, Pallas, Trino, compare, run

QUERY = '''SELECT o_orderpriority AS priority, count(*) AS lines, sum(l_extendedprice) AS price
FROM {lineitem} JOIN {orders} ON l_orderkey = o_orderkey
WHERE o_orderdate >= DATE '1994-01-01' AND l_shipdate < DATE '1997-01-01'
GROUP BY o_orderpriority ORDER BY priority'''
LINEITEM = '''l_orderkey bigint, l_partkey bigint, l_suppkey bigint, l_linenumber int, l_quantity decimal(15,2),
l_extendedprice decimal(15,2), l_discount decimal(15,2), l_tax decimal(15,2), l_returnflag string,
l_linestatus string, l_shipdate date, l_commitdate date, l_receiptdate date, l_shipinstruct string,
l_shipmode string, l_comment string'''


def make_pallas(folder, address, lineitem):
    os.makedirs(folder, exist_ok=True)
    host, port = address.split(':')
    config = os.path.join(folder, 'pallas.toml')
    with open(config, 'w', encoding='utf-8') as file:
        file.write(f'[lake]\nlocal_roots = ["{lineitem}"]\n[catalogs.mysql]\nconnector = "mysql"\n'
                   f'host = "{host}"\nport = {port}\nuser = "root"\n')
    pallas = Pallas(['--config', config, '--data', os.path.join(folder, 'data')],
                    QUERY.format(orders='mysql.tpch.orders', lineitem='tpch.lineitem'))
    pallas.execute('CREATE DATABASE IF NOT EXISTS tpch', 'DROP TABLE IF EXISTS tpch.lineitem',
                   f"CREATE EXTERNAL TABLE tpch.lineitem ({LINEITEM}) STORED AS PARQUET LOCATION 'file://{lineitem}/'")
    return pallas


def connect_trino(url, address):
    try:
        trino = Trino(url, QUERY.format(orders='mysql.tpch.orders', lineitem='hive.tpch.lineitem'))
        trino.ask('SELECT 1 FROM mysql.tpch.orders LIMIT 1')
        return trino
    except OSError:
        print(f'no Trino at {url}: its side is left out')
    except RuntimeError as error:
        print(f'Trino cannot read the tables ({error}): its side is left out. Its catalog mysql needs\n'
              f'  connection-url=jdbc:mysql://{address}?sslMode=DISABLED&allowPublicKeyRetrieval=true\n'
              '  connection-user=root')
    return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--scale', default='0.1')
    parser.add_argument('--trino', default='http://127.0.0.1:18480')
    parser.add_argument('--runs', type=int, default=9)
    options = parser.parse_args()
    tables = os.path.join(ROOT, 'build/fixtures/tpch', f'sf{options.scale}')
    folder = os.path.join(ROOT, 'build/bench')
    run('tools/make_fixtures', options.scale)
    address = run('tools/servers/mariadb', 'start', os.path.join(folder, 'm'))
    run('tools/servers/load_tpch_mariadb', os.path.join(folder, 'm/s'), 'tpch', os.path.join(tables, 'csv'), 'orders')
    try:
        pallas = make_pallas(folder, address, os.path.join(tables, 'parquet/lineitem'))
        print(f'scale {options.scale}:', end=' ')
        compare(pallas, connect_trino(options.trino, address), options.runs)
    finally:
        run('tools/servers/mariadb', 'stop', os.path.join(folder, 'm'))


if __name__ == '__main__':
    main()

#!/usr/bin/env python3
"""The data mesh's query (lineitem in files, the rest in MariaDB, nation in Redis) in Pallas and in Trino.

  bench/mesh_bench.py [--scale 0.1] [--runs 9] [--trino http://127.0.0.1:18480 --trino-folder DIR]

Trino has no connector for DynamoDB, so part and partsupp lie in MariaDB for both. Prints wall time, CPU time and
peak memory of both, the servers of the sources left out, and Trino's as a multiple of Pallas'. Both are warm: each
answers the query once before it is measured; then the runs alternate. Both must give the same rows.

Starts a MariaDB and a Redis in build/bench/mesh and loads them. A Trino on this machine takes its configuration from
DIR/etc and reads files below DIR/warehouse through its catalog `hive`; this program writes the catalogs mesh_mysql
and mesh_redis there, and says so when Trino has to be started again to see them (the servers then stay up). Without a
Trino it prints Pallas' own figures only. --stop ends the servers.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys

from join_bench import LINEITEM
from side_by_side import ROOT, Pallas, Trino, compare, run

FOLDER = os.path.join(ROOT, 'build/bench/mesh')
MARIADB_TABLES = ('orders', 'supplier', 'part', 'partsupp')
QUERY = '''SELECT nation, CAST(sum(amount) AS decimal(18, 2)) AS total FROM (
SELECT n_name AS nation, year(CAST(o_orderdate AS date)) AS o_year,
       l_extendedprice * (1 - l_discount) - CAST(ps_supplycost AS double) * l_quantity AS amount
FROM {lineitem}, {mysql}.part, {mysql}.partsupp, {mysql}.supplier, {mysql}.orders, {nation}
WHERE s_suppkey = l_suppkey AND ps_suppkey = l_suppkey AND ps_partkey = l_partkey AND p_partkey = l_partkey
  AND o_orderkey = l_orderkey AND s_nationkey = CAST(regexp_extract(_key_, '.*-(.*)', 1) AS int))
GROUP BY nation ORDER BY nation'''


class Sources:
    """The servers, with the tables of one scale."""

    def __init__(self, scale):
        self.scale = scale
        self.database = 'sf' + scale.replace('.', '_')
        self.tables = os.path.join(ROOT, 'build/fixtures/tpch', f'sf{scale}')
        run('tools/make_fixtures', scale)
        self.mysql = run('tools/servers/mariadb', 'start', os.path.join(FOLDER, 'm'), '--innodb-buffer-pool-size=1G')
        run('tools/servers/load_tpch_mariadb', os.path.join(FOLDER, 'm/s'), self.database,
            os.path.join(self.tables, 'csv'), *MARIADB_TABLES)
        self.redis = run('tools/servers/redis', 'start', os.path.join(FOLDER, 'r'))
        self.load_nations()

    def load_nations(self):
        commands = ''
        with open(os.path.join(self.tables, 'csv/nation.csv'), encoding='ascii') as file:
            for line in list(file)[1:]:
                key, name, region = line.split(',')[:3]
                commands += f'HSET nation-{key} n_nationkey {key} n_name "{name}" n_regionkey {region}\n'
        subprocess.run(['redis-cli', '-p', self.redis.split(':')[1]], input=commands, text=True, check=True,
                       stdout=subprocess.DEVNULL)

    @staticmethod
    def stop():
        run('tools/servers/mariadb', 'stop', os.path.join(FOLDER, 'm'))
        run('tools/servers/redis', 'stop', os.path.join(FOLDER, 'r'))


def make_pallas(sources):
    config = os.path.join(FOLDER, 'pallas.toml')
    lineitem = os.path.join(sources.tables, 'parquet/lineitem')
    mysql, redis = sources.mysql.split(':'), sources.redis.split(':')
    with open(config, 'w', encoding='utf-8') as file:
        file.write(f'''[lake]
local_roots = ["{lineitem}"]
[catalogs.mysql]
connector = "mysql"
host = "{mysql[0]}"
port = {mysql[1]}
user = "root"
[catalogs.redis]
connector = "redis"
host = "{redis[0]}"
port = {redis[1]}
[[catalogs.redis.tables]]
schema = "redis"
name = "nation"
key_prefix = "nation-"
value_type = "hash"
columns = {{ n_nationkey = "bigint", n_name = "varchar", n_regionkey = "bigint" }}
''')
    pallas = Pallas(['--config', config, '--data', os.path.join(FOLDER, 'data')],
                    QUERY.format(lineitem=f'{sources.database}.lineitem', mysql=f'mysql.{sources.database}',
                                 nation='redis.redis.nation'))
    pallas.execute(f'CREATE DATABASE IF NOT EXISTS {sources.database}',
                   f'DROP TABLE IF EXISTS {sources.database}.lineitem',
                   f"CREATE EXTERNAL TABLE {sources.database}.lineitem ({LINEITEM}) STORED AS PARQUET "
                   f"LOCATION 'file://{lineitem}/'")
    return pallas


def write_file(path, text):
    """Whether the file had another content."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if os.path.exists(path):
        with open(path, encoding='utf-8') as file:
            if file.read() == text:
                return False
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text)
    return True


def write_catalogs(folder, sources):
    """Trino's catalogs for the two servers. Returns whether something has changed."""
    fields = [{'name': name, 'mapping': name, 'type': kind}
              for name, kind in (('n_nationkey', 'BIGINT'), ('n_name', 'VARCHAR'), ('n_regionkey', 'BIGINT'))]
    nation = {'tableName': 'nation', 'schemaName': 'redis',
              'key': {'dataFormat': 'raw', 'fields': [{'name': '_key_', 'type': 'VARCHAR(64)', 'hidden': 'false'}]},
              'value': {'dataFormat': 'hash', 'fields': fields}}
    files = {
        'etc/catalog/mesh_mysql.properties':
            'connector.name=mysql\nconnection-user=root\n'
            f'connection-url=jdbc:mysql://{sources.mysql}?sslMode=DISABLED&allowPublicKeyRetrieval=true\n',
        'etc/catalog/mesh_redis.properties':
            f'connector.name=redis\nredis.nodes={sources.redis}\nredis.table-names=redis.nation\n'
            f'redis.table-description-dir={folder}/etc/mesh_redis\nredis.hide-internal-columns=true\n',
        'etc/mesh_redis/nation.json': json.dumps(nation)}
    return any([write_file(os.path.join(folder, path), text) for path, text in files.items()])


def connect_trino(options, sources):
    if not options.trino_folder:
        return None
    folder = os.path.abspath(options.trino_folder)
    changed = write_catalogs(folder, sources)
    schema = f'hive.mesh_{sources.database}'
    query = QUERY.format(lineitem=f'{schema}.lineitem', mysql=f'mesh_mysql.{sources.database}',
                         nation='mesh_redis.redis.nation')
    try:
        trino = Trino(options.trino, query)
        known = [row[0] for row in trino.ask('SHOW CATALOGS')]
    except OSError:
        sys.exit(f'no Trino at {options.trino}: start it with the configuration in {folder}/etc')
    if changed or 'mesh_mysql' not in known or 'mesh_redis' not in known:
        sys.exit(f'the catalogs in {folder}/etc were written: start Trino again, then this program')
    files = os.path.join(folder, 'warehouse/mesh', sources.database, 'lineitem')
    if not os.path.isdir(files):
        shutil.copytree(os.path.join(sources.tables, 'parquet/lineitem'), files)
    trino.ask(f'CREATE SCHEMA IF NOT EXISTS {schema}')
    trino.ask(f"CREATE TABLE IF NOT EXISTS {schema}.lineitem ({LINEITEM.replace('string', 'varchar')}) WITH "
              f"(format = 'PARQUET', external_location = 'local:///mesh/{sources.database}/lineitem')")
    trino.ask(f'ANALYZE {schema}.lineitem')
    return trino


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--scale', default='0.1')
    parser.add_argument('--runs', type=int, default=9)
    parser.add_argument('--trino', default='http://127.0.0.1:18480')
    parser.add_argument('--trino-folder')
    parser.add_argument('--stop', action='store_true')
    options = parser.parse_args()
    if options.stop:
        Sources.stop()
        return
    sources = Sources(options.scale)
    trino = connect_trino(options, sources)
    try:
        print(f'scale {options.scale}:', end=' ')
        compare(make_pallas(sources), trino, options.runs)
    finally:
        Sources.stop()


if __name__ == '__main__':
    main()

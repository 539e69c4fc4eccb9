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
import http.client
import json
import os
import re
import statistics
import subprocess
import sys
import time
import urllib.parse

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
QUERY = '''SELECT o_orderpriority AS priority, count(*) AS lines, sum(l_extendedprice) AS price
FROM {lineitem} JOIN {orders} ON l_orderkey = o_orderkey
WHERE o_orderdate >= DATE '1994-01-01' AND l_shipdate < DATE '1997-01-01'
GROUP BY o_orderpriority ORDER BY priority'''
LINEITEM = '''l_orderkey bigint, l_partkey bigint, l_suppkey bigint, l_linenumber int, l_quantity decimal(15,2),
l_extendedprice decimal(15,2), l_discount decimal(15,2), l_tax decimal(15,2), l_returnflag string,
l_linestatus string, l_shipdate date, l_commitdate date, l_receiptdate date, l_shipinstruct string,
l_shipmode string, l_comment string'''
TICKS = os.sysconf('SC_CLK_TCK')


def run(*command, **options):
    return subprocess.run(command, cwd=ROOT, check=True, text=True, stdout=subprocess.PIPE, **options).stdout.strip()


def process_cpu(pid):
    with open(f'/proc/{pid}/stat', encoding='ascii') as stat:
        fields = stat.read().rsplit(')', 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def peak_memory(pid):
    with open(f'/proc/{pid}/status', encoding='ascii') as status:
        return int(re.search(r'VmHWM:\s*(\d+) kB', status.read()).group(1)) / 1024


class Pallas:
    """`pallas sql` reading statements from a pipe: one process for all runs, as a server would be."""

    def __init__(self, folder, address, lineitem):
        os.makedirs(folder, exist_ok=True)
        host, port = address.split(':')
        config = os.path.join(folder, 'pallas.toml')
        with open(config, 'w', encoding='utf-8') as file:
            file.write(f'[lake]\nlocal_roots = ["{lineitem}"]\n[catalogs.mysql]\nconnector = "mysql"\n'
                       f'host = "{host}"\nport = {port}\nuser = "root"\n')
        self.command = [os.path.join(ROOT, 'build/release/pallas'), 'sql', '--config', config, '--data',
                        os.path.join(folder, 'data'), '--format', 'csv']
        run(*self.command, '-e', 'CREATE DATABASE IF NOT EXISTS tpch')
        run(*self.command, '-e', 'DROP TABLE IF EXISTS tpch.lineitem')
        run(*self.command, '-e', f"CREATE EXTERNAL TABLE tpch.lineitem ({LINEITEM}) STORED AS PARQUET "
            f"LOCATION 'file://{lineitem}/'")
        self.query = QUERY.format(orders='mysql.tpch.orders', lineitem='tpch.lineitem')

    def measure(self, count):
        """Wall and CPU seconds, peak MiB and the rows of `count` runs in one process."""
        start = time.monotonic()
        process = subprocess.Popen(self.command + ['-e', ';'.join([self.query] * count)], cwd=ROOT,
                                   stdout=subprocess.PIPE, text=True)
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        if status != 0:
            sys.exit('pallas failed')
        return time.monotonic() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, output

    def run_once(self):
        """One warm run: the difference between a process that runs it twice and one that runs it once."""
        once, twice = self.measure(1), self.measure(2)
        return max(twice[0] - once[0], 1e-6), max(twice[1] - once[1], 1e-6), twice[2]

    def rows(self):
        return [line.replace('"', '').split(',') for line in self.measure(1)[3].strip().split('\n')[1:]]


class Trino:
    def __init__(self, url):
        self.url = url
        self.pid = int(run('pgrep', '-f', 'io.trino.server.TrinoServer').split()[0])
        self.query = QUERY.format(orders='mysql.tpch.orders', lineitem='hive.tpch.lineitem')

    def request(self, method, url, body=None):
        parts = urllib.parse.urlsplit(url)
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=600)
        connection.request(method, parts.path, body, {'X-Trino-User': 'bench'})
        return json.loads(connection.getresponse().read())

    def ask(self, sql):
        answer, rows = self.request('POST', self.url + '/v1/statement', sql.encode()), []
        while True:
            if 'error' in answer:
                raise RuntimeError(answer['error']['message'])
            rows += answer.get('data', [])
            if 'nextUri' not in answer:
                return rows
            answer = self.request('GET', answer['nextUri'])

    def run_once(self):
        start, cpu = time.monotonic(), process_cpu(self.pid)
        self.ask(self.query)
        return time.monotonic() - start, process_cpu(self.pid) - cpu, peak_memory(self.pid)

    def rows(self):
        return [[str(value) for value in row] for row in self.ask(self.query)]


def report(name, runs):
    wall, cpu, memory = (statistics.median(run[i] for run in runs) for i in range(3))
    print(f'{name:8} wall {wall:.3f} s, CPU {cpu:.3f} s, peak memory {memory:.0f} MiB (median of {len(runs)})')
    return wall, cpu, memory


def connect_trino(url, address):
    try:
        trino = Trino(url)
        trino.ask('SELECT 1 FROM mysql.tpch.orders LIMIT 1')
        return trino
    except (OSError, subprocess.CalledProcessError):
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
        pallas = Pallas(folder, address, os.path.join(tables, 'parquet/lineitem'))
        trino = connect_trino(options.trino, address)
        rows = pallas.rows()
        print(f'scale {options.scale}: {len(rows)} rows')
        if trino is None:
            report('pallas', [pallas.run_once() for _ in range(options.runs)])
            return
        if rows != trino.rows():
            sys.exit(f'the rows differ:\n{rows}\n{trino.rows()}')
        pairs = [(pallas.run_once(), trino.run_once()) for _ in range(options.runs)]
        ours = report('pallas', [pair[0] for pair in pairs])
        theirs = report('trino', [pair[1] for pair in pairs])
        print('trino / pallas: wall {:.1f}, CPU {:.1f}, memory {:.1f}'.format(*(b / a for a, b in zip(ours, theirs))))
    finally:
        run('tools/servers/mariadb', 'stop', os.path.join(folder, 'm'))


if __name__ == '__main__':
    main()

#!/usr/bin/env python3
"""What a scan of millions of rows adds to the memory of the process.

  bench/scan_memory_bench.py [--rows 6000000] [--program build/release/pallas]

Reads a view of a MariaDB through one connection into `pallas sql --format csv -o /dev/null`, and prints the peak
memory of that process, that of one which reads a single row through the same connection, and the difference.
"""
import argparse
import os
import subprocess
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SERVER = os.path.join(ROOT, 'tools/servers/mariadb')
GOAL_MIB = 300


def run(*command):
    return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE).stdout.strip()


def measure(command):
    """Peak memory in MiB, wall and CPU seconds."""
    start = time.perf_counter()
    process = subprocess.Popen(command)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = status
    if status != 0:
        raise SystemExit('pallas failed')
    return usage.ru_maxrss / 1024, time.perf_counter() - start, usage.ru_utime + usage.ru_stime


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--rows', type=int, default=6_000_000)
    parser.add_argument('--program', default=os.path.join(ROOT, 'build/release/pallas'))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server = os.path.join(folder, 'm')
        host, port = run(SERVER, 'start', server).split(':')
        try:
            run('mariadb', '--no-defaults', f'--socket={server}/s', '--user=root', '--execute',
                'CREATE DATABASE bench; USE bench; CREATE VIEW readings AS SELECT seq AS id, seq * 7919 % 1000003 / 100 AS '
                "amount, '2001-01-01' + INTERVAL seq % 9000 DAY AS day, CONCAT('reading number ', seq) AS note "
                f'FROM seq_1_to_{options.rows}')
            config = os.path.join(folder, 'pallas.toml')
            with open(config, 'w', encoding='utf-8') as file:
                file.write(f'[catalogs.mysql]\nconnector = "mysql"\nhost = "{host}"\nport = {port}\nuser = "root"\n'
                           '[catalogs.mysql.limits]\nmax_concurrency = 1\n')
            command = [options.program, 'sql', '--config', config, '--data', os.path.join(folder, 'data'),
                       '--format', 'csv', '-o', '/dev/null', '-e']
            idle = measure(command + ['SELECT 1'])[0]
            one_row = measure(command + ['SELECT * FROM mysql.bench.readings LIMIT 1'])[0]
            memory, wall, cpu = measure(command + ['SELECT * FROM mysql.bench.readings'])
        finally:
            run(SERVER, 'stop', server)
    print(f'SELECT 1                {idle:6.0f} MiB')
    print(f'one row of the view     {one_row:6.0f} MiB')
    print(f'{options.rows:>9} rows         {memory:6.0f} MiB in {wall:.1f} s, CPU {cpu:.1f} s, '
          f'{options.rows / wall / 1e6:.2f} M rows/s')
    print(f'the scan adds           {memory - idle:6.0f} MiB (at most {GOAL_MIB})')


if __name__ == '__main__':
    main()

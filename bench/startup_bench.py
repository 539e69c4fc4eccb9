#!/usr/bin/env python3
"""The time of `pallas sql -e "SELECT 1"` from start to exit, beside an empty program and `pallas --version`.

  bench/startup_bench.py [--runs 20] [--program build/release/pallas]

Runs alternate. Wall time is what a user waits; CPU time is what stays the same on a busy machine.
"""
import argparse
import os
import statistics
import subprocess
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
GOAL_MS = 100


def measure(command):
    """Wall and CPU milliseconds of one run."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = status
    if status != 0:
        raise SystemExit(f'{command[0]} failed')
    return wall * 1000, (usage.ru_utime + usage.ru_stime) * 1000


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--runs', type=int, default=20)
    parser.add_argument('--program', default=os.path.join(ROOT, 'build/release/pallas'))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        select = [options.program, 'sql', '--data', folder, '-e', 'SELECT 1']
        commands = {'an empty program': ['/bin/true'], 'pallas --version': [options.program, '--version'],
                    'pallas, SELECT 1': select, 'pallas, two of them': select[:-1] + ['SELECT 1; SELECT 1']}
        runs = {name: [] for name in commands}
        for command in commands.values():
            measure(command)
        for _ in range(options.runs):
            for name, command in commands.items():
                runs[name].append(measure(command))
    empty = statistics.median(run[0] for run in runs['an empty program'])
    for name, values in runs.items():
        wall, cpu = (statistics.median(run[i] for run in values) for i in range(2))
        print(f'{name:20} {wall:7.1f} ms (fastest {min(values)[0]:.1f}), CPU {cpu:6.1f} ms, {wall / empty:5.1f} empty programs')
    print(f'SELECT 1 should take at most {GOAL_MS} ms')


if __name__ == '__main__':
    main()

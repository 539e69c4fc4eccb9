"""What the benchmarks beside Trino share: the two sides and how they are measured. Not a benchmark itself."""
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
PALLAS = os.path.join(ROOT, 'build/release/pallas')
TICKS = os.sysconf('SC_CLK_TCK')


def run(*command, **options):
    return subprocess.run(command, cwd=ROOT, check=True, text=True, stdout=subprocess.PIPE, **options).stdout.strip()


def process_cpu(pid):
    with open(f'/proc/{pid}/stat', encoding='ascii') as stat:
        fields = stat.read().rsplit(')', 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def peak_memory(pid):
    """In MiB."""
    with open(f'/proc/{pid}/status', encoding='ascii') as status:
        return int(re.search(r'VmHWM:\s*(\d+) kB', status.read()).group(1)) / 1024


class Pallas:
    """`pallas sql` running one query several times: one process for all runs, as a server would be."""

    def __init__(self, arguments, query):
        self.command = [PALLAS, 'sql', *arguments, '--format', 'csv']
        self.query = query

    def execute(self, *statements):
        for statement in statements:
            run(*self.command, '-e', statement)

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
    """A Trino server of this machine, running one query."""

    def __init__(self, url, query):
        self.url = url
        self.query = query
        self.pid = self.find_process()

    def find_process(self):
        """The process that listens on the port of the URL."""
        port = f':{urllib.parse.urlsplit(self.url).port:04X}'
        inodes = set()
        for file in ('/proc/net/tcp', '/proc/net/tcp6'):
            with open(file, encoding='ascii') as table:
                fields = [line.split() for line in list(table)[1:]]
            inodes |= {f'socket:[{f[9]}]' for f in fields if f[3] == '0A' and f[1].endswith(port)}
        for pid in filter(str.isdigit, os.listdir('/proc')):
            try:
                for fd in os.listdir(f'/proc/{pid}/fd'):
                    if os.readlink(f'/proc/{pid}/fd/{fd}') in inodes:
                        return int(pid)
            except OSError:
                continue
        raise ConnectionError('no process listens there')

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
    """Prints the medians of wall, CPU and memory, and the spread of the first two; returns the medians."""
    columns = list(zip(*runs))
    wall, cpu, memory = (statistics.median(column) for column in columns)
    print(f'{name:8} wall {wall:.3f} s ({min(columns[0]):.3f} to {max(columns[0]):.3f}), '
          f'CPU {cpu:.3f} s ({min(columns[1]):.3f} to {max(columns[1]):.3f}), '
          f'peak memory {memory:.0f} MiB (median of {len(runs)})')
    return wall, cpu, memory


def compare(pallas, trino, runs):
    """Alternating pairs of warm runs after a first one that must give the same rows; without a Trino only ours."""
    rows = pallas.rows()
    print(f'{len(rows)} rows')
    if trino is None:
        report('pallas', [pallas.run_once() for _ in range(runs)])
        return
    theirs = trino.rows()
    if rows != theirs:
        sys.exit(f'the rows differ:\n{rows}\n{theirs}')
    pairs = [(pallas.run_once(), trino.run_once()) for _ in range(runs)]
    ours = report('pallas', [pair[0] for pair in pairs])
    theirs = report('trino', [pair[1] for pair in pairs])
    print('trino / pallas: wall {:.1f}, CPU {:.1f}, memory {:.1f}'.format(*(b / a for a, b in zip(ours, theirs))))

#!/usr/bin/env python3
"""Runs `pallas demo` as a user does: demo_program_test.py PROGRAM

At scale 0.0035, in a folder of its own. What the view answers is checked by mesh_test; here it is what is printed,
what is started, and what is left.
"""
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

PROGRAM = os.path.abspath(sys.argv.pop(1))
# No test waits for this; it ends one that hangs.
PATIENCE = 120
SERVERS = ('mariadb', 'redis', 'dynamodb')


def running(pid):
    """Whether the process lives; one that nobody has waited for does not."""
    try:
        with open(f'/proc/{pid}/stat', encoding='ascii') as stat:
            return stat.read().rsplit(')', 1)[1].split()[0] not in 'ZX'
    except FileNotFoundError:
        return False


def wait_until(condition, what):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f'not within {PATIENCE} s: {what}')
        select.select([], [], [], 0.02)


class DemoTest(unittest.TestCase):
    def setUp(self):
        self.top = tempfile.mkdtemp(prefix='pallas-demo-test-')
        self.folder = os.path.join(self.top, 'demo')
        self.environment = {**os.environ, 'HOME': self.top, 'LC_ALL': 'C.UTF-8'}
        self.environment.pop('XDG_DATA_HOME', None)
        self.seen = set()  # every process that a demo has started

    def tearDown(self):
        subprocess.run([PROGRAM, 'demo', '--data', self.folder, '--stop'], stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, timeout=PATIENCE, check=False)
        for pid in self.seen:
            self.assertFalse(running(pid), f'process {pid} was left')
        shutil.rmtree(self.top)

    def pids(self):
        found = {}
        for server in SERVERS:
            try:
                with open(os.path.join(self.folder, 'servers', server, 'process'), encoding='ascii') as file:
                    found[server] = int(file.read().split()[0])
            except FileNotFoundError:
                continue
        self.seen.update(found.values())
        return found

    def run_demo(self, *arguments, environment=None):
        result = subprocess.run([PROGRAM, 'demo', '--data', self.folder, *arguments], cwd=self.top,
                                env={**self.environment, **(environment or {})}, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True, timeout=PATIENCE)
        self.pids()
        return result

    def demo(self, *arguments):
        """The output of a run that succeeds without a word of complaint."""
        result = self.run_demo('--scale', '0.0035', *arguments)
        self.assertEqual((result.returncode, result.stderr), (0, ''), result.stdout)
        return result.stdout

    def sql(self, statement):
        return subprocess.run([PROGRAM, 'sql', '--config', os.path.join(self.folder, 'pallas.toml'), '--database',
                               'data_lake', '--format', 'csv', '-e', statement], env=self.environment, check=True,
                              stdout=subprocess.PIPE, text=True, timeout=PATIENCE).stdout

    def test_life(self):
        output = self.demo()
        self.assertIn('PERU', output)
        self.assertIn('21100323.17', output)
        for words in ('5,250 rows', '25 hashes', '2,800 items', 'sent: SELECT', 'pallas sql --config', '--stop'):
            self.assertIn(words, output)
        first = self.pids()
        self.assertEqual(set(first), set(SERVERS))
        self.assertTrue(all(map(running, first.values())))
        self.check_secrets(first)
        self.assertEqual(self.sql("SELECT count(*) FROM federated_view"), '"_col0"\n"21034"\n')
        status = self.run_demo('--status').stdout
        self.assertEqual(len(re.findall('runs on 127.0.0.1:', status)), 3, status)

        # A second time: nothing is started or loaded again.
        output = self.demo()
        self.assertEqual(self.pids(), first)
        self.assertEqual(len(re.findall('there already', output)), 8, output)
        self.assertIn('21100323.17', output)

        # Servers that have crashed come back, with their tables.
        for server in SERVERS:
            os.kill(first[server], signal.SIGKILL)
            wait_until(lambda pid=first[server]: not running(pid), f'{server} ends')
        self.assertIn('does not run', self.run_demo('--status').stdout)
        self.assertIn('21100323.17', self.demo())
        second = self.pids()
        self.assertFalse(set(first.values()) & set(second.values()))

        # Another scale: other tables.
        result = self.run_demo('--scale', '0.01')
        self.assertEqual((result.returncode, result.stderr), (0, ''))
        self.assertIn('15,000 rows', result.stdout)
        self.assertEqual(self.sql('SELECT count(*) FROM dynamo.default.partsupp'), '"_col0"\n"8000"\n')
        self.assertEqual(self.pids(), second)

        result = self.run_demo('--stop')
        self.assertEqual((result.returncode, result.stderr), (0, ''))
        self.assertFalse(os.path.exists(self.folder))
        self.assertFalse(any(map(running, second.values())))
        result = self.run_demo('--stop')
        self.assertEqual(result.returncode, 0)
        self.assertIn('nothing to stop', result.stdout)

    def check_secrets(self, pids):
        """No password in the configuration or in what `ps` shows; the files are their owner's."""
        for name in ('mysql', 'redis'):
            path = os.path.join(self.folder, 'secrets', name)
            self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
            with open(path, encoding='ascii') as file:
                password = file.read()
            with open(os.path.join(self.folder, 'pallas.toml'), encoding='utf-8') as file:
                self.assertNotIn(password, file.read())
            for pid in pids.values():
                with open(f'/proc/{pid}/cmdline', encoding='utf-8') as file:
                    self.assertNotIn(password, file.read())

    def test_interrupted_start_leaves_nothing_running(self):
        process = subprocess.Popen([PROGRAM, 'demo', '--data', self.folder, '--scale', '0.0035'], cwd=self.top,
                                   env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        line = ''
        while 'Redis' not in line:
            line = process.stdout.readline()
            self.assertTrue(line, 'it ended before it could be interrupted')
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=PATIENCE)
        self.assertEqual(process.returncode, 130, output)
        for pid in self.pids().values():
            wait_until(lambda pid=pid: not running(pid), 'a server ends')
        # The next start takes up the work.
        self.assertIn('21100323.17', self.demo())

    def test_killed_start_is_taken_up(self):
        process = subprocess.Popen([PROGRAM, 'demo', '--data', self.folder, '--scale', '0.0035'], cwd=self.top,
                                   env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        line = ''
        while 'orders' not in line:
            line = process.stdout.readline()
            self.assertTrue(line, 'it ended before it could be killed')
        process.kill()
        process.communicate(timeout=PATIENCE)
        first = self.pids()
        self.assertEqual(set(first), set(SERVERS))
        self.assertIn('21100323.17', self.demo())
        self.assertEqual(self.pids(), first)

    def test_a_port_that_was_taken_meanwhile(self):
        os.makedirs(os.path.join(self.folder, 'servers/redis'))
        open(os.path.join(self.folder, '.pallas-demo'), 'w', encoding='utf-8').close()
        with socket.create_server(('127.0.0.1', 0)) as other:
            with open(os.path.join(self.folder, 'servers/redis/port'), 'w', encoding='ascii') as file:
                file.write(str(other.getsockname()[1]))
            output = self.demo()
            self.assertNotIn(f':{other.getsockname()[1]},', output)

    def test_missing_programs(self):
        result = self.run_demo(environment={'PALLAS_MARIADBD': '/nowhere/mariadbd', 'PALLAS_TPCHGEN': '/nowhere/gen'})
        self.assertEqual(result.returncode, 1)
        self.assertIn('PALLAS_MARIADBD names /nowhere/mariadbd', result.stderr)
        self.assertIn('PALLAS_TPCHGEN names /nowhere/gen', result.stderr)
        self.assertFalse(os.path.exists(self.folder))

    def test_a_scale_whose_keys_are_not_unique(self):
        result = self.run_demo('--scale', '0.001')
        self.assertEqual(result.returncode, 1)
        self.assertIn('partsupp with the key (ps_partkey, ps_suppkey)', result.stderr)

    def test_wrong_usage(self):
        for scale in ('0', '-1', 'small', 'nan', '1000'):
            result = self.run_demo('--scale', scale)
            self.assertEqual(result.returncode, 1, scale)
            self.assertIn('--scale', result.stderr)
        result = self.run_demo('--stop', '--status')
        self.assertEqual(result.returncode, 2)

    def test_a_folder_of_somebody_else(self):
        os.makedirs(self.folder)
        with open(os.path.join(self.folder, 'letter'), 'w', encoding='ascii') as file:
            file.write('dear')
        for arguments in ([], ['--stop'], ['--status']):
            self.assertEqual(self.run_demo(*arguments).returncode, 1)
        self.assertEqual(os.listdir(self.folder), ['letter'])


if __name__ == '__main__':
    unittest.main()

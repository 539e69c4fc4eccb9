#!/usr/bin/env python3
"""Drives `pallas sql` as a user would: cli_program_test.py PROGRAM [unittest argument...]

Everything it makes, a MariaDB server among it, lies in a temporary folder and ends with it.
"""
import json
import os
import pty
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

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAM = ''  # from the command line
# Nothing here takes this long unless it hangs; a busy machine must not fail a test.
PATIENCE = 60
# What a cancelled process may take: a second by design, the rest for a busy machine.
CANCEL_PATIENCE = 10

# Works for hours: the server compares every pair of rows.
SLOW_VIEW = '''CREATE VIEW slow AS SELECT a.seq FROM seq_1_to_1000000 a JOIN seq_1_to_1000000 b
ON a.seq + b.seq = -1'''


def setUpModule():
    global folder
    folder = tempfile.mkdtemp(prefix='pallas-cli-')


def tearDownModule():
    MariaDb.stop()
    shutil.rmtree(folder)


class MariaDb:
    """The server that the tests share; started by the first that needs it."""
    port = None

    @classmethod
    def start(cls):
        if cls.port is None:
            address = cls.tool('start')
            cls.port = int(address.rsplit(':', 1)[1])
            cls.run(f'''CREATE DATABASE app; USE app; {SLOW_VIEW};
                CREATE VIEW numbers AS SELECT seq AS n, CONCAT('row ', seq) AS t FROM seq_1_to_3000000;
                CREATE TABLE pets (id INT PRIMARY KEY, name VARCHAR(20)); INSERT INTO pets VALUES (1, 'Rex'), (2, NULL)''')

    @classmethod
    def stop(cls):
        if cls.port is not None:
            cls.tool('stop')

    @staticmethod
    def tool(command):
        return subprocess.run([os.path.join(ROOT, 'tools/servers/mariadb'), command, os.path.join(folder, 'm')],
                              check=True, stdout=subprocess.PIPE, text=True).stdout.strip()

    @staticmethod
    def client():
        return ['mariadb', '--no-defaults', f'--socket={folder}/m/s', '--user=root', '--batch', '--skip-column-names']

    @classmethod
    def run(cls, sql):
        return subprocess.run(cls.client() + ['--execute', sql], check=True, stdout=subprocess.PIPE, text=True).stdout

    @classmethod
    def statements(cls, text):
        """How many statements that contain `text` run in the server."""
        return int(cls.run("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE ID <> CONNECTION_ID() "
                           f"AND COMMAND = 'Query' AND INFO LIKE '%{text}%'"))


def wait_until(condition, what, patience=PATIENCE):
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f'not within {patience} s: {what}')
        select.select([], [], [], 0.02)


class CliTest(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(dir=folder)
        self.data = os.path.join(self.dir, 'data')
        self.environment = {'PATH': os.environ['PATH'], 'HOME': self.dir, 'LC_ALL': 'C.UTF-8'}
        self.processes = []

    def tearDown(self):
        for process in self.processes:
            if process.poll() is None:
                process.kill()
                process.wait()
            for pipe in (process.stdin, process.stdout, process.stderr):
                if pipe is not None:
                    pipe.close()

    def path(self, name, text=None):
        path = os.path.join(self.dir, name)
        if text is not None:
            with open(path, 'w', encoding='utf-8') as file:
                file.write(text)
        return path

    def run_pallas(self, *arguments, data=True, stdin='', text=True):
        command = [PROGRAM, 'sql', *(['--data', self.data] if data else []), *arguments]
        return subprocess.run(command, cwd=self.dir, env=self.environment, input=stdin if text else stdin.encode(),
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=text, timeout=PATIENCE)

    def rows(self, *arguments, **options):
        """What a run that succeeds without a word writes."""
        result = self.run_pallas(*arguments, **options)
        self.assertEqual((result.returncode, result.stderr), (0, '' if options.get('text', True) else b''))
        return result.stdout

    def error(self, *arguments, code=1, **options):
        """The message of a run that fails and writes no rows."""
        result = self.run_pallas(*arguments, **options)
        self.assertEqual((result.returncode, result.stdout), (code, ''), result.stderr)
        return result.stderr

    def start(self, *arguments, **options):
        process = subprocess.Popen([PROGRAM, 'sql', '--data', self.data, *arguments], cwd=self.dir,
                                   env=self.environment, **options)
        self.processes.append(process)
        return process

    def server_options(self, port=None):
        """The arguments that name a server: by default the MariaDB of all tests."""
        if port is None:
            MariaDb.start()
            port = MariaDb.port
        config = self.path('pallas.toml', f'[catalogs.mysql]\nconnector = "mysql"\nhost = "127.0.0.1"\n'
                                          f'port = {port}\nuser = "root"\n')
        return ['--config', config, '--catalog', 'mysql', '--database', 'app', '--format', 'csv']

    def wait_for_statement(self, process, text):
        """Waits until a statement that contains `text`, sent by `process`, runs in the server."""
        def runs():
            self.assertIsNone(process.poll(), 'the process has ended')
            return MariaDb.statements(text)
        wait_until(runs, f'{text} runs in the server')

    def assert_ends(self, process, code):
        try:
            self.assertEqual(process.wait(CANCEL_PATIENCE), code)
        except subprocess.TimeoutExpired:
            self.fail(f'still there {CANCEL_PATIENCE} s after the signal')


class Statements(CliTest):
    def test_statement_comes_from_the_command_line(self):
        self.assertEqual(self.rows('-e', 'SELECT 1 AS one, NULL AS none'),
                         ' one | none\n-----+------\n   1 | NULL\n(1 row)\n')

    def test_statements_come_from_a_file(self):
        script = self.path('script.sql', "-- two\nSELECT 1 AS a;\nSELECT ';' AS b;\n")
        self.assertEqual(self.rows('-f', script, '--format', 'csv'), '"a"\n"1"\n"b"\n";"\n')

    def test_statements_come_from_standard_input(self):
        for arguments in ([], ['-f', '-']):
            self.assertEqual(self.rows(*arguments, '--format', 'csv', stdin='SELECT 1 AS a'), '"a"\n"1"\n')

    def test_no_statement_is_no_error(self):
        for script in ('', ' ; ;\n', '-- nothing\n'):
            self.assertEqual(self.rows('-e', script), '')

    def test_the_first_error_ends_the_script_and_says_where(self):
        result = self.run_pallas('--format', 'csv', '-e', 'SELECT 1 AS a;\n\nSELECT nothing;\nSELECT 3 AS c')
        self.assertEqual(result.returncode, 1)
        self.assertEqual(result.stdout, '"a"\n"1"\n')
        self.assertEqual(result.stderr, "COLUMN_NOT_FOUND: statement at line 3: line 1:8: Column 'nothing' cannot be resolved\n")

    def test_an_error_of_a_row_ends_with_its_name(self):
        self.assertRegex(self.run_pallas('-e', 'SELECT 1 / (n - 1) FROM (VALUES 1) AS t (n)').stderr,
                         '^DIVISION_BY_ZERO: .+\n$')

    def test_a_syntax_error_has_its_place(self):
        self.assertRegex(self.error('-e', 'SELECT 1\nFORM t x y'), '^SYNTAX_ERROR: line 2:')

    def test_catalog_and_database_complete_names(self):
        options = self.server_options()
        self.assertEqual(self.rows(*options, '-e', 'SELECT name FROM pets ORDER BY id'), '"name"\n"Rex"\n\n')
        self.assertEqual(self.rows(*options[:2], '--format', 'csv', '-e', 'USE mysql.app; SELECT id FROM pets WHERE id = 2'),
                         '"id"\n"2"\n')
        self.assertRegex(self.error(*options[:2], '-e', 'SELECT id FROM pets'), '^TABLE_NOT_FOUND: line 1:16: ')

    def test_data_folder_keeps_what_is_defined(self):
        self.rows('-e', 'CREATE DATABASE kept')
        self.assertIn('"kept"', self.rows('-e', 'SHOW DATABASES', '--format', 'csv'))
        self.assertNotIn('"kept"', self.rows('--data', self.path('other'), '-e', 'SHOW DATABASES', '--format', 'csv',
                                             data=False))

    def test_data_folder_has_a_default(self):
        self.rows('-e', 'SELECT 1', data=False)
        self.assertTrue(os.path.isdir(self.path('.local/share/pallas/objects')))
        self.environment['XDG_DATA_HOME'] = self.path('xdg')
        self.rows('-e', 'SELECT 1', data=False)
        self.assertTrue(os.path.isdir(self.path('xdg/pallas/objects')))

    def test_two_processes_share_a_data_folder(self):
        count = 8
        processes = [self.start('-e', f'CREATE DATABASE d{i}', stderr=subprocess.PIPE, text=True) for i in range(count)]
        for process in processes:
            self.assertEqual((process.communicate(timeout=PATIENCE)[1], process.returncode), ('', 0))
        names = self.rows('-e', 'SHOW DATABASES', '--format', 'csv')
        for i in range(count):
            self.assertIn(f'"d{i}"', names)


class Formats(CliTest):
    QUERY = "SELECT 7 AS id, 'a,\"b\"' AS text, DECIMAL '1.50' AS price, CAST(NULL AS varchar) AS none"

    def test_csv(self):
        self.assertEqual(self.rows('-e', self.QUERY, '--format', 'csv'),
                         '"id","text","price","none"\n"7","a,""b""","1.50",\n')

    def test_json(self):
        rows = [json.loads(line) for line in self.rows('-e', self.QUERY, '--format', 'JSON').splitlines()]
        self.assertEqual(len(rows), 1)
        self.assertEqual((rows[0]['id'], rows[0]['text'], float(rows[0]['price']), rows[0]['none']),
                         (7, 'a,"b"', 1.5, None))

    def test_table_keeps_control_characters_away_from_the_terminal(self):
        self.assertIn('a\\nb\\x1b[2J', self.rows('-e', "SELECT U&'a\\000Ab\\001B[2J' AS t"))

    def test_arrow_is_a_stream(self):
        stream = self.rows('-e', self.QUERY, '--format', 'arrow', text=False)
        self.assertEqual(stream[:4], b'\xff\xff\xff\xff')  # the continuation mark before the schema
        self.assertEqual(stream[-8:], b'\xff\xff\xff\xff\0\0\0\0')  # and the end of the stream

    def test_parquet_is_read_back(self):
        lake = self.path('lake')
        os.mkdir(lake)
        file = os.path.join(lake, 'part.parquet')
        self.assertEqual(self.rows('-e', self.QUERY, '--format', 'parquet', '-o', file), '')
        with open(file, 'rb') as written:
            self.assertEqual(self.rows('-e', self.QUERY, '--format', 'parquet', text=False)[:4], written.read(4))
        config = self.path('lake.toml', f'[lake]\nlocal_roots = ["{lake}"]\n')
        rows = self.rows('--config', config, '--format', 'csv', '-e',
                         f"""CREATE EXTERNAL TABLE back (id int, text string, price decimal(3,2), none string)
                         STORED AS PARQUET LOCATION 'file://{lake}/'; SELECT * FROM back""")
        self.assertEqual(rows, '"id","text","price","none"\n"7","a,""b""","1.50",\n')

    def test_parquet_holds_one_result(self):
        self.assertIn('one by one', self.error('-e', 'SELECT 1; SELECT 2', '--format', 'parquet'))

    def test_output_goes_to_a_file(self):
        file = self.path('rows.csv')
        self.assertEqual(self.rows('-e', 'SELECT 1 AS a', '--format', 'csv', '-o', file), '')
        with open(file, encoding='utf-8') as written:
            self.assertEqual(written.read(), '"a"\n"1"\n')

    def test_output_of_a_script_that_fails_leaves_the_file_as_it_was(self):
        file = self.path('kept.csv')
        self.error('-e', 'SELECT 2 AS a; SELECT nothing', '--format', 'csv', '-o', file)
        self.assertFalse(os.path.exists(file))
        with open(file, 'w', encoding='utf-8') as old:
            old.write('old')
        self.error('-e', 'SELECT 2 AS a; SELECT nothing', '--format', 'csv', '-o', file)
        with open(file, encoding='utf-8') as kept:
            self.assertEqual(kept.read(), 'old')
        self.assertEqual([name for name in os.listdir(os.path.dirname(file)) if name.startswith('kept')], ['kept.csv'])

    def test_output_that_cannot_be_written_is_an_error(self):
        self.assertRegex(self.error('-e', 'SELECT 1', '-o', '/no/such/folder/x'), '^GENERIC_[A-Z_]+: .*/no/such/folder/x')
        for output_format in ('csv', 'parquet'):
            self.assertRegex(self.error('-e', 'SELECT 1', '--format', output_format, '-o', '/dev/full'), 'No space left')

    def test_a_reader_that_goes_away_ends_the_query_quietly(self):
        process = self.start(*self.server_options(), '-e', 'SELECT * FROM numbers', stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE)
        self.assertEqual(process.stdout.readline(), b'"n","t","partition_name"\n')
        process.stdout.close()
        self.assertEqual(process.stderr.read(), b'')
        self.assert_ends(process, 128 + signal.SIGPIPE)
        wait_until(lambda: MariaDb.statements('seq_1_to_3000000') + MariaDb.statements('numbers') == 0,
                   'the statement ends in the server')


class CommandLine(CliTest):
    def test_help_names_every_option(self):
        text = self.rows('--help', data=False)
        for option in ('--config', '--data', '--execute', '--file', '--catalog', '--database', '--format', '--output'):
            self.assertIn(option, text)

    def test_misspelt_options_are_refused(self):
        for arguments, message in ((['--formt', 'csv'], '--formt'), (['--format', 'xml', '-e', 'SELECT 1'], 'xml'),
                                   (['-e', 'SELECT 1', '-f', 'x'], '--file'), (['-e'], '--execute')):
            self.assertIn(message, self.error(*arguments, code=2))

    def test_no_command_is_refused(self):
        result = subprocess.run([PROGRAM], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=PATIENCE)
        self.assertEqual((result.returncode, result.stdout), (2, ''))
        self.assertIn('subcommand', result.stderr)

    def test_missing_files_are_named(self):
        self.assertRegex(self.error('--config', 'no.toml', '-e', 'SELECT 1'), r'^[A-Z_]+: .*no\.toml')
        self.assertRegex(self.error('-f', 'no.sql'), r'^[A-Z_]+: .*no\.sql')
        self.assertRegex(self.error('--config', self.dir, '-e', 'SELECT 1'), f'^[A-Z_]+: .*{self.dir}')
        self.assertRegex(self.error('-f', self.dir), f'^[A-Z_]+: .*{self.dir}')

    def test_bad_configuration_is_named_with_its_line(self):
        for text, message in (('[engine]\nmemory = 3\n', r'pallas\.toml:2: unknown key engine\.memory'),
                              ('data = [\n', r'pallas\.toml:\d+: '),
                              ('[catalogs.x]\nconnector = "oracle9"\n', r"'?oracle9'?.*mysql"),
                              ('[catalogs.x]\nhost = "a"\n', r'catalogs\.x has no connector')):
            config = self.path('pallas.toml', text)
            self.assertRegex(self.error('--config', config, '-e', 'SELECT 1'), f'^[A-Z_]+: .*{message}')

    def test_data_folder_that_cannot_be_made_is_named(self):
        file = self.path('file', 'not a folder')
        self.assertRegex(self.error('--data', file, '-e', 'SELECT 1', data=False), f'^[A-Z_]+: .*{file}')


class ConfigCheck(CliTest):
    def check(self, text):
        """Exit code and lines of `pallas config check` with the configuration `text`."""
        result = subprocess.run([PROGRAM, 'config', 'check', '--data', self.data, '--config', self.path('pallas.toml', text)],
                                cwd=self.dir, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                text=True, timeout=PATIENCE)
        self.assertEqual(result.stderr, '')
        return result.returncode, result.stdout.splitlines()

    @staticmethod
    def catalog(name, port, **options):
        lines = [f'[catalogs.{name}]', 'connector = "mysql"', 'host = "127.0.0.1"', f'port = {port}',
                 *(f'{key} = "{value}"' for key, value in options.items())]
        return '\n'.join(lines) + '\n'

    def test_all_is_well(self):
        MariaDb.start()
        code, lines = self.check(f'[lake]\nlocal_roots = ["{self.dir}"]\n' +
                                 self.catalog('mysql', MariaDb.port, user='root'))
        self.assertEqual(code, 0)
        self.assertEqual(len(lines), 3)
        self.assertRegex(lines[0], '^awsdatacatalog +ok: 1 database$')
        self.assertRegex(lines[1], r'^mysql +ok: \d+ databases?$')
        self.assertEqual(lines[2].split(), ['lake.local_roots', 'ok:', self.dir])

    def test_each_problem_has_its_line_and_hides_no_other(self):
        MariaDb.start()
        with socket.create_server(('127.0.0.1', 0)) as server:
            nobody = server.getsockname()[1]
        self.environment['WRONG'] = 'hush-hush'
        code, lines = self.check('[lake]\nlocal_roots = ["/no/such/folder"]\n' +
                                 self.catalog('down', nobody, user='root') +
                                 self.catalog('odd', MariaDb.port, user='root', usre='x') +
                                 self.catalog('stranger', MariaDb.port, user='nobody', password='${env:WRONG}') +
                                 self.catalog('well', MariaDb.port, user='root'))
        self.assertEqual(code, 1)
        text = '\n'.join(lines)
        self.assertRegex(text, r'(?m)^down .*\n +check that the server runs, and the host and port of \[catalogs\.down\]$')
        self.assertRegex(text, r'(?m)^odd .*usre')
        self.assertRegex(text, r'(?m)^stranger .*\n +check the user and password, or the keys, of \[catalogs\.stranger\]$')
        self.assertRegex(text, r'(?m)^well +ok: ')
        self.assertRegex(text, r'(?m)^lake\.local_roots .*/no/such/folder.*\n +make the folder')
        self.assertNotIn('hush-hush', text)

    def test_a_source_that_says_nothing_can_be_given_up(self):
        with socket.create_server(('127.0.0.1', 0)) as server:
            config = self.path('pallas.toml', self.catalog('dead', server.getsockname()[1], user='root'))
            process = subprocess.Popen([PROGRAM, 'config', 'check', '--data', self.data, '--config', config],
                                       env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            self.processes.append(process)
            connection, _ = server.accept()
            with connection:
                process.send_signal(signal.SIGINT)
                self.assert_ends(process, 128 + signal.SIGINT)


class Signals(CliTest):
    def cancel(self, sql, running, number, **options):
        """Runs `sql` until a statement with `running` in its text is in the server, signals, waits for the end there."""
        process = self.start(*self.server_options(), '-e', sql, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
        self.wait_for_statement(process, running)
        process.send_signal(number)
        self.assert_ends(process, 128 + number)
        wait_until(lambda: not MariaDb.statements(running), f'{running} has ended in the server', CANCEL_PATIENCE)
        self.assertEqual(process.stdout.read(), b'')
        self.assertEqual(process.stderr.read(), b'USER_CANCELED: Query was canceled\n')

    def test_scan_is_cancelled(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(number=number):
                self.cancel('SELECT seq FROM slow', 'slow', number)

    def test_parquet_is_cancelled_and_leaves_nothing(self):
        self.environment['TMPDIR'] = self.path('tmp')
        os.mkdir(self.path('tmp'))
        process = self.start(*self.server_options()[:-1], 'parquet', '-e', 'SELECT seq FROM slow',
                             stderr=subprocess.PIPE)
        self.wait_for_statement(process, 'slow')
        process.send_signal(signal.SIGTERM)
        self.assert_ends(process, 128 + signal.SIGTERM)
        self.assertEqual(os.listdir(self.path('tmp')), [])

    def test_planning_is_cancelled(self):
        # A table under construction: its metadata can be read only when it is finished.
        MariaDb.start()
        builder = subprocess.Popen(MariaDb.client() + ['--database=app', '--execute',
                                                       'CREATE TABLE growing AS SELECT SLEEP(1000) AS x'],
                                   stderr=subprocess.DEVNULL)
        self.processes.append(builder)
        wait_until(lambda: MariaDb.statements('CREATE TABLE growing'), 'the table is being made')
        self.cancel('SELECT x FROM growing', 'information_schema.TABLES', signal.SIGINT)
        for session in MariaDb.run("SELECT ID FROM information_schema.PROCESSLIST WHERE INFO LIKE 'CREATE TABLE growing%'").split():
            MariaDb.run(f'KILL {session}')
        builder.wait(PATIENCE)

    def test_a_server_that_says_nothing_holds_no_process(self):
        with socket.create_server(('127.0.0.1', 0)) as server:
            process = self.start(*self.server_options(server.getsockname()[1]), '-e', 'SELECT 1 FROM x', stderr=subprocess.PIPE)
            connection, _ = server.accept()
            with connection:
                process.send_signal(signal.SIGINT)
                self.assert_ends(process, 128 + signal.SIGINT)

    def test_a_server_that_stops_answering_holds_no_process(self):
        process = self.start(*self.server_options(), '-e', 'SELECT seq FROM slow', stderr=subprocess.PIPE)
        self.wait_for_statement(process, 'slow')
        with open(f'{folder}/m/pid', encoding='ascii') as file:
            server = int(file.read())
        os.kill(server, signal.SIGSTOP)
        try:
            process.send_signal(signal.SIGINT)
            self.assert_ends(process, 128 + signal.SIGINT)
        finally:
            os.kill(server, signal.SIGCONT)
        self.assertIn(b'USER_CANCELED', process.stderr.read())
        for session in MariaDb.run("SELECT ID FROM information_schema.PROCESSLIST WHERE INFO LIKE '%`slow`%' "
                                   'AND ID <> CONNECTION_ID()').split():
            MariaDb.run(f'KILL {session}')

    def test_a_query_of_the_engine_alone_is_cancelled(self):
        sql = 'WITH t (n) AS (VALUES ' + ','.join(str(i) for i in range(1000)) + ') SELECT count(*) FROM ' \
              't a, t b, t c, t d, t e WHERE a.n + b.n + c.n + d.n + e.n = -1'
        process = self.start('-e', sql, stderr=subprocess.PIPE)
        start = os.sysconf('SC_CLK_TCK')

        def computes():  # the engine has worked for a second
            with open(f'/proc/{process.pid}/stat', encoding='ascii') as stat:
                return int(stat.read().rsplit(')', 1)[1].split()[11]) > start
        wait_until(computes, 'the query runs')
        process.send_signal(signal.SIGINT)
        self.assert_ends(process, 128 + signal.SIGINT)

    def test_waiting_for_standard_input_is_interrupted(self):
        process = self.start(stdin=subprocess.PIPE, stderr=subprocess.PIPE)

        def waits():
            with open(f'/proc/{process.pid}/status', encoding='ascii') as status:
                text = status.read()
            caught = 1 << (signal.SIGINT - 1)
            return int(re.search(r'SigBlk:\s*(\w+)', text).group(1), 16) & caught and 'State:\tS' in text
        wait_until(waits, 'it reads standard input')
        process.send_signal(signal.SIGINT)
        self.assert_ends(process, 128 + signal.SIGINT)


class Terminal(CliTest):
    """Standard error, and where told so standard output, on a pseudo-terminal."""

    def setUp(self):
        super().setUp()
        self.master, self.terminal = pty.openpty()
        self.drawn = b''

    def tearDown(self):
        super().tearDown()
        for file in (self.master, self.terminal):
            os.close(file)

    def start_on_terminal(self, *arguments, stdout=subprocess.DEVNULL):
        # The terminal is the process' own, so that its Ctrl-C reaches it.
        def own_terminal():
            os.setsid()
            os.close(os.open(os.ttyname(self.terminal), os.O_RDWR))
        return self.start(*arguments, stdin=self.terminal, stdout=stdout, stderr=self.terminal,
                          preexec_fn=own_terminal)

    def read_terminal(self):
        while select.select([self.master], [], [], 0)[0]:
            self.drawn += os.read(self.master, 65536)
        return self.drawn

    def screen(self):
        """What stands on the terminal: lines, with the sequences that the bar uses carried out."""
        lines, row = [''], 0
        for part in re.findall(r'\x1b\[[0-9;?]*[A-Za-z]|[\r\n]|[^\x1b\r\n]+', self.read_terminal().decode()):
            if part == '\x1b[1A':
                row -= 1
            elif part == '\x1b[2K':
                lines[row] = ''
            elif part == '\n':
                row += 1
                lines += [''] * (row + 1 - len(lines))
            elif part not in ('\r', '\x1b[?7l', '\x1b[?7h'):
                self.assertFalse(part.startswith('\x1b'), f'unknown sequence {part!r}')
                lines[row] += part
        return '\n'.join(lines).replace('^C', '').strip()

    def test_progress_is_drawn_and_ctrl_c_wipes_it(self):
        process = self.start_on_terminal(*self.server_options(), '-e', 'SELECT seq FROM slow')
        wait_until(lambda: b'Ctrl-C' in self.read_terminal(), 'the bar is drawn')
        self.assertRegex(self.screen(), r'slow +\[ *\] 0/1 splits, 0 rows, 0 B\n\d+\.\d s  \(Ctrl-C cancels\)')
        os.write(self.master, b'\x03')
        self.assert_ends(process, 128 + signal.SIGINT)
        self.assertEqual(self.screen(), 'USER_CANCELED: Query was canceled')
        wait_until(lambda: not MariaDb.statements('slow'), 'the statement has ended in the server', CANCEL_PATIENCE)

    def test_progress_is_wiped_when_the_rows_are_there(self):
        MariaDb.start()
        MariaDb.run('CREATE OR REPLACE VIEW app.sleepy AS SELECT SLEEP(2) AS x')
        process = self.start_on_terminal(*self.server_options(), '-e', 'SELECT x FROM sleepy', stdout=self.terminal)
        wait_until(lambda: process.poll() is not None, 'the query ends')
        self.assertEqual(process.returncode, 0)
        self.assertIn(b'Ctrl-C', self.read_terminal())
        self.assertEqual(self.screen(), '"x"\n"0"')

    def test_a_quick_query_draws_nothing(self):
        process = self.start_on_terminal('-e', 'SELECT 1')
        wait_until(lambda: process.poll() is not None, 'the query ends')
        self.assertEqual((process.returncode, self.read_terminal()), (0, b''))

    def test_without_a_terminal_nothing_is_drawn(self):
        MariaDb.start()
        MariaDb.run('CREATE OR REPLACE VIEW app.sleepy AS SELECT SLEEP(2) AS x')
        self.assertEqual(self.rows(*self.server_options(), '-e', 'SELECT x FROM sleepy'), '"x"\n"0"\n')


if __name__ == '__main__':
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main()

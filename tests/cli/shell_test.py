#!/usr/bin/env python3
"""Drives the shell of `pallas sql` on a pseudo-terminal: shell_test.py PROGRAM [unittest argument...]

Everything it makes, a MariaDB server among it, lies in a temporary folder and ends with it.
"""
import fcntl
import os
import pty
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import time
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAM = ''  # from the command line
# Nothing here takes this long unless it hangs; a busy machine must not fail a test.
PATIENCE = 60

CTRL_A, CTRL_C, CTRL_D, CTRL_R, TAB, UP, ALT_F = '\x01', '\x03', '\x04', '\x12', '\t', '\x1b[A', '\x1bf'


def setUpModule():
    global folder
    folder = tempfile.mkdtemp(prefix='pallas-shell-')
    MariaDb.start()


def tearDownModule():
    MariaDb.stop()
    shutil.rmtree(folder)


class MariaDb:
    """The server of all tests."""
    port = None

    @classmethod
    def start(cls):
        cls.port = int(cls.tool('start').rsplit(':', 1)[1])
        # `slow` works for hours: the server compares every pair of rows.
        cls.run('''CREATE DATABASE app; USE app;
            CREATE TABLE orders (o_orderkey INT PRIMARY KEY, o_comment VARCHAR(100), `Odd Name` VARCHAR(10));
            INSERT INTO orders VALUES (1, '日本語', NULL), (2, 'NULL', 'x');
            CREATE TABLE order_lines (id INT PRIMARY KEY);
            CREATE TABLE customer (c_custkey INT PRIMARY KEY, c_comment VARCHAR(500));
            INSERT INTO customer VALUES (1, REPEAT('long ', 50));
            CREATE VIEW numbers AS SELECT seq AS n, CONCAT('row ', seq) AS t FROM seq_1_to_3000000;
            CREATE VIEW slow AS SELECT a.seq FROM seq_1_to_1000000 a JOIN seq_1_to_1000000 b ON a.seq + b.seq = -1''')

    @classmethod
    def stop(cls):
        if cls.port is not None:
            cls.tool('stop')

    @staticmethod
    def tool(command):
        return subprocess.run([os.path.join(ROOT, 'tools/servers/mariadb'), command, os.path.join(folder, 'm')],
                              check=True, stdout=subprocess.PIPE, text=True).stdout.strip()

    @classmethod
    def run(cls, sql):
        return subprocess.run(['mariadb', '--no-defaults', f'--socket={folder}/m/s', '--user=root', '--batch',
                               '--skip-column-names', '--execute', sql],
                              check=True, stdout=subprocess.PIPE, text=True).stdout

    @classmethod
    def statements(cls, text):
        """How many statements that contain `text` run in the server."""
        return int(cls.run("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE ID <> CONNECTION_ID() "
                           f"AND COMMAND = 'Query' AND INFO LIKE '%{text}%'"))


def wait_until(condition, what):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f'not within {PATIENCE} s: {what}')
        select.select([], [], [], 0.02)


def without_sequences(text):
    """What a terminal would show of `text`, roughly: no escape sequences, no carriage returns."""
    return re.sub(r'\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>(][B0]?|[\r\x07]', '', text)


class Terminal:
    """The program on a pseudo-terminal of its own."""

    def __init__(self, command, environment, cwd, rows=24, columns=100):
        self.master, terminal = pty.openpty()
        self.resize(rows, columns)
        self.new = ''  # what came since the last expectation
        self.process = subprocess.Popen(command, cwd=cwd, env=environment, stdin=terminal, stdout=terminal,
                                        stderr=terminal, start_new_session=True,
                                        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(terminal)

    def resize(self, rows, columns):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack('HHHH', rows, columns, 0, 0))

    def type(self, text):
        os.write(self.master, text.encode())

    def read(self):
        """Whether something came."""
        if not select.select([self.master], [], [], 0.05)[0]:
            return False
        try:
            self.new += os.read(self.master, 65536).decode(errors='replace')
        except OSError:  # the other side has gone
            return False
        return True

    def expect(self, pattern):
        """Waits until `pattern` is shown; returns all that was shown up to its end."""
        deadline = time.monotonic() + PATIENCE
        while True:
            shown = without_sequences(self.new)
            match = re.search(pattern, shown)
            if match:
                # What stands behind the match is for the next expectation.
                self.new = shown[match.end():]
                return shown[:match.end()]
            if not self.read() and time.monotonic() > deadline:
                raise AssertionError(f'not shown within {PATIENCE} s: {pattern!r}; but: {shown!r}')

    def wait(self):
        """The exit code; what is still shown is read meanwhile."""
        deadline = time.monotonic() + PATIENCE
        while self.process.poll() is None:
            self.read()
            if time.monotonic() > deadline:
                raise AssertionError(f'still there after {PATIENCE} s: {self.new!r}')
        while self.read():
            pass
        return self.process.returncode

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.master)


class ShellTest(unittest.TestCase):
    PROMPT = r'pallas:mysql\.app> '

    def setUp(self):
        self.dir = tempfile.mkdtemp(dir=folder)
        self.environment = {'PATH': os.environ['PATH'], 'HOME': self.dir, 'LC_ALL': 'C.UTF-8', 'TERM': 'xterm',
                            'PALLAS_PAGER': ''}
        self.config = self.path('pallas.toml')
        with open(self.config, 'w', encoding='utf-8') as file:
            file.write(f'[catalogs.mysql]\nconnector = "mysql"\nhost = "127.0.0.1"\nport = {MariaDb.port}\nuser = "root"\n')

    def path(self, name):
        return os.path.join(self.dir, name)

    def start(self, *arguments, catalog='mysql', database='app', **options):
        command = [PROGRAM, 'sql', '--data', self.path('data'), '--config', self.config, '--catalog', catalog,
                   '--database', database, *arguments]
        terminal = Terminal(command, self.environment, self.dir, **options)
        self.addCleanup(terminal.close)
        terminal.expect(r'> ')
        return terminal


class Statements(ShellTest):
    def test_a_statement_of_several_lines_runs_at_its_semicolon(self):
        shell = self.start()
        shell.type("SELECT o_comment, -- not; yet\n")
        shell.expect('-> ')
        shell.type("';' AS semicolon\n")
        shell.expect('-> ')
        shell.type('FROM orders WHERE o_orderkey = 1;\n')
        shown = shell.expect(self.PROMPT)
        self.assertIn(' o_comment | semicolon\n-----------+-----------\n 日本語    | ;\n1 row in ', shown)

    def test_two_statements_of_one_line(self):
        shell = self.start()
        shell.type("SELECT 'a' || 'b'; SELECT 'c' || 'd'; SELECT 'e' ||\n")
        self.assertLess(shell.expect(' ab\n1 row in').find('cd'), 0)
        shell.expect(' cd\n1 row in')
        shell.expect('-> ')
        shell.type("'f';\n")
        shell.expect(' ef\n1 row in')

    def test_nulls_and_numbers(self):
        shell = self.start()
        shell.type('SELECT o_comment, "Odd Name", o_orderkey * 1000 AS n FROM orders ORDER BY 3;\n')
        wait_until(lambda: shell.read() is False and '2 rows in' in shell.new, 'the rows are shown')
        # NULL is faint, the text 'NULL' is not.
        self.assertIn(' 日本語    | \x1b[2mNULL\x1b[22m     | 1000\r\n', shell.new)
        self.assertIn(' NULL      | x        | 2000\r\n', shell.new)
        shell.expect(self.PROMPT)
        shell.type('.null ~\n')
        shell.expect(self.PROMPT)
        shell.type('SELECT "Odd Name" FROM orders WHERE o_orderkey = 1;\n')
        self.assertIn('\n ~\n1 row', shell.expect(self.PROMPT))

    def test_an_error_shows_its_place(self):
        shell = self.start()
        shell.type('SELECT o_comment,\n  nothing FROM orders;\n')
        shown = shell.expect(self.PROMPT)
        self.assertIn("COLUMN_NOT_FOUND: line 2:3: Column 'nothing' cannot be resolved\n"
                      "    nothing FROM orders\n    ^\n", shown)

    def test_text_that_is_no_token_is_an_error_at_once(self):
        shell = self.start()
        shell.type("SELECT X'0';\n")
        self.assertIn('SYNTAX_ERROR', shell.expect(self.PROMPT))

    def test_an_error_ends_what_was_entered_with_it(self):
        shell = self.start()
        shell.type("SELECT nothing; SELECT 'a' || 'b';\n")
        self.assertNotIn(' ab\n', shell.expect(r'COLUMN_NOT_FOUND[^>]*' + self.PROMPT))

    def test_wide_rows_fit_the_terminal(self):
        shell = self.start(columns=70)
        shell.type('SELECT c_custkey, c_comment FROM customer;\n')
        shown = shell.expect(self.PROMPT)
        self.assertRegex(shown, r'\n +1 \| (long )+.{0,4}…\n1 row')
        self.assertLessEqual(max(len(line) for line in shown.split('\n')[1:]), 70)
        shell.type('.format vertical\n')
        shell.expect(self.PROMPT)
        shell.type('SELECT c_custkey, c_comment FROM customer;\n')
        self.assertIn('c_comment | ' + 'long ' * 50, shell.expect(self.PROMPT))

    def test_definitions_say_ok(self):
        shell = self.start(catalog='awsdatacatalog', database='default')
        shell.type('CREATE DATABASE made;\n')
        shell.expect(r'OK in \d+\.\d+ s\n')
        shell.expect(r'default> ')
        shell.type('.timing off\n')
        shell.expect('timing is off\n')
        shell.expect(r'default> ')
        shell.type('CREATE DATABASE other;\n')
        shell.expect('OK\n')


class Editing(ShellTest):
    def test_tab_completes_tables_and_columns(self):
        shell = self.start()
        shell.type('SELECT o_c FROM ord' + TAB)
        shell.expect('FROM order')
        shell.type(TAB)
        shell.expect(r'\norder_lines +orders\n')
        shell.type('s' + TAB)
        shell.expect('orders')
        shell.type('WHERE o_orderk' + TAB)
        shell.expect('WHERE o_orderkey')
        shell.type(' = 1;' + CTRL_A + ALT_F + ALT_F + TAB)
        shell.expect('omment')
        shell.type('\n')
        shell.expect('日本語\n1 row')

    def test_tab_completes_over_lines_and_catalogs(self):
        shell = self.start(catalog='awsdatacatalog', database='default')
        shell.type('sel' + TAB)
        shell.expect('select ')
        shell.type("'x' || 'y'\n")
        shell.expect('-> ')
        shell.type('from mys' + TAB)
        shell.expect(r'from mysql\.')
        shell.type('a' + TAB)
        shell.expect(r'app\.')
        shell.type('ord' + TAB)
        shell.expect('order')
        shell.type('s;\n')
        shell.expect(r' xy\n xy\n2 rows')

    def test_tab_in_what_is_pasted_is_a_blank(self):
        shell = self.start()
        shell.type("SELECT\t'a'\t||\t'b';\n")
        shell.expect(' ab\n1 row')

    def test_a_source_that_does_not_answer_holds_no_tab(self):
        with socket.create_server(('127.0.0.1', 0)) as server:
            with open(self.config, 'a', encoding='utf-8') as file:
                file.write(f'[catalogs.dead]\nconnector = "mysql"\nhost = "127.0.0.1"\n'
                           f'port = {server.getsockname()[1]}\nuser = "root"\n')
            shell = self.start()
            shell.type('SELECT * FROM dead.' + TAB)
            connection, _ = server.accept()
            with connection:
                shell.type('x' + CTRL_C)
                shell.expect(r'dead\.x\^C\n' + self.PROMPT)
                shell.type('.quit\n')
                self.assertEqual(shell.wait(), 0)

    def test_history_is_there_in_the_next_session(self):
        shell = self.start()
        shell.type("SELECT 'first',\n'statement';\n")
        shell.expect('1 row')
        shell.expect(self.PROMPT)
        shell.type(" SELECT 'not ' || 'kept';\n")
        shell.expect('1 row')
        shell.expect(self.PROMPT)
        shell.type(CTRL_D)
        self.assertEqual(shell.wait(), 0)
        history = self.path('.local/state/pallas/history')
        self.assertEqual(os.stat(history).st_mode & 0o777, 0o600)
        shell = self.start()
        shell.type(UP)
        shell.expect(r"SELECT 'first',\n'statement';")
        shell.type('\n')
        self.assertIn(' first | statement\n', shell.expect('1 row'))
        shell.expect(self.PROMPT)
        shell.type(CTRL_R + 'fir')
        shell.expect('first')
        shell.type('\n')
        shell.expect(' first | statement\n1 row')

    def test_ctrl_c_forgets_what_is_typed(self):
        shell = self.start()
        shell.type('SELECT nothing,\n')
        shell.expect('-> ')
        shell.type('half a line' + CTRL_C)
        shell.expect(r'half a line\^C\n' + self.PROMPT)
        shell.type("SELECT 'a' || 'b';\n")
        shell.expect(' ab\n1 row')

    def test_the_window_may_change(self):
        shell = self.start(columns=100)
        shell.type('SELECT c_cust')
        shell.expect('c_cust')
        shell.resize(24, 40)
        shell.expect('c_cust')  # drawn again
        shell.type('key, c_comment FROM customer;\n')
        shown = shell.expect('1 row')
        self.assertRegex(shown, r' +1 \| (long )+.{0,4}…\n1 row')
        self.assertLessEqual(len(shown.split('\n')[-2]), 40)


class Cancelling(ShellTest):
    def test_ctrl_c_cancels_a_query_and_the_shell_goes_on(self):
        shell = self.start()
        for _ in range(2):
            shell.type('SELECT count(*) FROM slow;\n')
            wait_until(lambda: MariaDb.statements('slow'), 'the query runs in the server')
            shell.type(CTRL_C)
            shell.expect('USER_CANCELED: Query was canceled\n[^>]*' + self.PROMPT)
            wait_until(lambda: not MariaDb.statements('slow'), 'the query has ended in the server')
        shell.type("SELECT 'a' || 'b';\n")
        shell.expect(' ab\n1 row')

    def test_progress_is_drawn_and_wiped(self):
        shell = self.start()
        shell.type('SELECT count(*) FROM slow;\n')
        shell.expect(r'slow +\[ *\] 0/1 splits.*\n.*\(Ctrl-C cancels\)')
        shell.type(CTRL_C)
        shell.expect('USER_CANCELED')
        wait_until(lambda: not MariaDb.statements('slow'), 'the query has ended in the server')

    def test_signals_end_the_shell(self):
        for running in (False, True):
            for number in (signal.SIGTERM, signal.SIGHUP):
                with self.subTest(running=running, number=number):
                    shell = self.start()
                    if running:
                        shell.type('SELECT count(*) FROM slow;\n')
                        wait_until(lambda: MariaDb.statements('slow'), 'the query runs in the server')
                    shell.process.send_signal(number)
                    self.assertEqual(shell.wait(), 128 + number)
                    # The terminal is as it was.
                    self.assertTrue(termios.tcgetattr(shell.master)[3] & termios.ICANON)
                    wait_until(lambda: not MariaDb.statements('slow'), 'the query has ended in the server')

    def test_leaving(self):
        for way in (CTRL_D, '.quit\n', 'exit\n', 'quit;\n'):
            with self.subTest(way=way):
                shell = self.start()
                shell.type(way)
                self.assertEqual(shell.wait(), 0)


class Pager(ShellTest):
    def pager(self, text):
        """A pager that is a script."""
        path = self.path('pager')
        with open(path, 'w', encoding='utf-8') as file:
            file.write('#!/bin/sh\n' + text)
        os.chmod(path, 0o700)
        self.environment['PALLAS_PAGER'] = path

    def test_only_what_does_not_fit_the_screen_is_paged(self):
        self.pager('echo begin; sed s/row/ROW/; echo end\n')
        shell = self.start(rows=10)
        shell.type('SELECT n, t FROM numbers WHERE n <= 5 ORDER BY n;\n')
        self.assertNotIn('begin', shell.expect('5 rows in'))
        shell.expect(self.PROMPT)
        shell.type('SELECT n, t FROM numbers WHERE n <= 20 ORDER BY n;\n')
        shown = shell.expect('20 rows in')
        self.assertRegex(shown, r'begin\n +n \| t\n(.*\n)* 20 \| ROW 20\nend\n')
        shell.type('.pager off\n')
        shell.expect('pager is off\n')
        shell.expect(self.PROMPT)
        shell.type('SELECT n, t FROM numbers WHERE n <= 20 ORDER BY n;\n')
        self.assertNotIn('begin', shell.expect('20 rows in'))
        shell.expect(self.PROMPT)
        shell.type('.pager on\n')
        shell.expect('pager is on: ')
        shell.expect(self.PROMPT)
        shell.type('SELECT n, t FROM numbers WHERE n <= 20;\n')
        shell.expect(r'begin(.*\n)*end\n20 rows in')

    def test_leaving_the_pager_ends_the_query(self):
        self.pager('head -n 3; echo left\n')
        shell = self.start(rows=10)
        shell.type('SELECT n, t FROM numbers;\n')
        shown = shell.expect('left\n' + self.PROMPT)
        self.assertNotIn('rows in', shown)
        self.assertNotIn('cannot', shown)
        wait_until(lambda: not MariaDb.statements('numbers'), 'the query has ended in the server')

    def test_ctrl_c_in_the_pager_leaves_the_shell_alone(self):
        # It waits for the signals rather than be interrupted by them: none can come at a bad time.
        code = ('import signal; signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT]); print(input(), "ready", flush=True); '
                '[print("caught", signal.sigwait([signal.SIGINT]), flush=True) for _ in range(3)]')
        self.pager(f"exec {sys.executable} -c '{code}'\n")
        shell = self.start(rows=10)
        shell.type('SELECT n, t FROM numbers;\n')
        shell.expect('ready\n')
        for _ in range(3):
            shell.type(CTRL_C)
            shell.expect('caught')
        shell.expect(self.PROMPT)
        shell.type("SELECT 'a' || 'b';\n")
        shell.expect(' ab\n1 row')

    def test_a_pager_that_is_not_there_is_named(self):
        self.environment['PALLAS_PAGER'] = '/no/such/pager'
        shell = self.start(rows=10)
        shell.type('SELECT n, t FROM numbers WHERE n <= 20;\n')
        shell.expect(r"cannot run the pager '/no/such/pager'; see \.pager")
        shell.expect(self.PROMPT)


class DotCommands(ShellTest):
    def test_use(self):
        shell = self.start(catalog='awsdatacatalog', database='default')
        shell.type('.use mysql.app\n')
        shell.expect('\n' + self.PROMPT)
        shell.type('SELECT count(*) FROM orders;\n')
        shell.expect(' 2\n1 row')
        shell.expect(self.PROMPT)
        shell.type('.use awsdatacatalog\n')
        shell.expect(r'pallas:awsdatacatalog\.default> ')
        shell.type('.use nosuch\n')
        shell.expect('there is no database nosuch in awsdatacatalog; there is default\n')
        shell.expect('default> ')
        shell.type('USE mysql.app;\n')
        shell.expect(r'OK in .*\n' + self.PROMPT)

    def test_an_unknown_command_lists_those_there_are(self):
        shell = self.start()
        shell.type('.tabels\n')
        shell.expect(r'there is no command \.tabels; there are \.format, \.help,[^>]*\.tables')

    def test_tables(self):
        shell = self.start()
        shell.type('.tables\n')
        self.assertRegex(shell.expect('5 rows'), r' customer\n numbers\n order_lines\n orders\n slow\n')

    def test_formats_and_output(self):
        shell = self.start()
        shell.type('.format csv\n')
        shell.expect('format is csv\n')
        shell.expect(self.PROMPT)
        shell.type('SELECT o_orderkey AS k, "Odd Name" AS o FROM orders ORDER BY 1;\n')
        shell.expect('"k","o"\n"1",\n"2","x"\n2 rows in')
        shell.expect(self.PROMPT)
        shell.type('.output rows.csv\n')
        shell.expect(self.PROMPT)
        shell.type('SELECT o_orderkey AS k FROM orders ORDER BY 1;\n')
        self.assertNotIn('"k"', shell.expect('2 rows in'))
        shell.expect(self.PROMPT)
        shell.type('.output\n')
        shell.expect(self.PROMPT)
        with open(self.path('rows.csv'), encoding='utf-8') as file:
            self.assertEqual(file.read(), '"k"\n"1"\n"2"\n')
        shell.type('.format parquet\n')
        shell.expect('nothing to look at')
        shell.expect(self.PROMPT)
        shell.type('.format xml\n')
        shell.expect('there is no format xml; there are table, vertical, csv, json\n')

    def test_help(self):
        shell = self.start()
        shell.type('help\n')
        shown = shell.expect('clears what is typed')
        for name in ('.format', '.help', '.null', '.output', '.pager', '.quit', '.tables', '.timing', '.use'):
            self.assertIn(f'\n{name}', shown)


if __name__ == '__main__':
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main()

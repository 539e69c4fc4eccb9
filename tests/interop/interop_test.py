#!/usr/bin/env python3
"""Both ways of the federation protocol against the published Java SDK: interop_test.py PALLAS

The SDK's request classes and spill reader call our connectors (`pallas connector serve`), and our engine (`pallas sql`) queries
functions written with the SDK, the published connectors among them. Values are compared, not counts.
"""
import csv
import datetime
import io
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

import java_kit

PALLAS = os.path.abspath(sys.argv.pop(1))
SERVERS = pathlib.Path('tools/servers').resolve()
# No test waits for this; it ends one that hangs.
PATIENCE = 120
BUCKET = 'spill'
JDBC_JARS = ':'.join(str(path) for path in sorted(java_kit.CONNECTORS.glob('*.jar')) if 'dynamodb' not in path.name)
DYNAMODB_JAR = ':'.join(str(path) for path in java_kit.CONNECTORS.glob('athena-dynamodb-*.jar'))

ROWS = 300
MARIADB_TABLES = f"""
CREATE DATABASE sales;
USE sales;
CREATE TABLE sales.all_types (
  id BIGINT PRIMARY KEY, c_bit TINYINT(1), c_tiny TINYINT, c_small SMALLINT, c_int INT, c_float FLOAT, c_double DOUBLE,
  c_decimal DECIMAL(30, 8), c_text VARCHAR(40) CHARACTER SET utf8mb4, c_bytes VARBINARY(20), c_date DATE, c_time DATETIME(3));
INSERT INTO sales.all_types
SELECT seq, seq % 2, seq % 100 - 50, seq * 7, seq * -1000, seq / 4, seq / 8, seq + 0.00000001,
       CONCAT('text ', seq, ' äΩ中😀'), CONCAT('b', CHAR(0), seq), DATE_ADD('1999-12-31', INTERVAL seq DAY),
       DATE_ADD('2020-02-29 23:59:59.123', INTERVAL seq HOUR)
FROM (SELECT CAST(seq AS SIGNED) AS seq FROM seq_1_to_{ROWS}) AS numbers;
UPDATE sales.all_types SET c_bit = NULL, c_tiny = NULL, c_small = NULL, c_int = NULL, c_float = NULL, c_double = NULL,
  c_decimal = NULL, c_text = NULL, c_bytes = NULL, c_date = NULL, c_time = NULL WHERE id % 7 = 3;
CREATE TABLE sales.big (id BIGINT PRIMARY KEY, name VARCHAR(60), price DOUBLE);
INSERT INTO sales.big SELECT seq, CONCAT('the name of row number ', seq), seq / 4 FROM seq_1_to_100000;
"""


def expected_all_types():
    """The rows of sales.all_types as the Java driver shows them, by id."""
    rows = {}
    for i in range(1, ROWS + 1):
        null = i % 7 == 3
        day = datetime.date(1999, 12, 31) + datetime.timedelta(days=i)
        moment = datetime.datetime(2020, 2, 29, 23, 59, 59, 123000) + datetime.timedelta(hours=i)
        values = {
            'c_bit': i % 2 == 1,
            'c_tiny': str(i % 100 - 50),
            'c_small': str(i * 7),
            'c_int': str(i * -1000),
            'c_float': i / 4,
            'c_double': i / 8,
            'c_decimal': f'{i}.00000001',
            'c_text': f'text {i} äΩ中😀',
            'c_bytes': f'b\0{i}'.encode().hex(),
            'c_date': str((day - datetime.date(1970, 1, 1)).days),
            'c_time': moment.isoformat(timespec='milliseconds'),
        }
        rows[str(i)] = {'id': str(i), **{name: None if null else value for name, value in values.items()}}
    return rows


def comparable(row):
    """A row of the Java driver with its approximate numbers as numbers and its times in one form."""
    row = dict(row)
    row.pop('partition_name', None)
    row.pop('parity', None)
    for name in ('c_float', 'c_double'):
        if row.get(name) is not None:
            row[name] = float(row[name])
    if row.get('c_time') is not None:
        row['c_time'] = datetime.datetime.fromisoformat(row['c_time']).isoformat(timespec='milliseconds')
    return row


class Machine:
    """The servers that all tests share."""

    def __init__(self):
        self.top = pathlib.Path(tempfile.mkdtemp(prefix='plx-'))
        self.stops = []
        self.driver = None
        try:
            self.set_up()
        except BaseException:
            self.close()
            raise

    def set_up(self):
        self.s3 = 'http://' + self.start('moto')
        self.mariadb = self.start('mariadb')
        self.dynamodb = self.start('dynamodb')
        for bucket in (BUCKET, 'other'):
            urllib.request.urlopen(urllib.request.Request(f'{self.s3}/{bucket}', method='PUT'))
        subprocess.run(['mariadb', '--no-defaults', '--default-character-set=utf8mb4', '-h', '127.0.0.1', '-P',
                        self.mariadb.split(':')[1], '-u', 'root'], input=MARIADB_TABLES, text=True, check=True)
        self.environment = java_kit.aws_environment(
            self.s3, spill_bucket=BUCKET, jdbc_url=f'jdbc:mariadb://{self.mariadb}/?user=root',
            default=f'mysql://jdbc:mariadb://{self.mariadb}/?user=root', LC_ALL='C.UTF-8', HOME=str(self.top),
            AWS_ENDPOINT_URL_DYNAMODB=f'http://{self.dynamodb}')
        self.environment.pop('XDG_DATA_HOME', None)
        self.classes = self.top / 'classes'
        self.jdbc_classes = self.top / 'jdbc'
        for folder in (self.classes, self.jdbc_classes):
            folder.mkdir()
        java_kit.compile_java(self.classes)
        java_kit.compile_java(self.jdbc_classes, ('LambdaHost', 'MariaDbConnector'), JDBC_JARS)
        self.classpath = f'{self.classes}:{java_kit.SDK}'
        self.driver = java_kit.Driver(self.classpath, self.environment, self.top / 'driver.log')

    def start(self, server):
        folder = self.top / server
        output = subprocess.run([SERVERS / server, 'start', folder], stdout=subprocess.PIPE, text=True, check=True)
        self.stops.append([SERVERS / server, 'stop', folder])
        return output.stdout.split()[-1]

    def close(self):
        if self.driver:
            self.driver.__exit__()
        for stop in reversed(self.stops):
            subprocess.run(stop, check=False, stdout=subprocess.DEVNULL)
        shutil.rmtree(self.top)

    def config(self, text):
        path = self.top / f'config-{time.monotonic_ns()}.toml'
        path.write_text(text, encoding='utf-8')
        return path

    def mysql_catalog(self):
        host, port = self.mariadb.split(':')
        return f'[catalogs.sales]\nconnector = "mysql"\nhost = "{host}"\nport = {port}\nuser = "root"\n'

    def spilled_objects(self, bucket=BUCKET):
        with urllib.request.urlopen(f'{self.s3}/{bucket}?list-type=2') as answer:
            return answer.read().count(b'<Key>')


def setUpModule():
    global MACHINE
    MACHINE = Machine()


def tearDownModule():
    MACHINE.close()


class ConnectorServer:
    """`pallas connector serve` over a configuration."""

    def __init__(self, config, **settings):
        self.log = open(MACHINE.top / f'connector-{time.monotonic_ns()}.log', 'wb')
        self.process = subprocess.Popen([PALLAS, 'connector', 'serve', '--config', MACHINE.config(config), '--port', '0'],
                                        stdout=subprocess.PIPE, stderr=self.log,
                                        env={**MACHINE.environment, **settings}, text=True)
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError(f'the connectors did not start: {pathlib.Path(self.log.name).read_text()}')
        self.endpoint = line.split()[-1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=PATIENCE)
        self.process.stdout.close()
        self.log.close()


class JavaCallsOurConnectors(unittest.TestCase):
    def call(self, server, **command):
        answer = MACHINE.driver.call(endpoint=server.endpoint, function='sales', **command)
        self.assertNotIn('exception', answer)
        return answer

    def ask(self, server, **command):
        answer = self.call(server, **command)
        self.assertNotIn('error', answer)
        return answer

    def check_all_types(self, answer):
        got = {row['id']: comparable(row) for row in answer['rows']}
        self.assertEqual(len(answer['rows']), len(got), 'a row came twice')
        self.assertEqual(got, expected_all_types())

    def test_metadata(self):
        with ConnectorServer(MACHINE.mysql_catalog()) as server:
            ping = self.ask(server, op='ping', catalog='sales')
            self.assertEqual((ping['catalog'], ping['serde_version'], ping['capabilities'], ping['query_id_returned']),
                             ('sales', 6, 24, True))
            self.assertIsInstance(self.ask(server, op='capabilities')['capabilities'], dict)
            self.assertIn('sales', self.ask(server, op='schemas')['schemas'])
            self.assertEqual(sorted(self.ask(server, op='tables', schema='sales')['tables']), ['sales.all_types', 'sales.big'])
            first = self.ask(server, op='tables', schema='sales', page_size=1)
            second = self.ask(server, op='tables', schema='sales', page_size=1, next_token=first['next_token'])
            self.assertEqual(sorted(first['tables'] + second['tables']), ['sales.all_types', 'sales.big'])
            self.assertIsNone(second['next_token'])
            table = self.ask(server, op='table', schema='SALES', table='All_Types')
            self.assertEqual(table['table'], 'sales.all_types')
            self.assertIn('c_decimal: Decimal(30, 8, 128)', table['columns'])
            self.assertIn('c_time: Date(MILLISECOND)', table['columns'])

    def test_every_version_reads_all_types_inline(self):
        with ConnectorServer(MACHINE.mysql_catalog()) as server:
            for version in range(2, 7):
                with self.subTest(version=version):
                    answer = self.ask(server, op='scan', schema='sales', table='all_types', version=version)
                    self.assertEqual(answer['spilled'], 0)
                    self.check_all_types(answer)

    def test_spilled_blocks(self):
        for name, settings, encrypted in (('encrypted', {}, True), ('plain', {'disable_spill_encryption': 'true'}, False)):
            with self.subTest(name), ConnectorServer(MACHINE.mysql_catalog(), **settings) as server:
                answer = self.ask(server, op='scan', schema='sales', table='all_types', max_inline=0, max_block=5000)
                self.assertEqual((answer['inline'], answer['encrypted']), (0, encrypted))
                self.assertGreater(answer['spilled'], 3)
                self.check_all_types(answer)

    def test_a_large_table_spills_by_itself(self):
        with ConnectorServer(MACHINE.mysql_catalog()) as server:
            answer = self.ask(server, op='scan', schema='sales', table='big', columns=['id', 'name'], max_block=1_000_000)
            self.assertGreater(answer['spilled'], 3)
            self.assertEqual({row['id']: row['name'] for row in answer['rows']},
                             {str(i): f'the name of row number {i}' for i in range(1, 100_001)})

    def test_constraints_leave_no_row_out(self):
        with ConnectorServer(MACHINE.mysql_catalog()) as server:
            constraints = [{'column': 'id', 'set': 'range', 'ranges': [[10, True, 20, False], [290, False, None, False]]},
                           {'column': 'c_text', 'set': 'all_or_none', 'all': True, 'null_allowed': True}]
            answer = self.ask(server, op='scan', schema='sales', table='all_types', columns=['id'], constraints=constraints)
            self.assertEqual(sorted(int(row['id']) for row in answer['rows']), [*range(10, 20), *range(291, 301)])
            values = [{'column': 'id', 'set': 'equatable', 'values': [5, 7, 999], 'white_list': True}]
            answer = self.ask(server, op='scan', schema='sales', table='all_types', columns=['id'], constraints=values)
            self.assertLessEqual({'5', '7'}, {row['id'] for row in answer['rows']})

    def test_errors_are_lambdas(self):
        with ConnectorServer(MACHINE.mysql_catalog()) as server:
            error = self.call(server, op='table', schema='sales', table='missing')['error']
            self.assertIn('com.amazonaws.athena.connector.lambda.exceptions.AthenaConnectorException', error)
            self.assertIn('missing', error)
            unknown = MACHINE.driver.call(endpoint=server.endpoint, function='nothing', op='ping')
            self.assertIn('404', unknown['error'])
            self.assertIn('Function not found: arn:aws:lambda:', unknown['error'])


class OurEngineQueriesJava(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.host = java_kit.LambdaHost({'sample': 'pallas.interop.SampleConnector'}, MACHINE.classpath, MACHINE.environment,
                                       MACHINE.top / 'sample.log')
        cls.config = MACHINE.config(f'[catalogs.java]\nlambda = "sample"\nendpoint = "{cls.host.endpoint}"\n'
                                    f'spill_endpoint = "{MACHINE.s3}"\n')

    @classmethod
    def tearDownClass(cls):
        cls.host.__exit__()

    def run_sql(self, statement, config=None):
        return subprocess.run([PALLAS, 'sql', '--config', config or self.config, '--data', MACHINE.top / 'data', '--format', 'csv',
                               '-e', statement], env=MACHINE.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, encoding='utf-8', timeout=PATIENCE)

    def rows(self, statement, config=None):
        result = self.run_sql(statement, config)
        self.assertEqual(result.returncode, 0, result.stderr)
        return list(csv.reader(io.StringIO(result.stdout)))[1:]

    def error(self, statement, config=None):
        result = self.run_sql(statement, config)
        self.assertNotEqual(result.returncode, 0)
        return result.stderr

    def test_metadata(self):
        self.assertEqual(self.rows('SHOW TABLES IN java.interop'), [['all_types'], ['big'], ['failing'], ['throttled']])
        columns = self.rows('SELECT column_name, data_type FROM java.information_schema.columns '
                            "WHERE table_schema = 'interop' AND table_name = 'all_types' ORDER BY ordinal_position")
        self.assertEqual(columns, [
            ['id', 'bigint'], ['col_bit', 'boolean'], ['col_tinyint', 'tinyint'], ['col_smallint', 'smallint'],
            ['col_int', 'integer'], ['col_float4', 'real'], ['col_float8', 'double'], ['col_decimal', 'decimal(38,10)'],
            ['col_varchar', 'varchar'], ['col_varbinary', 'varbinary'], ['col_date', 'date'], ['col_timestamp', 'timestamp(3)'],
            ['col_timestamptz', 'timestamp(3) with time zone'], ['col_list', 'array(integer)'],
            ['col_struct', 'row("a" integer, "b" varchar)'], ['col_map', 'map(varchar, integer)'], ['part', 'integer']])

    def test_all_types(self):
        self.assertEqual(self.rows('SELECT count(*), count(col_int), sum(id), min(part), max(part) FROM java.interop.all_types'),
                         [['100', '86', '4950', '0', '1']])
        self.assertEqual(
            self.rows('SELECT id, col_bit, col_tinyint, col_smallint, col_int, col_float4, col_float8, col_decimal, col_varchar, '
                      'to_utf8(from_utf8(col_varbinary)) = col_varbinary, col_date, col_timestamp, col_timestamptz, col_list, '
                      'col_struct.a, col_struct.b, col_map[\'k1\'], part FROM java.interop.all_types WHERE id = 1'),
            [['1', 'false', '-49', '300', '-20000000', '0.25', '0.125', '1234567890123456789012345677.0123456789',
              'text 1 äßΩ中😀', 'true', '1835-11-05', '2020-03-01 00:59:59.123', '2021-03-29 01:30:00.001 +05:30', '[1, 2]',
              '1', 'b1', '1', '0']])
        self.assertEqual(
            self.rows('SELECT count(*) FROM java.interop.all_types WHERE col_bit IS NULL AND col_list IS NULL AND col_struct IS NULL '
                      'AND col_map IS NULL AND col_timestamptz IS NULL AND col_varbinary IS NULL'), [['14']])
        self.assertEqual(self.rows('SELECT id FROM java.interop.all_types WHERE part = 1 AND col_varchar = \'\' ORDER BY id'),
                         [[str(i)] for i in range(50, 100) if i % 5 == 0 and i % 7 != 3])

    def test_spilled_rows(self):
        config = MACHINE.config(self.config.read_text() + 'max_inline_block_size = 0\nmax_block_size = 500000\n')
        self.assertEqual(self.rows('SELECT count(*), sum(id), sum(price), count(DISTINCT name) FROM java.interop.big', config),
                         [['200000', '19999900000', '4.999975E9', '200000']])

    def test_an_unregistered_catalog(self):
        config = MACHINE.config(f'[lambda]\nendpoint = "{self.host.endpoint}"\nspill_endpoint = "{MACHINE.s3}"\n')
        self.assertEqual(self.rows('SELECT count(*) FROM "lambda:sample".interop.all_types', config), [['100']])

    def test_functions(self):
        config = MACHINE.config(f'[lambda]\nendpoint = "{self.host.endpoint}"\n')
        self.assertEqual(
            self.rows("USING EXTERNAL FUNCTION shout(v varchar) RETURNS varchar LAMBDA 'sample', "
                      "EXTERNAL FUNCTION plus(a bigint, b bigint) RETURNS bigint LAMBDA 'sample' "
                      "SELECT shout(x), plus(n, 1) FROM (VALUES ('abc', 1), (NULL, 2), ('straße', NULL)) AS t(x, n) ORDER BY n", config),
            [['ABC!', '2'], ['', '3'], ['STRASSE!', '']])

    def test_throttling_is_waited_out(self):
        self.assertEqual(self.rows('SELECT id FROM java.interop.throttled'), [['42']])

    def test_errors_name_the_source(self):
        error = self.error('SELECT * FROM java.interop.failing')
        self.assertIn('the table is broken on purpose', error)
        self.assertIn('java', error)
        self.assertIn('no table nothing', self.error('SELECT * FROM java.interop.nothing'))
        self.assertIn('Function not found', self.error('SELECT * FROM none.a.b', MACHINE.config(
            f'[catalogs.none]\nlambda = "missing"\nendpoint = "{self.host.endpoint}"\nspill_endpoint = "{MACHINE.s3}"\n')))

    def test_the_published_jdbc_connector(self):
        with java_kit.LambdaHost({'maria': 'pallas.interop.MariaDbConnector'}, f'{MACHINE.jdbc_classes}:{JDBC_JARS}',
                                 MACHINE.environment, MACHINE.top / 'jdbc.log') as host:
            config = MACHINE.config(f'[catalogs.maria]\nlambda = "maria"\nendpoint = "{host.endpoint}"\n'
                                    f'spill_endpoint = "{MACHINE.s3}"\n' + MACHINE.mysql_catalog())
            both = ('SELECT count(*), sum(id), sum(c_int), sum(c_decimal), min(c_text), max(c_date), max(c_time), count(c_double) '
                    'FROM {}.sales.all_types WHERE id BETWEEN 20 AND 250')
            ours = self.rows(both.format('sales'), config)
            self.assertEqual(self.rows(both.format('maria'), config), ours)
            self.assertEqual(ours[0][0], '231')

    def test_the_published_dynamodb_connector(self):
        self.make_dynamodb_table()
        with java_kit.LambdaHost({'dynamo': 'com.amazonaws.athena.connectors.dynamodb.DynamoDBCompositeHandler'},
                                 f'{MACHINE.classes}:{DYNAMODB_JAR}', MACHINE.environment, MACHINE.top / 'dynamo.log') as host:
            config = MACHINE.config(f'[catalogs.dynamo]\nlambda = "dynamo"\nendpoint = "{host.endpoint}"\n'
                                    f'spill_endpoint = "{MACHINE.s3}"\n')
            self.assertEqual(self.rows('SELECT count(*), CAST(sum(p_partkey) AS bigint), max(p_name) FROM dynamo."default".part', config),
                             [['50', '1225', 'name 9']])
            self.assertEqual(self.rows("SELECT CAST(p_partkey AS integer) FROM dynamo.\"default\".part WHERE p_name = 'name 7'", config),
                             [['7']])

    def make_dynamodb_table(self):
        def ask(operation, body):
            request = urllib.request.Request(f'http://{MACHINE.dynamodb}/', data=json.dumps(body).encode(), headers={
                'X-Amz-Target': f'DynamoDB_20120810.{operation}', 'Content-Type': 'application/x-amz-json-1.0',
                'Authorization': 'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/dynamodb/aws4_request, '
                                 'SignedHeaders=host, Signature=0'})
            urllib.request.urlopen(request).read()

        ask('CreateTable', {'TableName': 'part', 'KeySchema': [{'AttributeName': 'p_partkey', 'KeyType': 'HASH'}],
                            'AttributeDefinitions': [{'AttributeName': 'p_partkey', 'AttributeType': 'N'}],
                            'BillingMode': 'PAY_PER_REQUEST'})
        for i in range(50):
            ask('PutItem', {'TableName': 'part', 'Item': {'p_partkey': {'N': str(i)}, 'p_name': {'S': f'name {i}'}}})

    def test_a_java_process_killed_in_the_middle(self):
        environment = {**MACHINE.environment, 'big_rows': '20000000'}
        host = java_kit.LambdaHost({'sample': 'pallas.interop.SampleConnector'}, MACHINE.classpath, environment,
                                   MACHINE.top / 'killed.log')
        config = MACHINE.config(f'[catalogs.java]\nlambda = "sample"\nendpoint = "{host.endpoint}"\n'
                                f'spill_endpoint = "{MACHINE.s3}"\n')
        query = subprocess.Popen([PALLAS, 'sql', '--config', config, '--data', MACHINE.top / 'data', '-e',
                                  'SELECT sum(id) FROM java.interop.big'], env=MACHINE.environment,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        deadline = time.monotonic() + PATIENCE
        # Ping, table, layout, splits, and then a read is under way.
        while host.invocations().get('sample', 0) < 6 and time.monotonic() < deadline:
            pass
        host.kill()
        host.__exit__()
        output, error = query.communicate(timeout=PATIENCE)
        self.assertNotEqual(query.returncode, 0, output)
        self.assertIn('java', error)


if __name__ == '__main__':
    unittest.main(verbosity=2)

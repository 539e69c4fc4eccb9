#!/usr/bin/env python3
"""Our connector's side of the federation protocol, called with the published Java SDK's own classes: connector_test.py SERVE_SAMPLE

Every value of a table of all types, in each version, inline and spilled, under both kinds of limits.
"""
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
import urllib.request
from datetime import datetime, timedelta

import java_kit

PROGRAM = os.path.abspath(sys.argv.pop(1))
MOTO = 'tools/servers/moto'
BUCKET = 'spill-bucket'
ROWS = 120
INDIA = 1170  # key of the zone +05:30
EPOCH = datetime(1970, 1, 1)


def expected(row):
    cells = {
        'id': str(row), 'col_bit': row % 2 == 0, 'col_tinyint': str(row - 50), 'col_smallint': str(row * 200),
        'col_int': str(row * -10_000_000), 'col_float4': str(row / 4), 'col_float8': str(row / 8),
        'col_decimal': f'123456789012345678901234567{row % 10}.0123456789', 'col_varchar': f'text {row} äßΩ中😀',
        'col_varbinary': f'b\0{row}'.encode().hex(), 'col_date': str(row * 1000 - 50_000),
        # Microseconds are cut, towards the past.
        'col_timestamp': (EPOCH + timedelta(hours=row, milliseconds=-2)).isoformat(timespec='milliseconds'),
        'col_timestamptz': str(row * 1000 << 12 | INDIA), 'col_list': [] if row % 4 == 0 else [str(row), None],
        'col_struct': {'a': str(row), 'b': f'b{row}'}, 'col_map': [{'key': f'k{row}', 'value': str(row)}]}
    return {name: cell if name == 'id' or row % 7 != 3 else None for name, cell in cells.items()}


class ConnectorTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.maxDiff = None
        cls.folder = tempfile.TemporaryDirectory()
        work = pathlib.Path(cls.folder.name)
        classes = work / 'classes'
        classes.mkdir()
        java_kit.compile_java(classes)
        cls.moto = work / 'moto'
        address = subprocess.run([MOTO, 'start', cls.moto], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
        s3 = f'http://{address}'
        with urllib.request.urlopen(urllib.request.Request(f'{s3}/{BUCKET}', method='PUT')):
            pass
        cls.server = subprocess.Popen([PROGRAM, s3, BUCKET], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        cls.endpoint = f'http://127.0.0.1:{int(cls.server.stdout.readline())}'
        cls.driver = java_kit.Driver(f'{classes}:{java_kit.SDK}', java_kit.aws_environment(s3), work / 'driver.log')

    @classmethod
    def tearDownClass(cls):
        cls.driver.__exit__()
        cls.server.stdin.close()
        cls.server.wait(timeout=20)
        cls.server.stdout.close()
        subprocess.run([MOTO, 'stop', cls.moto], check=True)
        cls.folder.cleanup()

    def call(self, op, **command):
        return self.driver.call(op=op, endpoint=self.endpoint, function='sample', **command)

    def test_ping(self):
        self.assertEqual(self.call('ping'), {
            'catalog': 'lambda:sample', 'query_id_returned': True, 'source_type': 'memory', 'capabilities': 24, 'serde_version': 6})

    def test_listings(self):
        self.assertEqual(self.call('schemas'), {'schemas': ['interop']})
        self.assertEqual(self.call('tables', schema='interop'), {'tables': ['interop.all_types'], 'next_token': None})
        self.assertEqual(self.call('capabilities'), {'capabilities': {}})
        self.assertEqual(self.call('table', schema='interop', table='all_types')['table'], 'Interop.All_Types')

    def test_all_types(self):
        want = [expected(row) for row in range(ROWS)]
        for version in range(2, 7):
            for limits in ({}, {'max_inline': 0, 'max_block': 2000}):
                with self.subTest(version=version, limits=limits):
                    answer = self.call('scan', schema='interop', table='all_types', version=version, **limits)
                    self.assertNotIn('error', answer)
                    self.assertNotIn('exception', answer)
                    self.assertEqual(sorted(answer['rows'], key=lambda row: int(row['id'])), want)
                    self.assertEqual((answer['splits'], answer['pages'], answer['encrypted']), (3, 2, True))
                    self.assertEqual(answer['inline'], 0 if limits else 3)

    def test_projection_and_constraints(self):
        answer = self.call('scan', schema='interop', table='all_types', columns=['col_int', 'id'], constraints=[
            {'column': 'id', 'set': 'range', 'ranges': [[7, True, 10, False]]}])
        self.assertEqual(sorted(answer['rows'], key=lambda row: int(row['id'])), [
            {name: expected(row)[name] for name in ('col_int', 'id')} for row in range(7, 10)])

    def test_errors(self):
        answer = self.call('table', schema='interop', table='nothing')
        self.assertIn("there is no table 'nothing'", answer['error'])
        self.assertIn('com.amazonaws.athena.connector.lambda.exceptions.AthenaConnectorException', answer['error'])


if __name__ == '__main__':
    unittest.main()

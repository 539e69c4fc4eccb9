#!/usr/bin/env python3
"""Our engine's side of the federation protocol against a connector made with the published Java SDK: engine_test.py REMOTE_SCAN

Every value of the sample connector's tables, inline and spilled, encrypted and plain; the errors that it makes.
"""
import decimal
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
import urllib.request
from datetime import datetime, timedelta, timezone

import java_kit

PROGRAM = os.path.abspath(sys.argv.pop(1))
MOTO = 'tools/servers/moto'
BUCKET = 'spill-bucket'
INLINE, SPILLED = '3465000', '0'
BERLIN, INDIA = 2054, 1170  # keys of zones
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def java_float(value):
    return str(int(value)) if value == int(value) else repr(value)


def millis(moment):
    return (moment - EPOCH) // timedelta(milliseconds=1)


def zoned(row):
    """The packed cell of col_timestamptz: a wall-clock time in Berlin (in summer from 2021-03-28) or India."""
    local = datetime(2021, 3, 28, 1, 30, 0, 1000, tzinfo=timezone.utc) + timedelta(days=row)
    if row % 2:
        return millis(local - timedelta(hours=5, minutes=30)) << 12 | INDIA
    # The clocks go forward at 2 on the first of these days, and back on October 31, beyond the last one.
    return millis(local - timedelta(hours=1 if row == 0 else 2)) << 12 | BERLIN


# Nested cells as Arrow prints them.
def list_cell(row):
    return 'list<: int32>' + ('[]' if row % 4 == 0 else f'[{row}, {row + 1}]')


def struct_cell(row):
    return f'{{a:int32 = {row}, b:string = b{row}}}'


def map_cell(row):
    entries = sorted({f'k{row}': row, 'other': -row}.items())
    return 'map<string, int32>[' + ', '.join(f'{{key:string = {key}, value:int32 = {value}}}' for key, value in entries) + ']'


def all_types_row(row):
    part = row // 50
    if row % 7 == 3:
        cells = [str(row)] + ['null'] * 15 + [str(part)]
    else:
        with decimal.localcontext() as context:
            context.prec = 60
            number = decimal.Decimal('1234567890123456789012345678.0123456789') - row
        cells = [
            str(row), 'true' if row % 2 == 0 else 'false', str(row - 50), str(row * 300), str(row * -20_000_000),
            java_float(row / 4), java_float(row / 8), str(number), '' if row % 5 == 0 else f'text {row} äßΩ中😀',
            f'bytes\0{row}', str(row * 1000 - 50_000),
            str(millis(datetime(2020, 2, 29, 23, 59, 59, 123000, tzinfo=timezone.utc) + timedelta(hours=row))), str(zoned(row)),
            list_cell(row), struct_cell(row), map_cell(row), str(part)]
    return '|'.join(cells) + '|'


class EngineTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.work = pathlib.Path(cls.folder.name)
        cls.classes = cls.work / 'classes'
        cls.classes.mkdir()
        java_kit.compile_java(cls.classes)
        address = subprocess.run([MOTO, 'start', cls.work / 'moto'], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
        cls.s3 = f'http://{address}'
        with urllib.request.urlopen(urllib.request.Request(f'{cls.s3}/{BUCKET}', method='PUT')):
            pass

    @classmethod
    def tearDownClass(cls):
        subprocess.run([MOTO, 'stop', cls.work / 'moto'], check=True)
        cls.folder.cleanup()

    def host(self, **settings):
        host = java_kit.LambdaHost(
            {'sample': 'pallas.interop.SampleConnector'}, f'{self.classes}:{java_kit.SDK}',
            java_kit.aws_environment(self.s3, spill_bucket=BUCKET, **settings), self.work / 'host.log')
        self.addCleanup(host.__exit__)
        return host

    def scan(self, host, max_inline, table, *columns):
        return subprocess.run([PROGRAM, host.endpoint, 'sample', self.s3, BUCKET, max_inline, 'interop', table, *columns],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def rows(self, host, max_inline, table, *columns, width):
        """The rows without the names of their `width` columns."""
        result = self.scan(host, max_inline, table, *columns)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result.stdout.decode().split('\n')[width:-1]

    def test_all_types(self):
        want = sorted((all_types_row(row) for row in range(100)), key=str.encode)
        for settings in ({}, {'disable_spill_encryption': 'true'}):
            host = self.host(**settings)
            for max_inline in (INLINE, SPILLED):
                with self.subTest(settings=settings, max_inline=max_inline):
                    self.assertEqual(self.rows(host, max_inline, 'all_types', width=17), want)

    def test_big_table_in_blocks_and_by_columns(self):
        host = self.host(big_rows='30000')
        names = sorted(f'the name of row number {row}|' for row in range(30000))
        self.assertEqual(self.rows(host, SPILLED, 'big', 'name', width=1), names)

    def test_errors(self):
        host = self.host()
        for table, code, text in (
                ('failing', b'UNKNOWN', b'the table is broken on purpose'),
                ('throttled', b'RESOURCE_EXHAUSTED', b'the source asks to slow down'),
                ('nothing', b'UNKNOWN', b'no table nothing')):
            with self.subTest(table):
                result = self.scan(host, INLINE, table)
                self.assertEqual(result.returncode, 1)
                self.assertTrue(result.stderr.startswith(code), result.stderr)
                self.assertIn(text, result.stderr)


if __name__ == '__main__':
    unittest.main()

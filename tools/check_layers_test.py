#!/usr/bin/env python3
"""Tests of check_layers.py on small trees."""
import os
import tempfile
import unittest

import check_layers

LAYERS = '''layer base
layer sdk
branch connectors/sql on sdk
branch connectors/* on sdk + connectors/sql
layer federation
layer engine
layer cli + connectors/*
'''


class CheckLayersTest(unittest.TestCase):
    def check(self, files):
        with tempfile.TemporaryDirectory() as root:
            for name, text in {'cmake/layers.txt': LAYERS, **files}.items():
                path = os.path.join(root, name)
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, 'w') as file:
                    file.write(text)
            return check_layers.check(root)

    def library(self, folder, deps='', text='', name='code'):
        library = os.path.basename(folder)
        return {f'src/{folder}/CMakeLists.txt': f'pallas_library({library} SOURCES {name}.cc DEPS {deps})',
                f'src/{folder}/{name}.cc': text, f'src/{folder}/{name}.h': ''}

    def test_accepts_an_include_of_a_lower_folder(self):
        files = self.library('base') | self.library('sdk', 'base', '#include "base/code.h"\n')
        self.assertEqual(self.check(files), [])

    def test_reports_an_include_of_a_higher_folder(self):
        files = self.library('base', '', '\n#include "sdk/code.h"\n') | self.library('sdk', 'base')
        self.assertEqual(self.check(files), ['src/base/code.cc:2: base may not include sdk/code.h (cmake/layers.txt)'])

    def test_reports_an_include_missing_from_the_dependencies(self):
        files = self.library('base') | self.library('sdk', '', '#include "base/code.h"\n')
        self.assertEqual(self.check(files),
                         ['src/sdk/code.cc:1: base/code.h belongs to base, which is not in the DEPS of sdk'])

    def test_keeps_connectors_and_federation_apart(self):
        files = (self.library('sdk') | self.library('connectors/mysql', 'sdk federation', '#include "federation/code.h"')
                 | self.library('federation', 'sdk mysql', '#include "connectors/mysql/code.h"'))
        self.assertEqual(len([p for p in self.check(files) if 'may not include' in p]), 2)

    def test_keeps_connectors_apart_but_for_the_shared_folder(self):
        files = (self.library('connectors/sql') | self.library('connectors/redis')
                 | self.library('connectors/mysql', 'sql redis',
                                '#include "connectors/sql/code.h"\n#include "connectors/redis/code.h"\n'))
        self.assertEqual(self.check(files), ['src/connectors/mysql/code.cc:2: connectors/mysql may not include '
                                             'connectors/redis/code.h (cmake/layers.txt)'])

    def test_lets_the_top_include_connectors(self):
        files = self.library('connectors/mysql') | self.library('cli', 'mysql', '#include "connectors/mysql/code.h"')
        self.assertEqual(self.check(files), [])

    def test_reports_a_cycle(self):
        files = self.library('base', 'sdk') | self.library('sdk', 'base')
        self.assertEqual(self.check(files), ['cmake: a cycle between libraries: base -> sdk -> base'])

    def test_reports_duckdb_headers_outside_their_folder(self):
        files = (self.library('engine', '', '#include "duckdb.hpp"\n')
                 | {'src/engine/duckdb/x.h': '#include "duckdb/common/types.hpp"\n'})
        self.assertEqual(self.check(files), ['src/engine/code.cc:1: DuckDB headers belong to src/engine/duckdb alone'])

    def test_reports_exceptions_outside_the_borders(self):
        text = '// throw away\nconst char* s = "catch";\nvoid F() { throw 1; }\n'
        problems = self.check(self.library('sdk', '', text))
        self.assertEqual(len(problems), 1)
        self.assertIn('src/sdk/code.cc:3: `throw`', problems[0])

    def test_accepts_exceptions_at_a_border(self):
        files = self.library('connectors/mysql', '', 'void F() { try { G(); } catch (int) {} }', 'connection')
        self.assertEqual(self.check(files), [])

    def test_accepts_only_catch_all_at_the_entry_of_a_thread(self):
        good = self.library('base', '', 'void F() {\n  try { G(); } catch (...) {}\n}', 'thread_pool')
        self.assertEqual(self.check(good), [])
        bad = self.library('base', '', 'void F() {\n  try { G(); }\n catch (int) {}\n}', 'thread_pool')
        self.assertEqual(len(self.check(bad)), 1)

    def test_reports_a_source_in_no_target(self):
        files = self.library('base') | {'src/base/lost.cc': ''}
        self.assertEqual(self.check(files), ['src/base/lost.cc:1: in no target; list it in a CMakeLists.txt'])

    def test_reports_a_listed_file_that_is_missing(self):
        files = {'src/base/CMakeLists.txt': 'pallas_library(base SOURCES gone.cc)'}
        self.assertEqual(self.check(files), ['src/base/CMakeLists.txt:1: there is no file gone.cc'])

    def test_reports_an_include_relative_to_its_folder(self):
        files = self.library('base', '', '#include "code.h"\n')
        self.assertEqual(self.check(files), ['src/base/code.cc:1: write the path from src/: "base/code.h"'])


if __name__ == '__main__':
    unittest.main()

#!/usr/bin/env python3
"""Runs random expressions and queries on Pallas and on a Trino server, and reports where the answers differ.

  tests/differential/differential.py [--seed N] [--expressions N] [--queries N] [--report FILE.jsonl]

The server is the one at TRINO_URL (default http://127.0.0.1:18480), release 476, with the catalogs of the conformance
corpus (PALLAS_CORPUS). The same seed gives the same statements. Fails if there is a difference that known.py does not
explain. Record what was found, once mended: tests/conformance/record_cases.py.
"""
import argparse
import collections
import concurrent.futures
import json
import random
import re
import sys
import threading
import time

import engines
from comparison import compare_column, compare_errors, compare_rows, explained
from expressions import Expressions, read_signatures
from queries import Queries
from reduction import parts

BATCH = 40  # expressions that Trino gets in one statement
# What Trino says of a part that is no expression by itself.
NO_EXPRESSION = ('EXPRESSION_NOT_AGGREGATE', 'COLUMN_NOT_FOUND', 'SYNTAX_ERROR', 'FUNCTION_NOT_WINDOW')
# Errors that depend on values.
AT_RUN_TIME = ('DIVISION_BY_ZERO', 'INVALID_CAST_ARGUMENT', 'INVALID_FUNCTION_ARGUMENT', 'NUMERIC_VALUE_OUT_OF_RANGE', 'INVALID_ARGUMENTS', 'NOT_SUPPORTED')
UNEVALUATED = 'known: What is not evaluated'


class Batch:
    """Expressions over the rows of one table, and the statements that select them."""

    def __init__(self, seed, number, signatures):
        maker = Expressions(random.Random(f'{seed}:expressions:{number}'), signatures)
        kind = maker.random.choice(('literals', 'literals', 'rows', 'rows', 'rows', 'aggregates', 'windows'))
        self.rows = maker.table(maker.random.randint(1, 6)) if kind != 'literals' else None
        self.head = {'literals': '0', 'aggregates': 'count(*)'}.get(kind, 'k')
        self.grouped = kind == 'aggregates' and maker.random.random() < 0.5
        if self.grouped:
            self.head = 'k % 2'
        make = {'aggregates': maker.aggregate, 'windows': maker.window}.get(kind, maker.root)
        self.expressions = [make() for _ in range(BATCH)]

    def statement(self, expressions):
        """Its first column tells the rows apart; the table has only the columns that are used."""
        select = f"SELECT {', '.join([self.head] + expressions)}"
        if self.rows is None:
            return select
        used = [0] + [i for i in range(1, len(self.rows[0])) if re.search(rf'\bc{i - 1}\b', select)]
        rows = ', '.join(f"({', '.join(row[i] for i in used)})" for row in self.rows)
        names = ', '.join('k' if i == 0 else f'c{i - 1}' for i in used)
        return f"{select} FROM (VALUES {rows}) AS t({names}){' GROUP BY k % 2' if self.grouped else ''}"


class Run:
    def __init__(self, options):
        self.options = options
        self.pallas, self.pallas_lock = engines.Pallas(options.program), threading.Lock()
        self.trino = engines.Trino()
        self.report = open(options.report, 'w', encoding='utf-8') if options.report else None
        self.compared = collections.Counter()
        self.kinds = collections.Counter()
        self.lock = threading.Lock()
        answer = self.ask_pallas('SHOW FUNCTIONS')
        self.signatures = read_signatures(answer['rows'])

    def ask_pallas(self, sql):
        with self.pallas_lock:
            return self.pallas.ask(sql)

    def add(self, what, kind, sql, trino, pallas, reduced=None):
        difference = {'kind': kind, 'sql': sql, 'trino': trino, 'pallas': pallas, **({'reduced': reduced} if reduced else {})}
        with self.lock:
            self.compared[what] += 1
            if kind is None:
                return
            reason = explained(difference)
            kind = 'known: ' + reason if reason else kind
            self.kinds[what, kind] += 1
            if not kind.startswith('known: ') and self.report:
                self.report.write(json.dumps(difference, ensure_ascii=False) + '\n')
                self.report.flush()

    # ------------------------------------------------------------ expressions

    def expressions(self, number):
        batch = Batch(self.options.seed, number, self.signatures)
        good = []
        for expression in batch.expressions:
            answer = self.ask_pallas(batch.statement([expression]))
            if 'error' in answer:
                self.compare_alone(batch, expression)
            else:
                answer['rows'].sort(key=lambda row: row[0])
                good.append((expression, answer))
        self.compare_together(batch, good)

    def answers(self, batch, expression):
        """Statement, both answers and the kind of difference."""
        sql = batch.statement([expression])
        trino, pallas = self.trino.ask(sql), self.ask_pallas(sql)
        if 'error' in trino or 'error' in pallas:
            return sql, trino, pallas, compare_errors(trino, pallas)
        for answer in (trino, pallas):
            answer['rows'].sort(key=lambda row: row[0])
        return sql, trino, pallas, compare_column(trino, pallas, 1, 1)

    def compare_alone(self, batch, expression):
        sql, trino, pallas, kind = self.answers(batch, expression)
        if kind in (None, 'message') or explained({'sql': sql, 'trino': trino, 'pallas': pallas}):
            return self.add('expressions', kind, sql, trino, pallas)
        failing = set()
        for part in parts(expression):
            inner = self.answers(batch, part)
            if inner[3] not in (None, 'message') and inner[1].get('error', {}).get('code') not in NO_EXPRESSION:
                return self.add('expressions', inner[3], *inner[:3], reduced=sql)
            failing.add(inner[1].get('error', {}).get('code'))
        codes = {answer['error']['code'] for answer in (trino, pallas) if 'error' in answer}
        if codes and codes <= failing:
            # All parts that fail do so on both: one of the engines has not evaluated such a part.
            kind = UNEVALUATED
        self.add('expressions', kind, sql, trino, pallas)

    def compare_together(self, batch, good):
        if len(good) <= 1:
            for expression, _ in good:
                self.compare_alone(batch, expression)
            return
        trino = self.trino.ask(batch.statement([expression for expression, _ in good]))
        if 'error' in trino:
            middle = len(good) // 2
            self.compare_together(batch, good[:middle])
            self.compare_together(batch, good[middle:])
            return
        trino['rows'].sort(key=lambda row: row[0])
        for i, (expression, pallas) in enumerate(good, 1):
            if compare_column(trino, pallas, i, 1):
                self.compare_alone(batch, expression)
            else:
                self.add('expressions', None, None, None, None)

    # ------------------------------------------------------------ queries

    def query(self, number):
        sql, ordered = Queries(random.Random(f'{self.options.seed}:queries:{number}'), self.signatures).statement()
        pallas = self.ask_pallas(sql)
        trino = self.trino.ask(sql)
        kind = compare_rows(trino, pallas, ordered)
        if kind in ('accepted', 'refused', 'code') and all(answer['error']['code'] in AT_RUN_TIME for answer in (trino, pallas) if 'error' in answer):
            # For which rows a condition or a column is computed is no promise of either.
            kind = UNEVALUATED
        self.add('queries', kind, sql, trino, pallas)

    # ------------------------------------------------------------ all

    def run(self):
        jobs = [(self.expressions, number) for number in range(-(-self.options.expressions // BATCH))]
        jobs += [(self.query, number) for number in range(self.options.queries)]
        print(f'seed {self.options.seed}', flush=True)
        start = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(self.options.threads) as pool:
            for future in concurrent.futures.as_completed([pool.submit(*job) for job in jobs]):
                future.result()
        self.pallas.close()
        print(f"compared {dict(self.compared)} in {time.monotonic() - start:.0f} s")
        for (what, kind), count in sorted(self.kinds.items()):
            print(f'{what:12} {kind:60} {count}')
        return int(any(not kind.startswith('known') and kind != 'message' for _, kind in self.kinds))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--seed', type=int, default=random.SystemRandom().randrange(1 << 31))
    parser.add_argument('--expressions', type=int, default=2000)
    parser.add_argument('--queries', type=int, default=200)
    parser.add_argument('--program', default='build/release/pallas-conformance')
    parser.add_argument('--report', help='file for the differences, one a line')
    parser.add_argument('--threads', type=int, default=4)
    sys.exit(Run(parser.parse_args()).run())


if __name__ == '__main__':
    main()

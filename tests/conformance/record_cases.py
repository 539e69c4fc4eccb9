#!/usr/bin/env python3
"""Records a Trino server's answers to statements of ours as cases for pallas-conformance.

  record_cases.py CASES.jsonl [STATEMENTS.sql]

Adds the statements (one a line; lines with # are remarks) to the cases that the file has, and asks the server at
TRINO_URL (default http://127.0.0.1:18480) for all of them anew. The server's client and the encoding of values are those
of the corpus (PALLAS_CORPUS, default ../shared/conformance), whose tools/ folder lies beside it.
"""
import hashlib
import json
import os
import sys

corpus = os.environ.get('PALLAS_CORPUS', '../shared/conformance')
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(corpus)), 'tools'))
import trino_run  # noqa: E402


def is_ordered(sql):
    """Whether ORDER BY stands outside all parentheses (those in texts count too, which does no harm)."""
    depth = 0
    outside = []
    for character in sql.lower():
        depth += {'(': 1, ')': -1}.get(character, 0)
        if depth == 0:
            outside.append(character)
    return 'order by' in ''.join(outside)


def expectation(answer, sql):
    if 'error' in answer:
        return {'kind': 'error', 'code': answer['error']['code'], 'message': answer['error']['message']}
    return {'kind': 'rows', 'types': answer['types'], 'rows': answer['rows'],
            'ordered': is_ordered(sql) and len(answer['rows']) > 1}


def main():
    path = sys.argv[1]
    category = os.path.basename(path).removesuffix('.jsonl')
    statements = []
    if os.path.exists(path):
        with open(path, encoding='utf-8') as file:
            statements = [json.loads(line)['sql'] for line in file]
    if len(sys.argv) > 2:
        with open(sys.argv[2], encoding='utf-8') as file:
            statements += [line.strip() for line in file if line.strip() and not line.startswith('#')]
    with open(path, 'w', encoding='utf-8') as file:
        for sql in dict.fromkeys(statements):
            name = f'{category}-{hashlib.md5(sql.encode()).hexdigest()[:8]}'
            case = {'id': name, 'category': category, 'sql': sql, 'expect': expectation(trino_run.ask(sql), sql)}
            file.write(json.dumps(case, ensure_ascii=False) + '\n')


if __name__ == '__main__':
    main()

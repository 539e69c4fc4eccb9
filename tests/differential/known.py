"""Differences that docs/sql/differences.md explains."""
import re

# (heading of the document, pattern of the statement, of Trino's answer, of ours)
KNOWN = (
    ('Internal errors of Trino', '', r'^GENERIC_INTERNAL_ERROR', ''),
    ('Cases that compare an operand with itself', r'CASE (\S+) .*WHEN \1 ', '', ''),
    ('What is not evaluated', r'typeof\(', r'^[A-Z_]+: ', '^rows'),
    ('What is not evaluated', '', r'^rows', r'^INVALID_CAST_ARGUMENT: Cannot cast \S+( \S+)? \S+ to DECIMAL'),
    ('Comparisons with NULL inside', '', r'^rows', r'^NOT_SUPPORTED: (ARRAY|ROW) comparison not supported'),
    ('DISTINCT in some aggregates', '', '', r'^NOT_SUPPORTED: DISTINCT in '),
)


def text(answer):
    return '{code}: {message}'.format(**answer['error']) if 'error' in answer else f"rows: {answer['types']} {answer['rows']}"


def known_difference(sql, trino, pallas):
    """The heading that explains it, or None."""
    for heading, statement, of_trino, of_pallas in KNOWN:
        if re.search(statement, sql) and re.search(of_trino, text(trino)) and re.search(of_pallas, text(pallas)):
            return heading
    return None

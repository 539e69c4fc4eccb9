"""Differences that docs/sql/differences.md explains."""
import re

# (heading of the document, pattern of the statement, of Trino's answer, of ours)
KNOWN = (
    ('Internal errors of Trino', '', r'^GENERIC_INTERNAL_ERROR', ''),
    ('Cases that compare an operand with itself', r'CASE (\S+) .*WHEN \1 ', '', ''),
    ('What is not evaluated', r'typeof\(', r'^[A-Z_]+: ', '^rows'),
    ('What is not evaluated', '', '', r'^INVALID_CAST_ARGUMENT: Cannot cast \S+( \S+)? \S+ to DECIMAL'),
    ('Comparisons with NULL inside', '', '', r'^NOT_SUPPORTED: (ARRAY|ROW) comparison not supported'),
    ('Comparisons with NULL inside', '', r'^NOT_SUPPORTED: (ARRAY|ROW) comparison not supported', '^rows'),
    ('Comparisons with NULL inside', r'MAP\(ARRAY\[MAP', '^INVALID_FUNCTION_ARGUMENT: map key cannot be indeterminate', '^rows'),
    ('NaN and negative zero inside', r"(greatest|least|max|min|max_by|min_by|array_max|array_min)\(.*(NaN|'-0\.0'|Infinity)", '^rows', '^rows'),
    ('Times before 1970 with more than six digits', r'TIMESTAMP .* AS time', '^rows', '^rows'),
    ('Casts between JSON and maps', 'AS map|AS json|AS row|AS array', '^INVALID_CAST_ARGUMENT: Cannot cast (JSON to|map.* to JSON)', '^TYPE_MISMATCH'),
    ('Casts between JSON and maps', 'json_parse', '^INVALID_CAST_ARGUMENT: Cannot cast to', '^INVALID_FUNCTION_ARGUMENT: Cannot convert value to JSON'),
    ('Numbers beyond their type', 'from_unixtime', '', '^INVALID_(CAST|FUNCTION)_ARGUMENT: (Cannot cast .* to BIGINT|Invalid offset minutes|Millis overflow)'),
    ('Numbers beyond their type', r'(sum|avg)\(', '', '^NUMERIC_VALUE_OUT_OF_RANGE: Decimal overflow'),
    ('Numbers beyond their type', r'sum\(', '^NUMERIC_VALUE_OUT_OF_RANGE: bigint addition overflow', '^rows'),
    ('Numbers beyond their type', '%|mod', '^NUMERIC_VALUE_OUT_OF_RANGE: Decimal overflow', '^rows'),
    ('Numbers beyond their type', 'from_utf8', '^rows', '^INVALID_FUNCTION_ARGUMENT: Invalid replacement character'),
    ('What is not evaluated', 'is_json_scalar', '^rows', '^INVALID_FUNCTION_ARGUMENT: Invalid JSON value'),
    ('What is not evaluated', 'json_', "^INVALID_FUNCTION_ARGUMENT: Invalid JSON path", '^rows'),
    ('Numbers beyond their type', '', '^rows', '^NUMERIC_VALUE_OUT_OF_RANGE: interval out of range'),
    ('Numbers beyond their type', r'sum\(.* OVER ', '^rows', r'^NUMERIC_VALUE_OUT_OF_RANGE: bigint addition overflow'),
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

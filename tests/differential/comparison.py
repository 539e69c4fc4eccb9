"""What is a difference between two answers."""
import re

from engines import trino_run
from known import known_difference

NESTED_KEY = re.compile(r'map\((array|map|row)\(')


def same_type(a, b):
    return re.sub(r'\s', '', a) == re.sub(r'\s', '', b)


def same_value(trino, pallas, type_):
    # Trino's client protocol has keys of maps as text, from which nested ones cannot be told.
    return bool(NESTED_KEY.search(type_)) or trino_run.same(trino, pallas, type_, True)


def compare_errors(trino, pallas):
    """None, or the kind of difference, of answers of which one at least is an error."""
    if 'error' not in pallas:
        return 'accepted'
    if pallas['error']['code'] == 'CRASH':
        return 'crash'
    if 'error' not in trino:
        return 'refused'
    if trino['error']['code'] != pallas['error']['code']:
        return 'code'
    return None if trino['error']['message'] == pallas['error']['message'] else 'message'


def compare_column(trino, pallas, column, pallas_column):
    """Rows of both in the same order."""
    if not same_type(trino['types'][column], pallas['types'][pallas_column]):
        return 'type'
    if len(trino['rows']) != len(pallas['rows']):
        return 'rows'
    type_ = trino['types'][column]
    pairs = zip(trino['rows'], pallas['rows'])
    return None if all(same_value(a[column], b[pallas_column], type_) for a, b in pairs) else 'value'


def compare_rows(trino, pallas, ordered):
    """None, or the kind of difference, of two answers to a query."""
    if 'error' in trino or 'error' in pallas:
        return compare_errors(trino, pallas)
    if len(trino['types']) != len(pallas['types']) or not all(map(same_type, trino['types'], pallas['types'])):
        return 'type'
    return 'value' if trino_run.rows_same(trino['rows'], pallas['rows'], trino['types'], True, ordered) else None


def explained(difference):
    return known_difference(difference['sql'], difference['trino'], difference['pallas'])

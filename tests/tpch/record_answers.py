#!/usr/bin/env python3
"""Records the answers of a Trino server to queries over the tables of TPC-H.

  record_answers.py URL CATALOG SCHEMA DEST [QUERIES]

QUERIES is a folder of *.sql, the one beside this program unless given. The schema has the TPC-H tables as
tools/make_fixtures makes them, money as decimals and texts as varchar. Writes DEST/<query>.json:
{"types": [...], "rows": [...]}, decimals and dates as text.
"""
import http.client
import json
import os
import sys
import time
import urllib.parse


def request(method, url, body=None, headers=None):
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=600)
    connection.request(method, parts.path, body, headers or {})
    response = connection.getresponse()
    data = response.read()
    if response.status in (502, 503, 504):
        time.sleep(0.2)
        return request(method, url, body, headers)
    if response.status != 200:
        raise RuntimeError(f'HTTP {response.status}: {data[:300]!r}')
    return json.loads(data)


def ask(url, catalog, schema, sql):
    headers = {'X-Trino-User': 'tpch', 'X-Trino-Catalog': catalog, 'X-Trino-Schema': schema}
    answer = request('POST', url + '/v1/statement', sql.encode(), headers)
    types, rows = None, []
    while True:
        if 'error' in answer:
            raise RuntimeError(answer['error']['message'])
        if 'columns' in answer:
            types = [column['type'] for column in answer['columns']]
        rows += answer.get('data', [])
        if 'nextUri' not in answer:
            return {'types': types, 'rows': rows}
        answer = request('GET', answer['nextUri'])


def main():
    url, catalog, schema, dest = sys.argv[1:5]
    os.makedirs(dest, exist_ok=True)
    folder = sys.argv[5] if len(sys.argv) > 5 else os.path.join(os.path.dirname(os.path.abspath(__file__)), 'queries')
    for file in sorted(os.listdir(folder)):
        with open(os.path.join(folder, file), encoding='utf-8') as text:
            sql = text.read().strip().rstrip(';')
        answer = ask(url, catalog, schema, sql)
        with open(os.path.join(dest, file.replace('.sql', '.json')), 'w', encoding='utf-8') as out:
            rows = ',\n '.join(json.dumps(row, ensure_ascii=False) for row in answer['rows'])
            out.write(f'{{"types": {json.dumps(answer["types"])}, "rows": [\n {rows}\n]}}\n')
        print(file, len(answer['rows']), 'rows')


if __name__ == '__main__':
    main()

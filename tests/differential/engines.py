"""The two engines: statement in, {'types', 'rows'} or {'error': {'code', 'message'}} out."""
import json
import os
import subprocess
import sys
import time

corpus = os.environ.get('PALLAS_CORPUS', '../shared/conformance')
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(corpus)), 'tools'))
import trino_run  # noqa: E402


_scalar_key = trino_run.key
# The client protocol has keys of maps as text, which is no value where they are nested (comparison.py).
trino_run.key = lambda type_, text: text if type_['rawType'] in ('array', 'map', 'row') else _scalar_key(type_, text)
_encode = trino_run.enc
trino_run.enc = lambda type_, value: value if isinstance(value, str) and type_['rawType'] in ('array', 'map', 'row') else _encode(type_, value)


class Pallas:
    """`pallas-conformance --ask`, started again after a crash, which is the answer to what was asked."""

    def __init__(self, program):
        self.program = program
        self.process = None

    def ask(self, sql):
        if self.process is None:
            self.process = subprocess.Popen([self.program, '--ask'], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding='utf-8')
        try:
            self.process.stdin.write(json.dumps({'sql': sql}) + '\n')
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ''
        if not line:
            code = self.process.wait()
            self.process = None
            return {'error': {'code': 'CRASH', 'message': f'exit code {code}'}}
        return json.loads(line)

    def close(self):
        if self.process is not None:
            self.process.stdin.close()
            self.process.wait()


class Trino:
    """A server at TRINO_URL. May be asked by several threads at once."""

    def ask(self, sql):
        for attempt in range(3):
            answer = trino_run.ask(sql)
            if answer.get('error', {}).get('type') not in ('INSUFFICIENT_RESOURCES', 'INTERNAL_ERROR'):
                break
            if answer['error']['code'] == 'GENERIC_INTERNAL_ERROR':
                break
            time.sleep(1 + attempt)
        return answer

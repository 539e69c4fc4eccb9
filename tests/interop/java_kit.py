"""The Java side of the federation protocol for tests: connectors made with the published SDK, and a driver that calls connectors
with the SDK's own request classes and spill reader. See java/pallas/interop."""
import json
import os
import pathlib
import subprocess
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
DEPS = pathlib.Path(os.environ.get('PALLAS_DEPS', HERE.parent.parent / '.deps'))
SDK = f'{DEPS}/federation-sdk/lib/*'
CONNECTORS = DEPS / 'federation-connectors/lib'
OPENS = '--add-opens=java.base/java.nio=ALL-UNNAMED'  # Arrow for Java reaches into it


def compile_java(classes, sources=('Driver', 'LambdaHost', 'SampleConnector'), classpath=SDK):
    """Compiles the classes of java/pallas/interop into the folder `classes`."""
    files = [str(HERE / 'java/pallas/interop' / f'{name}.java') for name in sources]
    subprocess.run(['javac', '-cp', f'{classes}:{classpath}', '-d', str(classes), *files], check=True, stderr=subprocess.PIPE)


def aws_environment(endpoint, **more):
    """The environment in which the Java AWS SDK uses the services at `endpoint`, and the settings `more`."""
    return {
        **os.environ,
        'AWS_ENDPOINT_URL': endpoint,
        'AWS_REGION': 'us-east-1',
        'AWS_ACCESS_KEY_ID': 'test',
        'AWS_SECRET_ACCESS_KEY': 'test',
        **more,
    }


class LambdaHost:
    """A process that serves Java functions, {name: class}, at `endpoint`."""

    def __init__(self, functions, classpath, environment, log):
        self._log = open(log, 'wb')
        self._process = subprocess.Popen(
            ['java', OPENS, '-XX:+UseSerialGC', '-cp', classpath, 'pallas.interop.LambdaHost', '0',
             *(f'{name}={handler}' for name, handler in functions.items())],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log, env=environment)
        port = self._process.stdout.readline().strip()
        if not port:
            raise RuntimeError(f'the Java functions did not start; see {log}')
        self.endpoint = f'http://127.0.0.1:{int(port)}'

    def invocations(self):
        """{function: how often it was invoked}"""
        with urllib.request.urlopen(f'{self.endpoint}/invocations') as answer:
            return json.load(answer)

    def kill(self):
        self._process.kill()
        self._process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.stdin.close()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.kill()
        self._process.stdout.close()
        self._log.close()


class Driver:
    """Calls connectors as Athena does; one Java process for many calls."""

    def __init__(self, classpath, environment, log):
        self._log = open(log, 'wb')
        self._process = subprocess.Popen(
            ['java', OPENS, '-XX:+UseSerialGC', '-cp', classpath, 'pallas.interop.Driver'],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log, env=environment, text=True, encoding='utf-8')

    def call(self, **command):
        """The answer to one command; Driver.java says which there are."""
        self._process.stdin.write(json.dumps(command) + '\n')
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f'the Java driver has ended; see {self._log.name}')
        return json.loads(line)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.stdin.close()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        self._log.close()

#!/usr/bin/env python3
"""Tables in a real S3 service through `pallas sql`: s3_program_test.py PROGRAM [unittest argument...]

The service is a moto that checks signatures. Everything it makes lies in a temporary folder and ends with it.
"""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(os.environ.get('PALLAS_DEPS', os.path.join(ROOT, '.deps')), 'moto/lib'))
import boto3  # noqa: E402  # of the server

PROGRAM = ''  # from the command line
PATIENCE = 120  # nothing here takes this long unless it hangs
ROWS = 50_000


def setUpModule():
    global folder, client, url
    folder = tempfile.mkdtemp(prefix='pallas-s3-')
    unittest.addModuleCleanup(clean_up)  # also when what follows fails
    address = subprocess.run([os.path.join(ROOT, 'tools/servers/moto'), 'start', os.path.join(folder, 'moto'), '--signed'],
                             check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    url = f'http://{address}'
    client = boto3.client('s3', endpoint_url=url, region_name='us-east-1', aws_access_key_id=key('access_key'),
                          aws_secret_access_key=key('secret_key'))
    client.create_bucket(Bucket='lake')
    make_table()


def clean_up():
    subprocess.run([os.path.join(ROOT, 'tools/servers/moto'), 'kill', os.path.join(folder, 'moto')], check=False)
    shutil.rmtree(folder)


def key(name):
    with open(os.path.join(folder, 'moto', name), encoding='utf-8') as file:
        return file.read()


def make_table():
    """A table of two partitions, one with a name that must be encoded."""
    for year, shop in ((2023, 'a b+c'), (2024, 'plain')):
        file = os.path.join(folder, f'{year}.parquet')
        subprocess.run([PROGRAM, 'sql', '--data', os.path.join(folder, 'writer'), '--format', 'parquet', '-o', file, '-e',
                        f"""SELECT n + {year} * 100000 AS id, 'row ' || cast(n AS varchar) AS text,
                        CAST(n AS double) / 7 AS price FROM (SELECT a * 250 + b AS n
                        FROM UNNEST(sequence(0, {ROWS // 500 - 1})) AS a (a), UNNEST(sequence(1, 250)) AS b (b))"""],
                       check=True, timeout=PATIENCE,
                       env={'PATH': os.environ['PATH'], 'HOME': folder, 'LC_ALL': 'C.UTF-8'})
        client.upload_file(file, 'lake', f'sales/year={year}/shop={shop}/part-0.parquet')


class S3Tables(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(dir=folder)
        self.environment = {'PATH': os.environ['PATH'], 'HOME': self.dir, 'LC_ALL': 'C.UTF-8',
                            'AWS_EC2_METADATA_DISABLED': 'true'}

    def config(self, text):
        path = os.path.join(self.dir, 'pallas.toml')
        with open(path, 'w', encoding='utf-8') as file:
            file.write(f'[s3.test]\nendpoint = "{url}"\n{text}\n')
        return path

    def run_pallas(self, statement, config):
        return subprocess.run([PROGRAM, 'sql', '--data', os.path.join(self.dir, 'data'), '--config', config, '--format',
                               'csv', '-e', statement], cwd=self.dir, env=self.environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=PATIENCE)

    def rows(self, statement, config):
        result = self.run_pallas(statement, config)
        self.assertEqual((result.returncode, result.stderr), (0, ''))
        return result.stdout.split('\n')[1:-1]

    def error(self, statement, config):
        result = self.run_pallas(statement, config)
        self.assertEqual((result.returncode, result.stdout), (1, ''), result.stderr)
        return result.stderr

    def with_keys(self, access='access_key', secret='secret_key', buckets='["lake"]'):
        self.environment.update(S3_KEY=key(access), S3_SECRET=key(secret))
        return self.config(f'buckets = {buckets}\naccess_key = "${{env:S3_KEY}}"\nsecret_key = "${{env:S3_SECRET}}"')

    CREATE = """CREATE EXTERNAL TABLE sales (id bigint, text string, price double)
        PARTITIONED BY (year int, shop string) STORED AS PARQUET LOCATION 's3://lake/sales/';
        MSCK REPAIR TABLE sales"""

    def table(self, config):
        result = self.run_pallas(self.CREATE, config)
        self.assertEqual((result.returncode, result.stderr), (0, ''))

    def test_partitions_of_a_parquet_table_are_read(self):
        config = self.with_keys()
        self.table(config)
        self.assertEqual(self.rows('SELECT year, shop, count(*), min(id), max(text) FROM sales GROUP BY 1, 2 ORDER BY 1',
                                   config),
                         ['"2023","a b+c","25000","202300001","row 9999"', '"2024","plain","25000","202400001","row 9999"'])
        self.assertEqual(self.rows("SELECT id, price FROM sales WHERE year = 2024 AND text = 'row 14'", config),
                         ['"202400014","2.0"'])
        self.assertEqual(self.rows("SELECT count(*) FROM sales WHERE shop = 'a b+c' AND id > 202300010", config),
                         ['"24990"'])

    def test_keys_come_from_a_profile(self):
        os.makedirs(os.path.join(self.dir, '.aws'))
        with open(os.path.join(self.dir, '.aws/credentials'), 'w', encoding='utf-8') as file:
            file.write(f'[lake-user]\naws_access_key_id = {key("access_key")}\n'
                       f'aws_secret_access_key = {key("secret_key")}\n')
        config = self.config('buckets = ["lake"]\nprofile = "lake-user"')
        self.table(config)
        self.assertEqual(self.rows('SELECT count(*) FROM sales', config), [f'"{ROWS}"'])

    def test_keys_come_from_the_environment_by_the_default_chain(self):
        self.environment.update(AWS_ACCESS_KEY_ID=key('access_key'), AWS_SECRET_ACCESS_KEY=key('secret_key'))
        config = self.config('buckets = ["la*"]')
        self.table(config)
        self.assertEqual(self.rows('SELECT count(*) FROM sales', config), [f'"{ROWS}"'])

    def test_without_credentials_the_error_says_where_was_looked(self):
        config = self.config('buckets = ["lake"]')
        error = self.error(self.CREATE, config)
        self.assertIn('there are no AWS credentials in the environment (AWS_ACCESS_KEY_ID)', error)

    def test_wrong_secrets_are_refused_and_not_shown(self):
        config = self.with_keys(secret='reader_secret')
        error = self.error(self.CREATE, config)
        self.assertIn('s3://lake/: SignatureDoesNotMatch', error)
        self.assertNotIn(key('reader_secret'), error)

    def test_a_user_who_may_not_read_is_denied(self):
        config = self.with_keys('reader_key', 'reader_secret')
        self.assertIn('AccessDenied', self.error(self.CREATE, config))

    def test_a_secret_that_is_not_there_is_named(self):
        config = self.config('buckets = ["lake"]\naccess_key = "${env:NOT_SET}"\nsecret_key = "x"')
        self.assertIn('s3.test.access_key', self.error(self.CREATE, config))

    def test_other_buckets_stay_local(self):
        config = self.with_keys()
        os.makedirs(os.path.join(self.dir, 'data/objects/here/t'))
        shutil.copy(os.path.join(folder, '2023.parquet'), os.path.join(self.dir, 'data/objects/here/t/f.parquet'))
        self.table(config)
        self.assertEqual(self.rows("""CREATE EXTERNAL TABLE local (id bigint, text string, price double)
            STORED AS PARQUET LOCATION 's3://here/t/';
            SELECT count(*) FROM local JOIN sales ON local.id = sales.id""", config), ['"25000"'])


if __name__ == '__main__':
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main()

"""Between a share and S3: ours, rclone, and by way of this machine's memory (smbclient, then boto3).

The store (object_store.c) throws away what it is given; so that it is compared all the same, every client
has a first run, not measured, to one that keeps it.  No client hashes what it sends: all of them leave that out
(UNSIGNED-PAYLOAD), as they do over https.
"""
import contextlib
import os
import subprocess

from clients import Client, Lava, Rclone, Smbclient
from contest import Task, remove, same_file
from measure import BUILD

STORE = os.path.join(BUILD, 'bench', 'object_store')
BY_BOTO3 = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'peers', 'by_boto3.py')
BUCKET = 'bench'
KEYS = {'AWS_ACCESS_KEY_ID': 'bench', 'AWS_SECRET_ACCESS_KEY': 'bench', 'AWS_DEFAULT_REGION': 'us-east-1',
        'AWS_EC2_METADATA_DISABLED': 'true'}
CONFIG = '[default]\nregion = us-east-1\ns3 =\n  payload_signing_enabled = false\n'
BOTO3_PYTHON = '/usr/bin/python3'  # has Debian's python3-boto3


class Store:
    """One that is running, on a folder of its own."""

    def __init__(self, folder, keep):
        self.folder = folder
        os.makedirs(folder, exist_ok=True)
        with open(self.path('config'), 'w', encoding='utf-8') as out:
            out.write(CONFIG)
        argv = [STORE, 'serve', folder, *(['keep'] if keep else [])]
        self.process = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
        self.url = f'http://127.0.0.1:{int(self.process.stdout.readline())}'

    def path(self, name):
        return os.path.join(self.folder, name)

    def environment(self):
        return dict(KEYS, AWS_ENDPOINT_URL=self.url, AWS_CONFIG_FILE=self.path('config'),
                    AWS_SHARED_CREDENTIALS_FILE='/dev/null')

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


class Between(Client):
    """A client that moves between a share and a store: another one told how."""

    def __init__(self, client, store):
        super().__init__(client.name, client.program)
        self.client = client
        self.store = store

    def environment(self, place):
        return {**self.client.environment(place), **self.store.environment()}


class LavaBetween(Between):
    def to_store(self, place, there, here):
        return [self.program, 'get', place.url(there), f's3://{BUCKET}/{here}']

    def from_store(self, place, there, here):
        return [self.program, 'put', f's3://{BUCKET}/{here}', place.url(there)]


class RcloneBetween(Between):
    def environment(self, place):
        remote = {'TYPE': 's3', 'PROVIDER': 'Other', 'ENDPOINT': self.store.url, 'ENV_AUTH': 'true',
                  'NO_CHECK_BUCKET': 'true', 'USE_UNSIGNED_PAYLOAD': 'true', 'DISABLE_CHECKSUM': 'true',
                  'FORCE_PATH_STYLE': 'true'}
        mine = {**super().environment(place), **{f'RCLONE_CONFIG_S_{name}': value for name, value in remote.items()}}
        mine.pop('AWS_CA_BUNDLE', None)  # Debian's fails over it, whatever it says
        return mine

    def to_store(self, place, there, here):
        return ['rclone', '--retries', '1', 'copyto', f'lab:data/{there}', f's:{BUCKET}/{here}']

    def from_store(self, place, there, here):
        return ['rclone', '--retries', '1', 'copyto', f's:{BUCKET}/{here}', f'lab:data/{there}']


class ByMemory(Between):
    """As lava's own tool does it: all of the file here first."""

    def __init__(self, store):
        super().__init__(Smbclient(), store)
        self.name = 'smbclient and boto3'

    def absent(self):
        if subprocess.run([BOTO3_PYTHON, '-c', 'import boto3'], capture_output=True).returncode:
            return 'python3-boto3 is not installed'
        return super().absent()

    def _both(self, first, second):
        return ['sh', '-ec', f'{" ".join(map(quoted, first))}; {" ".join(map(quoted, second))}; rm "$0"',
                self.store.path('between')]

    def to_store(self, place, there, here):
        between = self.store.path('between')
        return self._both(self.client.get(place, there, between),
                          [BOTO3_PYTHON, BY_BOTO3, 'put', between, BUCKET, here])

    def from_store(self, place, there, here):
        between = self.store.path('between')
        return self._both([BOTO3_PYTHON, BY_BOTO3, 'get', between, BUCKET, here],
                          self.client.put(place, there, between))


def quoted(word):
    return "'" + word.replace("'", "'\\''") + "'"


def clients(bench, store):
    return bench.chosen(LavaBetween(Lava(), store), RcloneBetween(Rclone(), store), ByMemory(store))


def tasks(bench, samba, store, section, title, mib):
    """There and back; what comes to the store has a name of its own, so that it is seen to be new."""
    original, there = bench.original(mib), samba.local('put')
    object_ = os.path.basename(original)
    with contextlib.suppress(FileExistsError):
        os.link(original, store.path(object_))
    size = f'{mib >> 10} GiB' if mib % 1024 == 0 else f'{mib} MiB'
    return (Task(section, f'SHARE to S3 {size}{title}', 'to_store', 'file', 'put', mib, 'MiB', lambda _: None,
                 lambda: remove(store.path('put'))),
            Task(section, f'S3 to SHARE {size}{title}', 'from_store', 'put', object_, mib, 'MiB',
                 lambda _: same_file(original, there), lambda: remove(there)))


def kept(task, original, store):
    """The same task, to a store that keeps what it gets: compared."""
    return task._replace(check=lambda _: same_file(original, store.path('put')))


def contest(bench, samba, section, title, mib, port=None):
    """The rows of both directions."""
    with Store(bench.path('kept'), keep=True) as store:
        first = bench.contest(samba, port, calls=False, rounds=1)
        upload = tasks(bench, samba, store, section, title, mib)[0]
        tried = list(first.between(kept(upload, bench.original(mib), store), clients(bench, store)))
    wrong = {row['client']: row['note'] for row in tried if row['wall'] is None}
    with Store(bench.path('store'), keep=False) as store:
        bench.meter.watch_store(store.process.pid)
        for task in tasks(bench, samba, store, section, title, mib):
            for row in bench.contest(samba, port, calls=False).between(task, clients(bench, store)):
                yield {**row, 'wall': None, 'note': wrong[row['client']]} if row['client'] in wrong else row

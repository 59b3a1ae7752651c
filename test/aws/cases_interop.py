"""lava itself on top of the tool: its wrapper script, and the handlers of its smb_get and smb_put jobs.

Only for interop.py, whose Python has lava.
"""
import json
import os
import subprocess
import sys

from cases_credentials import KEYS
from cases_lava import ID, REALM, Lava
from cases_s3 import PART
from trial import Failure, case, noise

CLIENT = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'lava_client.py')
# A worker's: nothing that says what the job is.
RECORDS = ({}, {'subtype': 'pysmb'}, {'subtype': 'smbprotocol', 'encrypt': True},
           {'subtype': 'smbprotocol', 'is_direct_tcp': ...})


class Worker:
    """A machine on which lava runs, with our tool on its PATH."""

    def __init__(self, t):
        self.t = t
        self.temporary = os.path.join(t.aws_home, 'job')
        programs = os.path.join(t.aws_home, 'bin')
        os.mkdir(self.temporary)
        os.mkdir(programs)
        os.symlink(t.tool, os.path.join(programs, 'lava-smb'))
        # lava always names a profile, which then is over the environment's keys.
        t.aws_file('config', f'[default]\nregion = us-east-1\n{KEYS}')
        self.path = f'{programs}:{os.environ["PATH"]}'

    def environment(self, **more):
        return self.t.environment(PATH=self.path, LAVA_SMB_PASSWORD=None, **more)

    def lava(self, *argv, status=0):
        """Run lava_client.py.  Returns what it prints."""
        done = subprocess.run([sys.executable, CLIENT, *argv], env=self.environment(), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=self.temporary)
        if done.returncode != status:
            raise Failure(f'lava {argv[0]} ended with {done.returncode}: {done.stdout!r} {done.stderr[-2000:]!r}')
        return done.stdout.decode()

    def job(self, handler, status=0, **parameters):
        parameters = {'conn_id': ID, 'share_name': 'data', **parameters}
        temporary = self.t.s3.url('temporary')
        argv = (handler, REALM, self.temporary, temporary, json.dumps(parameters))
        return json.loads(self.lava(*argv, status=status))


@case('plain', 'sign', aws=True)
def handlers(t):
    """lava's handlers of smb_get and smb_put move files with every kind of connection"""
    worker, data = Worker(t), noise(PART + 1)
    lava = Lava(t)
    sound = dict(lava.record)
    t.place('x', data)
    for number, changes in enumerate(RECORDS):
        lava.record = dict(sound)
        lava.change(**changes)
        key = f'dir/{number} b'
        worker.job('smb_get', path=f'{lava.folder}/x', file=t.s3.url(key))
        t.equal(t.s3.get(key), data, f'{changes}')
        worker.job('smb_put', path=f'{lava.folder}/new {number}/y', file=t.s3.url(key), create_dirs=True)
        t.equal(t.remote(f'new {number}/y'), data, f'{changes}')
    worker.job('smb_get', path=f'{lava.folder}/x', file='relative')
    with open(os.path.join(worker.temporary, 'relative'), 'rb') as file:
        t.equal(file.read(), data)
    t.equal(t.s3.keys('temporary'), [], 'what was printed')


@case('netbios', aws=True)
def handlers_over_netbios(t):
    """the same where the connection says nothing of its transport"""
    t.always = []
    worker, data = Worker(t), noise(100_000)
    lava = Lava(t, port=..., is_direct_tcp=...)
    t.place('x', data)
    worker.job('smb_get', path=f'{lava.folder}/x', file=t.s3.url('x'))
    worker.job('smb_put', path=f'{lava.folder}/y', file=t.s3.url('x'))
    t.equal((t.s3.get('x'), t.remote('y')), (data, data))


@case(aws=True)
def rendered(t):
    """what the handler has rendered is not rendered again"""
    worker, lava = Worker(t), Lava(t)
    t.place('x', b'data')
    answer = worker.job('smb_get', path=lava.folder + '/{{ "x" }}', file=t.s3.url('{{ "{{y}}" }}'))
    t.equal((answer['destination'], t.s3.get('{{y}}')), (t.s3.url('{{y}}'), b'data'))


@case(aws=True)
def handlers_that_fail(t):
    """a job that fails tells lava what failed, in its first line"""
    worker, lava = Worker(t), Lava(t)
    answer = worker.job('smb_get', path=f'{lava.folder}/none', file=t.s3.url('x'), status=1)
    t.check('OBJECT_NAME_NOT_FOUND' in answer['data']['error'].splitlines()[0], answer)
    answer = worker.job('smb_put', path=f'{lava.folder}/x', file=t.s3.url('none'), status=1)
    t.check(answer['data']['error'].startswith(f'lava-smb: Download failed: {t.s3.url("none")}'), answer)
    lava.change(enabled=False)
    answer = worker.job('smb_put', path=f'{lava.folder}/x', file=t.s3.url('none'), status=1)
    t.equal(answer['data']['error'], 'lava-smb: Connection not enabled')


@case(aws=True)
def wrapper(t):
    """the script that lava gives to jobs as LAVA_CONN_* finds our tool"""
    worker, lava, data = Worker(t), Lava(t), noise(PART + 1)
    script = worker.lava('wrapper', REALM, ID, worker.temporary).strip()
    t.place('x', data)
    for argv in (('get', '-k', 'alias/data', lava.path('x'), t.s3.url('x')),
                 ('put', '-m', t.s3.url('x'), lava.path('n/y')), ('get', lava.path('n/y'), 'here')):
        done = subprocess.run([script, *argv], env=worker.environment(LAVA_REALM=REALM), cwd=t.home,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        t.equal((done.returncode, done.stdout, done.stderr), (0, b'', b''), argv[0])
    t.equal((t.s3.get('x'), t.remote('n/y'), t.local('here')), (data, data, data))


@case(aws=True)
def same_words(t):
    """what lava's own tool says of records that are none, ours says"""
    worker, lava = Worker(t), Lava(t)
    sound = dict(lava.record)
    theirs = os.path.join(os.path.dirname(sys.executable), 'lava-smb')
    t.place('x', b'data')
    for changes in ({'host': ..., 'user': ...}, {'foo': 1, 'bar': 2}, {'type': 'ssh'}, {'type': ...},
                    {'enabled': False}, {'enabled': ...}, {'port': 'abc'}, {'subtype': 'samba'}, {'password': '/lava/dev/none'}):
        lava.record = dict(sound)
        lava.change(**changes)
        argv = ['--conn-id', ID, '--realm', REALM, 'get', lava.path('x'), 'x']
        said = []
        for tool in (theirs, t.tool):
            done = subprocess.run([tool, *argv], env=worker.environment(), cwd=t.home, stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            said.append((done.returncode, done.stderr.decode().strip().splitlines()[-1]))
        t.equal(said[1][0], said[0][0], f'{changes}: exit status')
        t.check(said[1][1].startswith(said[0][1]), f'{changes}: {said}')

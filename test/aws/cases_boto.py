"""boto3, which knows nothing of us, reads what we wrote, and we what it wrote.

LAVA_BOTO_PYTHON is the Python that has it, by default the system's.
"""
import json
import os
import subprocess

from cases_s3 import PART, SSE, is_proven
from trial import Failure, Skip, case, noise

PYTHON = os.environ.get('LAVA_BOTO_PYTHON', '/usr/bin/python3')
CLIENT = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'boto_client.py')
SIZES = (0, 1000, PART + 1)


def _boto(t, *actions):
    """Let boto3 do these: (action, key, file, arguments)."""
    wanted = [(action, t.s3.name, key, t.file(name), arguments) for action, key, name, arguments in actions]
    done = subprocess.run([PYTHON, CLIENT], input=json.dumps(wanted).encode(), cwd=t.home, env=t.environment(),
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if b'No module named' in done.stdout:
        raise Skip(f'{PYTHON} has no boto3')
    if done.returncode != 0:
        raise Failure(f'boto3: {done.stdout.decode(errors="replace")[-1500:]}')


@case(aws=True)
def boto_reads(t):
    """boto3 reads what we wrote, and agrees with its checksum"""
    for size in SIZES:
        t.place('x', noise(size))
        t.ok('get', t.url('x'), t.s3.url(f'grüße/a b+{size}'))
    _boto(t, *(('get', f'grüße/a b+{size}', f'{size}', {'ChecksumMode': 'ENABLED'}) for size in SIZES))
    for size in SIZES:
        t.equal(t.local(f'{size}'), noise(size), f'{size}')


@case(aws=True)
def boto_writes(t):
    """we read what boto3 wrote, in one piece or in parts, whatever checksum it chose"""
    actions = []
    for size in SIZES:
        t.make(f'{size}', noise(size))
        for algorithm in ('CRC32', 'SHA256', None):
            arguments = {'ChecksumAlgorithm': algorithm} if algorithm else {}
            actions.append(('put', f'grüße/a b+{size}{algorithm}', f'{size}', arguments))
    _boto(t, *actions)
    for _, key, name, _ in actions:
        t.ok('put', t.s3.url(key), t.url('y'))
        t.equal(t.remote('y'), t.local(name), key)


@case(aws=True)
def same_as_boto(t):
    """what we write is what boto3 writes: type, encryption, parts"""
    data = noise(PART + 1)
    t.make('x', data)
    _boto(t, ('put', 'theirs', 'x', {'ServerSideEncryption': 'aws:kms', 'SSEKMSKeyId': 'alias/data'}))
    t.ok('cp', '-k', 'alias/data', 'x', t.s3.url('ours'))
    is_proven(t, 'ours', data)
    theirs, ours = t.s3.head('theirs'), t.s3.head('ours')
    for name in ('etag', 'content-length', SSE, SSE + '-aws-kms-key-id'):
        t.equal(ours.get(name), theirs.get(name), name)

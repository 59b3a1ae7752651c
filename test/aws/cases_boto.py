"""boto3, which knows nothing of us, reads what we wrote, and we what it wrote.

LAVA_BOTO_PYTHON is the Python that has it, by default the system's.
"""
import json
import os
import subprocess

from cases_s3 import PART, is_proven
from trial import Failure, Skip, case, noise

PYTHON = os.environ.get('LAVA_BOTO_PYTHON', '/usr/bin/python3')
CLIENT = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'boto_client.py')
SIZES = (0, 1000, PART + 1)


def _boto(t, action, key, path, **extra):
    done = subprocess.run([PYTHON, CLIENT, action, t.s3.name, key, path, json.dumps(extra)], cwd=t.home,
                          env=t.environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if b'No module named' in done.stdout:
        raise Skip(f'{PYTHON} has no boto3')
    if done.returncode != 0:
        raise Failure(f'boto3 {action} {key}: {done.stdout.decode(errors="replace")[-1500:]}')


@case(aws=True)
def boto_reads(t):
    """boto3 reads what we wrote, and agrees with its checksum"""
    for size in SIZES:
        data = noise(size)
        t.place('x', data)
        t.ok('get', t.url('x'), t.s3.url('grüße/a b+c'))
        _boto(t, 'get', 'grüße/a b+c', t.file('back'), ChecksumMode='ENABLED')
        t.equal(t.local('back'), data, str(size))


@case(aws=True)
def boto_writes(t):
    """we read what boto3 wrote, in one piece or in parts, whatever checksum it chose"""
    for algorithm in ('CRC32', 'SHA256', None):
        for size in (SIZES if algorithm == 'CRC32' else (PART + 1,)):
            data = noise(size)
            t.make('x', data)
            _boto(t, 'put', 'grüße/a b+c', t.file('x'), **({'ChecksumAlgorithm': algorithm} if algorithm else {}))
            t.ok('put', t.s3.url('grüße/a b+c'), t.url('y'))
            t.equal(t.remote('y'), data, f'{algorithm} {size}')


@case(aws=True)
def same_as_boto(t):
    """what we write is what boto3 writes: type, encryption, parts"""
    data = noise(PART + 1)
    t.make('x', data)
    _boto(t, 'put', 'theirs', t.file('x'), ServerSideEncryption='aws:kms', SSEKMSKeyId='alias/data')
    t.ok('cp', '-k', 'alias/data', 'x', t.s3.url('ours'))
    is_proven(t, 'ours', data)
    theirs, ours = t.s3.head('theirs'), t.s3.head('ours')
    for name in ('etag', 'content-length', 'x-amz-server-side-encryption', 'x-amz-server-side-encryption-aws-kms-key-id'):
        t.equal(ours.get(name), theirs.get(name), name)

"""get, put and cp with S3 on one side: lengths, names, what goes with the bytes."""
import base64
import os
import time
import zlib

from checksums import checksum, text
from lab import links_in
from trial import case, noise

PART = 8 << 20
SIZES = (0, 1, 1 << 16, PART - 1, PART, PART + 1, 20 << 20, 3 * PART)
KEYS = ('with blank', 'a+b', '50% off', 'what?', 'number#1', 'grüße-日本.txt', '😀', 'a//b', 'a/../b', './a',
        "it's", 'a&b=c;d', '~t!*():@,$', '%2F', 'a\\b')
SSE = 'x-amz-server-side-encryption'


def crc(data):
    return base64.b64encode(zlib.crc32(data).to_bytes(4, 'big')).decode()


def is_proven(t, key, data, what=''):
    """The object has these bytes, and the checksum of all of them."""
    t.equal(t.s3.get(key), data, f'{what} content')
    head = t.s3.head(key)
    t.equal((head.get('x-amz-checksum-crc32'), head.get('x-amz-checksum-type')), (crc(data), 'FULL_OBJECT'),
            f'{what} checksum')
    t.equal(t.s3.uploads(), [], 'unfinished uploads')


@case('plain', 'seal', 'smb202', aws=True)
def there_and_back(t):
    """share to S3 to share, of every length that matters"""
    for size in SIZES if t.samba.profile == 'plain' else (0, PART + 1):
        data = noise(size)
        t.place('x', data)
        t.ok('get', t.url('x'), t.s3.url('key'))
        is_proven(t, 'key', data, str(size))
        t.ok('put', t.s3.url('key'), t.url('back'))
        t.equal(t.remote('back'), data, str(size))
    t.only(here=[], there=['back', 'x'])


@case(aws=True)
def local_there_and_back(t):
    """local to S3 to local by cp"""
    for size in (0, 1, PART, 20 << 20):
        data = noise(size)
        t.make('x', data)
        t.ok('cp', 'x', t.s3.url('key'))
        is_proven(t, 'key', data, str(size))
        t.ok('cp', t.s3.url('key'), 'back')
        t.equal(t.local('back'), data, str(size))
    t.only(here=['back', 'x'])


@case(aws=True)
def s3_to_s3(t):
    """cp from one key to another"""
    data = noise(PART + 5)
    t.s3.put('a', data)
    t.ok('cp', t.s3.url('a'), t.s3.url('b/c'))
    is_proven(t, 'b/c', data)


@case(aws=True)
def pipes(t):
    """standard input to S3, of whatever length, and S3 to standard output"""
    for size in (0, 1, PART, PART + 1, 20 << 20):
        data = noise(size)
        t.ok('cp', '-', t.s3.url('key'), data=data)
        is_proven(t, 'key', data, str(size))
        t.equal(t.ok('cp', t.s3.url('key'), '-').out, data, str(size))


@case(aws=True)
def one_request_or_parts(t):
    """up to a part is one request, more is as few parts as need be; the first request alone names encryption"""
    t.place('x', noise(PART))
    t.place('y', noise(PART + 1))
    t.ok('get', t.url('x'), t.s3.url('x'))
    t.equal([t.gate.line(entry) for entry in t.s3.journal()], [f'PUT s3 {t.s3.place("x")}'])
    t.ok('get', t.url('y'), t.s3.url('y'))
    t.equal(len(t.s3.journal('PUT /y.*partNumber')), 2, 'parts')
    t.equal(len(t.s3.journal('POST /y')), 2, 'create and complete')
    for entry in t.s3.journal():
        named = entry['headers'].get(SSE)
        t.equal(named, 'AES256' if 'uploadId' not in entry['query'] else None, t.gate.line(entry))


@case(aws=True)
def small_download_is_one_request(t):
    """a small object is one GET, and no question before it; a checksum that it lacks is asked for behind it"""
    t.place('x', b'small')
    t.ok('get', t.url('x'), t.s3.url('x'))
    t.ok('put', t.s3.url('x'), t.url('y'))
    t.equal(t.remote('y'), b'small')
    t.equal(_questions(t), ['GET'])
    t.s3.put('bare', b'other')
    t.ok('put', t.s3.url('bare'), t.url('y'))
    t.equal(t.remote('y'), b'other')
    t.equal(_questions(t), ['GET', 'GET', 'HEAD'])


def _questions(t):
    return [entry['method'] for entry in t.s3.journal() if entry['method'] != 'PUT']


@case(aws=True)
def awkward_keys(t):
    """keys are taken as they are, whatever is in them"""
    for key in KEYS:
        t.place('x', key.encode())
        t.ok('get', t.url('x'), t.s3.url(key))
        t.equal(t.s3.get(key), key.encode(), key)
        t.ok('put', t.s3.url(key), t.url('y'))
        t.equal(t.remote('y'), key.encode(), key)
    t.equal(t.s3.keys(), sorted(KEYS))


@case(aws=True)
def slash_behind_a_key(t):
    """a slash behind a key goes, as in lava"""
    t.place('x', b'data')
    t.ok('get', t.url('x'), t.s3.url('a/b/'))
    t.equal(t.s3.keys(), ['a/b'])
    t.ok('put', t.s3.url('a/b/'), t.url('y'))
    t.equal(t.remote('y'), b'data')


@case(aws=True)
def overwrites(t):
    """an object that is there is replaced, and a file too"""
    for data in (b'one', b'another one', b''):
        t.place('x', data)
        t.ok('get', t.url('x'), t.s3.url('key'))
        t.equal(t.s3.get('key'), data)
        t.ok('put', t.s3.url('key'), t.url('y'))
        t.equal(t.remote('y'), data)


@case(aws=True)
def kms(t):
    """--kms-key-id names the key of KMS; without it, or empty, S3's own is asked for"""
    t.gate.policy(require_sse=True)
    t.place('x', noise(100))
    t.place('y', noise(PART + 1))
    arn = 'arn:aws:kms:us-east-1:1:key/1-2'
    for name, options, wanted in (('x', (), ('AES256', None)), ('x', ('-k', ''), ('AES256', None)),
                                  ('x', ('-k', 'alias/data'), ('aws:kms', 'alias/data')),
                                  ('x', ('--kms-key-id', arn), ('aws:kms', arn)),
                                  ('y', (), ('AES256', None)), ('y', ('-k', arn), ('aws:kms', arn))):
        for argv in ((*options, t.url(name), t.s3.url(name)), (t.url(name), t.s3.url(name), *options)):
            t.ok('get', *argv)
            head = t.s3.head(name)
            t.equal((head[SSE], head.get(SSE + '-aws-kms-key-id')), wanted, f'{argv}')


@case(aws=True)
def versions(t):
    """the latest version is read, one alone from its first byte to its last"""
    t.gate.bucket(t.s3.name, versions=True)
    old, new = noise(20 << 20, 1), noise(20 << 20, 2)
    version = t.s3.put('x', old).header('x-amz-version-id')
    t.check(version, 'the gateway keeps no versions')
    t.s3.put('x', new)
    t.ok('cp', t.s3.url('x'), 'y')
    t.equal(t.local('y'), new)
    t.s3.fault('GET', 'replace', text='other', after=1)  # whoever names the version does not mind
    t.ok('cp', t.s3.url('x'), 'y')
    t.equal(t.local('y'), new)
    t.equal(t.s3.get('x', version), old)


@case(aws=True)
def checksums_of_others(t):
    """whatever checksum an object has, it can be read"""
    data = noise(200000)
    for name in ('crc32c', 'crc64nvme', 'sha256', None):
        headers = {} if name is None else {f'x_amz_checksum_{name}': text(checksum(name, data))}
        t.s3.put('x', data, **headers)
        t.ok('cp', t.s3.url('x'), 'y')
        t.equal(t.local('y'), data, name)


@case(aws=True)
def odd_lengths_of_parts(t):
    """many parts, the last of them short, arrive in order"""
    data = noise(5 * PART + 12345)
    t.place('x', data)
    t.ok('get', t.url('x'), t.s3.url('x'))
    is_proven(t, 'x', data)
    numbers = [entry['query'] for entry in t.s3.journal('PUT /x.*partNumber')]
    t.equal(len(numbers), 6)
    t.equal(sum(entry['length'] for entry in t.s3.journal('PUT /x.*partNumber')), len(data))


@case(aws=True)
def several_requests_at_once(t):
    """parts are stored at the same time, and pieces read at the same time"""
    data = noise(5 * PART)
    t.make('x', data)

    def at_once(seconds, method, argv):
        t.gate.reset()
        t.s3.fault(method, 'delay', seconds=seconds, times=20)
        t.ok(*argv)
        runs = [(entry['began'], entry['ended']) for entry in t.s3.journal(method)]
        together = max(sum(began <= moment < ended for began, ended in runs) for moment, _ in runs)
        t.check(together >= 3, f'{method}: no more than {together} at once, which take {seconds} s')

    for method, argv in (('PUT', ('cp', 'x', t.s3.url('x'))), ('GET', ('cp', t.s3.url('x'), 'y'))):
        t.in_time(lambda seconds, method=method, argv=argv: at_once(seconds, method, argv), 0.5, 2, 6)
    t.equal(t.local('y'), data)


@case(aws=True)
def nothing_on_the_disk(t):
    """a transfer between a share and S3 leaves nothing here at any time"""
    data = noise(4 * PART)
    t.place('x', data)
    t.s3.fault('PUT', 'delay', seconds=0.2, times=10)
    run = t.start('get', t.url('x'), t.s3.url('x'))
    while run.poll() is None:
        t.equal((os.listdir(t.home), os.listdir(t.temporaries)), ([], []))
        links = list(links_in(f'/proc/{run.pid}/fd'))
        t.check(not any(link.startswith((t.home, t.temporaries, '/tmp/')) for link in links), f'open: {links}')
        time.sleep(0.05)
    t.equal(t.finish(run).status, 0)
    t.equal(t.s3.get('x'), data)


@case(aws=True)
def times_go_with_trees_alone(t):
    """a single file's times are not written to S3"""
    t.place('x', b'data')
    t.ok('get', t.url('x'), t.s3.url('x'))
    t.check('x-amz-meta-mtime' not in t.s3.head('x'), str(t.s3.head('x')))


@case(aws=True)
def quiet(t):
    """a run that succeeds says nothing"""
    t.place('x', noise(PART + 1))
    result = t.ok('get', t.url('x'), t.s3.url('x'))
    t.equal((result.out, result.err), (b'', b''))
    result = t.ok('put', t.s3.url('x'), t.url('y'))
    t.equal((result.out, result.err), (b'', b''))


@case(aws=True)
def no_place_for_s3(t):
    """what S3 has no answer for is a usage error that says so"""
    t.fails(2, 'ls', t.s3.url(''), says='s3')
    t.fails(2, 'rm', t.s3.url('x'), says='s3')
    t.fails(2, 'get', t.url('x'), 's3://', says='s3')
    t.equal(t.s3.journal(), [])

"""S3 when it does not do what is wanted: what is tried again, what is not, what is said, what is left behind."""
import os
import time

from cases_s3 import PART, crc, is_proven
from trial import case, noise

BIG = PART + 777


def _stored(t, data, key='x', **how):
    """Put `data` on the share and get it to S3; all must be well."""
    t.place('x', data)
    result = t.ok('get', t.url('x'), t.s3.url(key), **how)
    is_proven(t, key, data)
    return result


def _fetched(t, data, **how):
    """Put an object with its checksum and fetch it to the share; all must be well."""
    t.s3.put('x', data, x_amz_checksum_crc32=crc(data))
    t.ok('put', t.s3.url('x'), t.url('y'), **how)
    t.equal(t.remote('y'), data)


def _not_stored(t, status, says, data=None, **how):
    t.place('x', noise(BIG) if data is None else data)
    t.fails(status, 'get', t.url('x'), t.s3.url('x'), says=says, **how)
    t.equal((t.s3.keys(), t.s3.uploads()), ([], []), 'what is left in S3')


def _not_fetched(t, status, says, **how):
    t.fails(status, 'put', t.s3.url('x'), t.url('y'), says=says, **how)
    t.check(not os.path.exists(t.path('y')), 'a file on the share')


# What is tried again.

@case(aws=True)
def storing_again(t):
    """a request to store is made again: errors of the server, too many requests, connections lost anywhere"""
    for fault in ({'do': 'status', 'status': 503, 'code': 'SlowDown', 'times': 2}, {'do': 'status', 'status': 500},
                  {'do': 'status', 'status': 503, 'code': 'ServiceUnavailable', 'early': True},
                  {'do': 'status', 'status': 400, 'code': 'RequestTimeout'}, {'do': 'reset'}, {'do': 'lost'},
                  {'do': 'reset', 'read': 0}, {'do': 'reset', 'read': 100000}, {'do': 'close-after'}):
        t.s3.fault('PUT', **fault)
        _stored(t, noise(200000))


@case(aws=True)
def parts_again(t):
    """a part is stored again, by itself"""
    for fault in ({'do': 'status', 'status': 503, 'code': 'SlowDown'}, {'do': 'reset', 'read': 100000},
                  {'do': 'lost'}, {'do': 'status', 'status': 503, 'code': 'ServiceUnavailable', 'early': True}):
        before = len(t.s3.journal('PUT'))
        t.s3.fault('PUT', **fault)
        _stored(t, noise(BIG))
        t.equal(len(t.s3.journal('PUT')) - before, 3, f'{fault}: requests for two parts')


@case(aws=True)
def fetching_again(t):
    """a request to fetch is made again, and goes on where the bytes ended"""
    for fault in ({'do': 'status', 'status': 503, 'code': 'SlowDown', 'times': 2}, {'do': 'status', 'status': 500},
                  {'do': 'reset'}, {'do': 'cut', 'bytes': 0}, {'do': 'cut', 'bytes': 100000},
                  {'do': 'cut', 'bytes': 30000, 'times': 4}):
        t.s3.fault('GET', **fault)
        _fetched(t, noise(200000))
    t.s3.fault('GET', 'status', status=500)
    t.s3.fault('GET', 'cut', bytes=100000, times=3)
    _fetched(t, noise(BIG))


@case(aws=True)
def going_on_asks_for_the_rest(t):
    """what came before a connection was lost is not asked for again"""
    data = noise(6 << 20)
    t.s3.put('x', data, x_amz_checksum_crc32=crc(data))
    t.s3.fault('GET', 'cut', bytes=900000)
    t.ok('cp', t.s3.url('x'), 'y')
    t.equal(t.local('y'), data)
    asked = [entry['headers'].get('range') for entry in t.s3.journal('GET')]
    t.check(len(set(asked)) == len(asked), f'asked twice: {asked}')


@case(aws=True)
def create_again(t):
    """the beginning of an upload is asked for again"""
    for fault in ({'do': 'status', 'status': 503, 'code': 'SlowDown'}, {'do': 'reset'}):
        t.s3.fault(r'POST \?uploads', **fault)
        _stored(t, noise(BIG))


@case(aws=True)
def complete_again(t):
    """the end of an upload is asked for again: errors, errors that look like success, answers that were lost"""
    for fault in ({'do': 'status', 'status': 503, 'code': 'SlowDown'}, {'do': 'error-in-200'},
                  {'do': 'error-in-200', 'code': 'SlowDown', 'times': 2}, {'do': 'reset'}, {'do': 'lost'}):
        t.s3.fault('POST uploadId', **fault)
        _stored(t, noise(BIG))


@case(aws=True)
def complete_lost_and_forgotten(t):
    """after a lost answer an upload nobody knows any more is looked for under its name"""
    t.s3.fault('POST uploadId', 'lost')
    t.s3.fault('POST uploadId', 'status', status=404, code='NoSuchUpload')
    _stored(t, noise(BIG))


@case(aws=True)
def complete_that_takes_long(t):
    """white space before the answer is waited through"""
    t.s3.fault('POST uploadId', 'blanks', seconds=3)
    _stored(t, noise(BIG))


@case(aws=True)
def slow_down_slows_down(t):
    """many SlowDowns are borne, with pauses"""
    t.s3.fault('PUT', 'status', status=503, code='SlowDown', times=6)
    began = time.monotonic()
    _stored(t, noise(BIG))
    t.check(time.monotonic() - began > 0.2, 'it did not wait at all')


@case(aws=True)
def no_continue(t):
    """a server that never asks for a body held back gets it after a second"""
    t.s3.fault('PUT', 'no-continue', times=10)
    _stored(t, noise(BIG))


# What is not.

@case(aws=True)
def too_often(t):
    """a server that never comes to itself ends it, and with it what was begun"""
    t.s3.fault('PUT partNumber=2', 'status', status=500, times=1000)
    _not_stored(t, (1, 6), 's3://.*x.*InternalError', env={'AWS_MAX_ATTEMPTS': '3'})
    t.equal(len(t.s3.journal('PUT partNumber=2')), 3, 'attempts')


@case(aws=True)
def missing_bucket(t):
    """a bucket that is not there is not found"""
    t.place('x', b'data')
    t.fails(4, 'get', t.url('x'), 's3://no-such-bucket-here/x', says='NoSuchBucket|bucket.*not exist')
    t.fails(4, 'put', 's3://no-such-bucket-here/x', t.url('y'), says='s3://no-such-bucket-here/x')
    t.only(there=['x'])


@case(aws=True)
def missing_key(t):
    """a key that is not there is not found, and the file that was there stays"""
    t.place('y', b'old')
    t.fails(4, 'put', t.s3.url('nope'), t.url('y'),
            says=r'Download failed: s3://.*/nope - An error occurred \(404\)')
    t.equal(t.remote('y'), b'old')


@case(aws=True)
def denied(t):
    """access denied is said, and not tried again"""
    t.s3.put('x', b'data')
    t.gate.policy(denied=['^(PUT|GET) .*/x'])
    t.place('f', b'data')
    t.fails(5, 'get', t.url('f'), t.s3.url('x'), says=r'Upload failed: s3://.*/x - .*AccessDenied')
    t.fails(5, 'put', t.s3.url('x'), t.url('g'), says='s3://.*(AccessDenied|403)')
    t.equal(len([entry for entry in t.s3.journal() if entry['status'] == 403]), 2, 'denied requests')
    t.only(there=['f'])


@case(aws=True)
def denied_part(t):
    """denied in the middle of an upload, what was begun is taken away"""
    t.gate.policy(denied=['^PUT .*partNumber=2'])
    _not_stored(t, 5, 'AccessDenied')


@case(aws=True)
def denied_abort(t):
    """where taking away is denied too, the error stays what it was, and a warning says so"""
    t.gate.policy(denied=['^PUT .*partNumber=2', '^DELETE'])
    t.place('x', noise(BIG))
    result = t.fails(5, 'get', t.url('x'), t.s3.url('x'), says='AccessDenied')
    t.check(b'part' in result.err.lower() or b'abort' in result.err.lower(), str(result))
    t.equal((t.s3.keys(), t.s3.uploads()), ([], ['x']))


@case(aws=True)
def error_for_good_in_200(t):
    """an error that looks like success is an error"""
    t.s3.fault('POST uploadId', 'error-in-200', code='InvalidPart', times=100)
    _not_stored(t, (1, 6, 8), 'InvalidPart')


@case(aws=True)
def corrupted_on_the_way_in(t):
    """bytes that change on their way from S3 are noticed, and nothing stays"""
    data = noise(BIG)
    for size in (1000, BIG):
        t.s3.put('x', data[:size], x_amz_checksum_crc32=crc(data[:size]))
        for at in (0, -1):
            t.s3.fault('GET', 'corrupt', at=at)
            _not_fetched(t, 8, 'checksum|CRC')
    t.gate.policy(range_checksums=True)
    t.s3.fault('GET', 'corrupt', at=5)
    _not_fetched(t, 8, 'checksum|CRC')


@case(aws=True)
def corrupted_on_the_way_out(t):
    """bytes that change on their way to S3 never become an object"""
    for size in (1000, BIG):
        data = noise(size)
        t.place('x', data)
        t.s3.fault('PUT', 'spoil', at=7)
        result = t.run('get', t.url('x'), t.s3.url('x'))
        t.equal(t.s3.get('x'), data if result.status == 0 else None)
        t.equal(t.s3.uploads(), [])
        t.gate.delete(t.s3.place('x'))


@case(aws=True)
def archived(t):
    """an object in an archive is said to be there"""
    t.s3.put('x', b'data')
    t.s3.fault('GET', 'status', status=403, code='InvalidObjectState', times=10,
               message="The operation is not valid for the object's storage class")
    _not_fetched(t, (1, 5), 'InvalidObjectState')
    t.equal(len(t.s3.journal('GET')), 1, 'requests')


@case(aws=True)
def corrupted_and_not_compared(t):
    """response_checksum_validation=when_required compares nothing"""
    data = noise(1000)
    t.s3.put('x', data, x_amz_checksum_crc32=crc(data))
    t.s3.fault('GET', 'corrupt', at=0)
    t.ok('cp', t.s3.url('x'), 'y', env={'AWS_RESPONSE_CHECKSUM_VALIDATION': 'when_required'})
    t.equal(t.local('y')[1:], data[1:])


@case(aws=True)
def replaced_between_ranges(t):
    """an object that is replaced while it is read ends with 8, and nothing stays"""
    t.s3.put('x', noise(2 * BIG))
    t.s3.fault('GET', 'replace', text='other', after=1)
    _not_fetched(t, 8, 'replaced|changed')


@case(aws=True)
def removed_between_ranges(t):
    """an object that is removed while it is read fails, and nothing stays"""
    t.s3.put('x', noise(BIG))
    t.s3.fault('GET', 'replace', remove=True, after=1)
    _not_fetched(t, (4, 8), r's3://.*/x')


@case(aws=True)
def ranges_ignored(t):
    """a server that knows no ranges sends it all in one"""
    for size in (0, 1000, BIG):
        t.s3.fault('GET', 'no-range', times=100)
        _fetched(t, noise(size))


# Who they are, where they are, when it is.

@case(aws=True)
def checksums_unknown(t):
    """a store that knows no checksums gets the bytes without"""
    t.gate.policy(no_checksums=True)
    for size in (1000, BIG):
        data = noise(size)
        t.place('x', data)
        t.ok('get', t.url('x'), t.s3.url('x'))
        t.equal(t.s3.get('x'), data)


@case(aws=True)
def checksums_unwanted(t):
    """request_checksum_calculation=when_required sends none"""
    for size in (1000, BIG):
        t.place('x', noise(size))
        t.ok('get', t.url('x'), t.s3.url('x'), env={'AWS_REQUEST_CHECKSUM_CALCULATION': 'when_required'})
        t.check(not any(name.startswith('x-amz-checksum') for entry in t.s3.journal('P')
                        for name in entry['headers']), 'a checksum was sent')


@case(aws=True)
def elsewhere(t):
    """a bucket in another region is found there, however S3 says so, and asked there from then on"""
    data = noise(BIG)
    t.place('x', data)
    t.gate.policy(regions={t.s3.name: 'eu-north-1'})
    for redirect in (301, 307, 400):
        t.gate.policy(redirect=redirect)
        before = len(t.s3.journal())
        t.ok('get', t.url('x'), t.s3.url(f'x{redirect}'))
        statuses = [entry['status'] for entry in t.s3.journal()[before:]]
        t.equal(statuses.count(redirect), 1, f'{redirect} was told in {statuses}')
        t.ok('cp', t.s3.url(f'x{redirect}'), 'y')
        t.equal(t.local('y'), data)


@case(aws=True)
def wrong_clock(t):
    """a clock that is wrong by an hour is made up for, in one request more"""
    for clock in (3600, -3600):
        data = noise(BIG)
        t.place('x', data)
        t.gate.policy(clock=clock)
        t.ok('get', t.url('x'), t.s3.url('x'))
        refused = [entry for entry in t.s3.journal() if entry['code'] == 'RequestTimeTooSkewed']
        t.check(1 <= len(refused) <= 8, f'{len(refused)} refused')
        t.gate.reset()
        is_proven(t, 'x', data)


@case(aws=True)
def silent(t):
    """a server that falls silent is given up after --timeout"""
    t.place('x', noise(1000))
    t.s3.fault('PUT', 'delay', seconds=120, times=100)
    began = time.monotonic()
    t.fails(6, 'get', '--timeout', '1s', t.url('x'), t.s3.url('x'), env={'AWS_MAX_ATTEMPTS': '2'})
    t.check(time.monotonic() - began < 60, 'it took long')


@case(aws=True)
def slow_is_not_silent(t):
    """an answer that comes slowly but steadily is waited for"""
    data = noise(1 << 20)
    t.s3.put('x', data)

    def get(seconds):
        t.s3.fault('GET', 'slow', bytes=100000, seconds=0.2 * seconds)
        t.ok('cp', '--timeout', f'{seconds}s', t.s3.url('x'), 'y')

    t.in_time(get, 1, 4, 12)
    t.equal(t.local('y'), data)


@case(aws=True)
def nobody_there(t):
    """no server at the end point is said, with the URL"""
    t.place('x', b'data')
    t.fails(6, 'get', t.url('x'), t.s3.url('x'), says='Could not connect to the endpoint URL: "http://127.0.0.1:1/',
            env={'AWS_ENDPOINT_URL': 'http://127.0.0.1:1', 'AWS_MAX_ATTEMPTS': '2'})


@case(aws=True)
def share_fails(t):
    """a share that ends first leaves nothing in S3"""
    t.fails(4, 'get', t.url('not there'), t.s3.url('x'))
    t.s3.put('x', noise(BIG))
    t.fails(4, 'put', t.s3.url('x'), t.url('no folder') + '/y')
    t.equal(t.s3.uploads(), [])
    t.equal(t.s3.keys(), ['x'])

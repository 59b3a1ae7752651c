"""The gateway itself: that it refuses what AWS refuses, so that the other cases prove something."""
import base64
import datetime
import zlib

import aws_gate
import checksums
import sigv4_check
from http_wire import Request
from sigv4_samples import SAMPLES
from trial import case, noise

PART = 5 << 20
COMPLETE = '<CompleteMultipartUpload>{}</CompleteMultipartUpload>'


def _crc(data):
    return base64.b64encode(zlib.crc32(data).to_bytes(4, 'big')).decode()


@case(aws=True)
def published_signatures(t):
    """signatures are what others have published"""
    for name, (_, secret, region, service, moment), method, target, headers, payload, wanted in SAMPLES:
        request = Request(method, target, {**headers, 'x-amz-date': moment}, 0)
        canonical = sigv4_check.canonical_request(request, service, sorted(request.headers), payload)
        scope = f'{moment[:8]}/{region}/{service}/aws4_request'
        t.equal(sigv4_check.signature(secret, scope, moment, canonical), wanted, name)


@case(aws=True)
def published_checksums(t):
    """checksums have the check values of their definitions, and join"""
    data = noise(3000)
    for name, wanted in (('crc32', 'cbf43926'), ('crc32c', 'e3069283'), ('crc64nvme', 'ae8b14860a799888')):
        t.equal(checksums.checksum(name, b'123456789').hex(), wanted, name)
        pieces = [data[:1000], b'', data[1000:]]
        joined = checksums.join(name, [(checksums.checksum(name, piece), len(piece)) for piece in pieces])
        t.equal(joined, checksums.checksum(name, data), name)


def _refused(t, wanted, spoil, method='PUT', now=None, region=aws_gate.REGION):
    """Send a request that is right but for what `spoil` does to it after it was signed."""
    target = t.s3.place('x')
    request = Request(method, target, {'host': f'{aws_gate.HOST}:{t.gate.port}'}, 0, b'body')
    key = sigv4_check.Key(aws_gate.SECRET)
    sigv4_check.sign(request, aws_gate.ACCESS_KEY, key, region, 's3', now)
    spoil(request)
    status, body, _ = t.gate.http(method, request.target, request.headers, request.body)
    t.check(status >= 400 and wanted.encode() in body, f'{wanted}: {status} {body[:300]!r}')
    t.equal(t.s3.keys(), [], wanted)


@case(aws=True)
def spoilt_requests(t):
    """a request is refused for its signature, key, token, date, region, body and headers"""
    def header(name, value):
        return lambda request: request.headers.update({name: value})

    old = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=1)
    _refused(t, 'AccessDenied', lambda request: request.headers.pop('authorization'))
    _refused(t, 'AccessDenied', header('x-amz-meta-a', 'unsigned'))
    _refused(t, 'SignatureDoesNotMatch', lambda request: setattr(request, 'target', request.target + 'y'))
    _refused(t, 'SignatureDoesNotMatch', header('host', 'other.example'))
    _refused(t, 'XAmzContentSHA256Mismatch', lambda request: setattr(request, 'body', b'other'))
    _refused(t, 'InvalidToken', header('x-amz-security-token', 'token'))
    _refused(t, 'RequestTimeTooSkewed', lambda request: None, now=old)
    _refused(t, 'AuthorizationHeaderMalformed', lambda request: None, region='eu-north-1')


@case(aws=True)
def spoilt_bodies(t):
    """a body is refused that is not what its checksum says, or whose encryption makes no sense"""
    def refused(code, **headers):
        answer = t.gate.ask('PUT', t.s3.place('x'), body=b'body', **headers)
        t.check(code.encode() in answer.body, f'{headers}: {answer}')

    refused('BadDigest', x_amz_checksum_crc32=_crc(b'other'))
    refused('BadDigest', x_amz_checksum_crc64nvme='AAAAAAAAAAA=')
    refused('InvalidArgument', x_amz_server_side_encryption='ROT13')
    refused('InvalidArgument', x_amz_server_side_encryption='AES256',
            x_amz_server_side_encryption_aws_kms_key_id='alias/a')
    t.gate.policy(require_sse=True)
    refused('AccessDenied')
    t.s3.put('x', b'body', x_amz_server_side_encryption='AES256', x_amz_checksum_crc32=_crc(b'body'))
    t.equal(t.s3.head('x')['x-amz-server-side-encryption'], 'AES256')
    t.equal(t.s3.head('x')['x-amz-checksum-crc32'], _crc(b'body'))


@case(aws=True)
def uploads_in_parts(t):
    """an upload in parts is compared as a whole: order, sizes, checksums"""
    data = noise(PART + 1000)
    parts = [data[:PART], data[PART:]]
    begun = t.gate.ask('POST', t.s3.place('x'), 'uploads=', x_amz_checksum_algorithm='CRC32',
                       x_amz_checksum_type='FULL_OBJECT')
    upload = begun.body.partition(b'<UploadId>')[2].partition(b'<')[0].decode()
    wrong = t.gate.ask('PUT', t.s3.place('x'), f'partNumber=1&uploadId={upload}', parts[0])
    t.check(b'Checksum Type mismatch' in wrong.body, str(wrong))
    tags = []
    for number, part in enumerate(parts, 1):
        answer = t.gate.ask('PUT', t.s3.place('x'), f'partNumber={number}&uploadId={upload}', part,
                            x_amz_checksum_crc32=_crc(part))
        tags.append(f'<Part><PartNumber>{number}</PartNumber><ETag>{answer.header("etag")}</ETag>'
                    f'<ChecksumCRC32>{_crc(part)}</ChecksumCRC32></Part>')

    def complete(order=(0, 1), **headers):
        body = COMPLETE.format(''.join(tags[at] for at in order)).encode()
        return t.gate.ask('POST', t.s3.place('x'), f'uploadId={upload}', body, **headers)

    t.check(b'InvalidPartOrder' in complete((1, 0)).body, 'wrong order')
    t.check(b'BadDigest' in complete(x_amz_checksum_crc32=_crc(b'x')).body, 'wrong checksum')
    t.check(b'InvalidRequest' in complete(x_amz_mp_object_size='5').body, 'wrong size')
    t.equal(t.s3.uploads(), ['x'])
    done = complete(x_amz_checksum_crc32=_crc(data), x_amz_mp_object_size=str(len(data)))
    t.check(_crc(data).encode() in done.body, str(done))
    t.equal((t.s3.get('x'), t.s3.uploads()), (data, []))
    t.equal(t.s3.head('x')['x-amz-checksum-type'], 'FULL_OBJECT')

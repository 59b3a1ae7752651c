"""S3 as AWS has it, in front of a storage that has less: encryption headers and policies, checksums of every kind
kept and compared, multipart uploads put together from their parts' checksums, conditions, regions.
"""
import re
import urllib.parse
import xml.etree.ElementTree as xml
from dataclasses import dataclass, field

import checksums
from http_wire import Answer
from refusal import Refusal

SSE = 'x-amz-server-side-encryption'
KMS_KEY = SSE + '-aws-kms-key-id'
CHECKSUM = 'x-amz-checksum-'
PART_LEAST = 5 << 20
FORWARDED = re.compile(r'x-amz-meta-.*|content-(type|md5|encoding|disposition)|range|if-.*|cache-control$')
KEPT = re.compile(r'x-amz-(meta-.*|version-id|delete-marker)|etag|last-modified|'
                  r'content-(type|length|range|encoding)', re.I)


@dataclass
class Kept:
    """What S3 knows of an object, or of an upload, besides its bytes."""
    sse: dict
    algorithm: str = None
    kind: str = None        # FULL_OBJECT or COMPOSITE
    value: str = None       # in base64
    parts: dict = field(default_factory=dict)  # number -> (bytes, checksums by name)

    def headers(self):
        if self.value is None:
            return []
        return [(CHECKSUM + self.algorithm, self.value), (CHECKSUM + 'type', self.kind)]


def _tag(element):
    return element.tag.rpartition('}')[2]


def _parts(body):
    """The parts that a CompleteMultipartUpload names: [{'PartNumber': ..., 'ETag': ..., ...}]."""
    try:
        root = xml.fromstring(body)
    except xml.ParseError as error:
        raise Refusal(400, 'MalformedXML', str(error)) from None
    if _tag(root) != 'CompleteMultipartUpload' or not len(root):
        raise Refusal(400, 'MalformedXML', 'no CompleteMultipartUpload, or one without parts')
    return [{_tag(value): value.text for value in part} for part in root]


def _sums(request):
    """The checksums that a request says its body has: name -> base64."""
    found = {name: request.headers[CHECKSUM + name] for name in checksums.NAMES
             if CHECKSUM + name in request.headers}
    if len(found) > 1:
        raise Refusal(400, 'InvalidRequest', 'Expecting a single x-amz-checksum- header.')
    return found


def _compare(sums, body):
    for name, value in sums.items():
        if checksums.text(checksums.checksum(name, body)) != value:
            raise Refusal(400, 'BadDigest',
                          f'The {name.upper()} you specified did not match the calculated checksum.')


def _is_whole(answer):
    """Whether an answer has all of the object, if perhaps as a range."""
    found = re.fullmatch(r'bytes (\d+)-(\d+)/(\d+)', answer.header('content-range', ''))
    return answer.status == 200 or bool(found) and int(found[1]) == 0 and int(found[2]) + 1 == int(found[3])


class S3:
    def __init__(self, storage, policy):
        self.storage, self.policy = storage, policy
        self.versioned = set()  # the buckets that keep versions
        self.objects = {}  # (path, version) -> Kept
        self.uploads = {}  # id -> Kept

    def answer(self, request):
        """The answer to a request whose signature is right."""
        arguments = request.arguments()
        self._obey(request)
        if request.place.count('/') < 2 or request.place.endswith('/') and request.place.count('/') == 2:
            return self._forward(request)  # a bucket's
        if request.method == 'PUT' and 'uploadId' in arguments:
            return self._put_part(request, arguments)
        if request.method == 'PUT':
            return self._put(request)
        if request.method == 'POST' and 'uploads' in arguments:
            return self._create(request)
        if request.method == 'POST' and 'uploadId' in arguments:
            return self._complete(request, arguments['uploadId'])
        if request.method in ('GET', 'HEAD'):
            return self._read(request, arguments)
        return self._forward(request)

    def _forward(self, request, body=None):
        headers = {name: value for name, value in request.headers.items()
                   if FORWARDED.fullmatch(name) and name not in request.hidden}
        target = request.place + self._query(request)
        answer = self.storage.call(request.method, target, headers, request.body if body is None else body)
        answer.headers = [pair for pair in answer.headers if KEPT.fullmatch(pair[0])]
        return answer

    def _query(self, request):
        query = request.query
        if self.policy.page and 'list-type' in query:
            query = re.sub('(^|&)max-keys=[0-9]*', '', query) + f'&max-keys={self.policy.page}'
        return f'?{query}' if query else ''

    # Policies.

    def _obey(self, request):
        policy = self.policy
        for pattern in policy.denied:
            if re.search(pattern, f'{request.method} {urllib.parse.unquote(request.place)}?{request.query}'):
                raise Refusal(403, 'AccessDenied', 'Access Denied')
        named = [name for name in request.headers
                 if name.startswith(CHECKSUM) or name == 'x-amz-sdk-checksum-algorithm']
        if policy.no_checksums and request.method != 'GET' and named:
            raise Refusal(501, 'NotImplemented', f'A header you provided implies functionality that is not '
                          f'implemented: {named[0]}', Header=named[0])

    def _sse(self, request):
        """The encryption that a new object asks for."""
        sse = {name: value for name, value in request.headers.items() if name.startswith(SSE)}
        if self.policy.require_sse and SSE not in sse:
            raise Refusal(403, 'AccessDenied', 'The policy of the bucket wants a header of encryption')
        if sse.get(SSE, 'AES256') not in ('AES256', 'aws:kms', 'aws:kms:dsse'):
            raise Refusal(400, 'InvalidArgument', 'The encryption method specified is not supported')
        if KMS_KEY in sse and sse.get(SSE) == 'AES256':
            raise Refusal(400, 'InvalidArgument', 'a key of KMS without aws:kms')
        if sse.get(KMS_KEY) == '':
            raise Refusal(400, 'InvalidArgument', 'an empty key of KMS')
        return sse

    # Objects.

    def _put(self, request):
        sse, sums = self._sse(request), _sums(request)
        _compare(sums, request.body)
        self._condition(request)
        answer = self._forward(request)
        if answer.status == 200:
            kept = Kept(sse)
            for name, value in sums.items():
                kept.algorithm, kept.kind, kept.value = name, 'FULL_OBJECT', value
            self._keep(request.place, answer, kept)
        return answer

    def _keep(self, place, answer, kept):
        self.objects[place, self._version(place, answer)] = kept
        answer.headers += [*kept.sse.items(), *kept.headers()]

    def _version(self, place, answer, asked=''):
        """The version that an answer is about.  Some name one also where there is but one."""
        return answer.header('x-amz-version-id', asked) if place.split('/')[1] in self.versioned else ''

    def _condition(self, request):
        """Conditional writes, which the storage has not.  Removes their headers."""
        none, match = (request.headers.pop(name, None) for name in ('if-none-match', 'if-match'))
        if none is None and match is None:
            return
        there = self.storage.call('HEAD', request.place, {})
        if none == '*' and there.status == 200 or match is not None and match != there.header('etag'):
            raise Refusal(412, 'PreconditionFailed', 'At least one of the pre-conditions you specified did not hold')

    def _read(self, request, arguments):
        answer = self._forward(request)
        version = self._version(request.place, answer, arguments.get('versionId', ''))
        kept = self.objects.get((request.place, version))
        if kept is None or answer.status not in (200, 206):
            return answer
        answer.headers += kept.sse.items()
        asked = request.headers.get(CHECKSUM + 'mode', '').upper() == 'ENABLED'
        if asked and (self.policy.range_checksums or _is_whole(answer)):
            answer.headers += kept.headers()
        return answer

    # Multipart uploads.

    def _create(self, request):
        kept = Kept(self._sse(request))
        algorithm = request.headers.get(CHECKSUM + 'algorithm', '').lower()
        if algorithm:
            if algorithm not in checksums.NAMES:
                raise Refusal(400, 'InvalidRequest', 'Checksum algorithm provided is unsupported.')
            kept.algorithm = algorithm
            kept.kind = request.headers.get(CHECKSUM + 'type', 'COMPOSITE')
            if kept.kind == 'FULL_OBJECT' and algorithm not in checksums.CRCS:
                raise Refusal(400, 'InvalidRequest',
                              f'The FULL_OBJECT checksum type cannot be used with {algorithm}')
        answer = self._forward(request)
        found = re.search(rb'<UploadId>([^<]+)</UploadId>', answer.body)
        if answer.status == 200 and found:
            self.uploads[found[1].decode()] = kept
            answer.headers += kept.sse.items()
            if algorithm:
                answer.headers += [(CHECKSUM + 'algorithm', algorithm.upper()), (CHECKSUM + 'type', kept.kind)]
        return answer

    def _put_part(self, request, arguments):
        if any(name.startswith(SSE) for name in request.headers):
            raise Refusal(400, 'InvalidArgument', f'{SSE} header is not supported for this operation.')
        sums = _sums(request)
        _compare(sums, request.body)
        upload = self.uploads.get(arguments['uploadId'])
        if upload is not None and upload.algorithm and upload.algorithm not in sums:
            raise Refusal(400, 'InvalidRequest', 'Checksum Type mismatch occurred, expected checksum Type: '
                          f'{upload.algorithm}, actual checksum Type: {next(iter(sums), "null")}')
        answer = self._forward(request)
        if answer.status == 200 and upload is not None:
            upload.parts[int(arguments['partNumber'])] = (len(request.body), sums)
            answer.headers += [(CHECKSUM + name, value) for name, value in sums.items()]
        return answer

    def _complete(self, request, upload_id):
        upload, parts = self.uploads.get(upload_id), _parts(request.body)
        if upload is not None:
            self._judge(request, upload, parts)
        self._condition(request)
        # The storage's schema is older than checksums.
        body = re.sub(rb'<(Checksum[A-Z0-9]+)>[^<]*</\1>', b'', request.body)
        answer = self._forward(request, body)
        if answer.status == 200 and b'<Error>' not in answer.body and upload is not None:
            self._keep(request.place, answer, upload)
            answer.headers = answer.without(*dict(upload.headers())).headers  # they are in the body
            if upload.value is not None:
                name = 'Checksum' + upload.algorithm.upper()
                more = f'<{name}>{upload.value}</{name}><ChecksumType>{upload.kind}</ChecksumType>'.encode()
                answer.body = re.sub(rb'(?=</CompleteMultipartUpload\w+>)', more, answer.body)
        return answer

    @staticmethod
    def _judge(request, upload, parts):
        """Compare what the client says of the whole, and of each part, with what came."""
        numbers = [int(part.get('PartNumber', 0)) for part in parts]
        if numbers != sorted(set(numbers)):
            raise Refusal(400, 'InvalidPartOrder', 'The list of parts was not in ascending order.')
        stored = [upload.parts.get(number) for number in numbers]
        if None in stored:
            raise Refusal(400, 'InvalidPart', f'part {numbers[stored.index(None)]} could not be found')
        size = sum(length for length, _ in stored)
        if int(request.headers.get('x-amz-mp-object-size', size)) != size:
            raise Refusal(400, 'InvalidRequest', f'the parts have {size} bytes, not what x-amz-mp-object-size says')
        if any(length < PART_LEAST for length, _ in stored[:-1]):
            raise Refusal(400, 'EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size')
        if upload.algorithm is None:
            return
        if numbers != list(range(1, len(numbers) + 1)):
            raise Refusal(400, 'InvalidPart', 'parts with checksums are numbered from 1 on without gaps')
        _judge_checksums(request, upload, parts, stored)


def _judge_checksums(request, upload, parts, stored):
    name, element = upload.algorithm, 'Checksum' + upload.algorithm.upper()
    for part, (_, sums) in zip(parts, stored):
        if part.get(element, sums[name]) != sums[name]:
            raise Refusal(400, 'InvalidPart', f'the checksum of part {part["PartNumber"]} is another')
        if upload.kind == 'COMPOSITE' and element not in part:
            raise Refusal(400, 'InvalidRequest', f'part {part["PartNumber"]} comes without its checksum')
    values = [(_bytes(sums[name]), length) for length, sums in stored]
    if upload.kind == 'FULL_OBJECT':
        upload.value = checksums.text(checksums.join(name, values))
    else:
        upload.value = checksums.composite(name, [value for value, _ in values])
    kind = request.headers.get(CHECKSUM + 'type', upload.kind)
    said = request.headers.get(CHECKSUM + name, upload.value)
    if kind != upload.kind:
        raise Refusal(400, 'InvalidRequest', f'the upload was begun with {upload.kind}, and completed with {kind}')
    if said != upload.value:
        raise Refusal(400, 'BadDigest', f'The {name.upper()} you specified did not match the calculated checksum.')


def _bytes(value):
    return checksums.base64.b64decode(value)

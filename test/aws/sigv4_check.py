"""Signatures of AWS, version 4: what a request must be signed with, written from the documentation alone.

Nothing here is shared with what is tested, and cases_gateway.py pins it with published vectors.
"""
import datetime
import hashlib
import hmac
import re
import urllib.parse
from dataclasses import dataclass

from refusal import Refusal

SKEW_SECONDS = 900
DATE_FORM = '%Y%m%dT%H%M%SZ'
AUTHORIZATION = re.compile(r'AWS4-HMAC-SHA256 Credential=([^,/ ]+)/([^, ]+), ?SignedHeaders=([^, ]+), ?'
                           r'Signature=([0-9a-f]{64})$')
UNSIGNED = 'UNSIGNED-PAYLOAD'


@dataclass
class Key:
    secret: str
    token: str = None
    expired: bool = False


@dataclass
class Authorization:
    """The header's parts."""
    access_key: str
    date: str
    region: str
    service: str
    signed: list
    signature: str

    @property
    def scope(self):
        return f'{self.date}/{self.region}/{self.service}/aws4_request'


def _encode(text, safe):
    return urllib.parse.quote(urllib.parse.unquote_to_bytes(text), safe=safe + '-_.~')


def canonical_path(path, service):
    """S3 takes a path as it is, encoded once; the others clean it up and encode it once more."""
    if service == 's3':
        return _encode(path, '/')
    kept = []
    for part in path.split('/'):
        if part == '..':
            del kept[-1:]
        elif part not in ('', '.'):
            kept.append(part)
    clean = '/' + '/'.join(kept) + ('/' if kept and path.endswith('/') else '')
    return urllib.parse.quote(clean, safe='/-_.~')


def canonical_query(query):
    pairs = (pair.partition('=') for pair in query.split('&') if pair)
    return '&'.join(f'{name}={value}' for name, value in
                    sorted((_encode(name, ''), _encode(value, '')) for name, _, value in pairs))


def canonical_request(request, service, signed, payload):
    headers = ''.join(f'{name}:{" ".join(request.headers.get(name, "").split())}\n' for name in signed)
    return '\n'.join([request.method, canonical_path(request.path, service), canonical_query(request.query),
                      headers, ';'.join(signed), payload])


def _hmac(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def signature(secret, scope, moment, canonical):
    """The signature of a canonical request, in hexadecimal."""
    key = ('AWS4' + secret).encode()
    for part in scope.split('/'):
        key = _hmac(key, part)
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    return _hmac(key, '\n'.join(['AWS4-HMAC-SHA256', moment, scope, digest])).hex()


def sign(request, access_key, key, region, service, now=None, payload=None):
    """Sign a request of our own: sets its headers."""
    moment = (now or datetime.datetime.now(datetime.timezone.utc)).strftime(DATE_FORM)
    payload = payload or hashlib.sha256(request.body).hexdigest()
    request.headers.update({'x-amz-date': moment, 'x-amz-content-sha256': payload})
    if key.token:
        request.headers['x-amz-security-token'] = key.token
    signed = sorted(name for name in request.headers if name == 'host' or name.startswith('x-amz-'))
    made = Authorization(access_key, moment[:8], region, service, signed, '')
    made.signature = signature(key.secret, made.scope, moment,
                               canonical_request(request, service, signed, payload))
    request.headers['authorization'] = (f'AWS4-HMAC-SHA256 Credential={access_key}/{made.scope}, '
                                        f'SignedHeaders={";".join(signed)}, Signature={made.signature}')


class Check:
    """Judges requests: by these keys, a region, and a clock that may be wrong."""

    def __init__(self, keys, now):
        self.keys, self.now = keys, now

    def request(self, request, service, region):
        """Refuse a request that is not signed as it must be.  Returns the access key."""
        s3 = service == 's3'
        given = self._authorization(request, s3)
        key = self._key(given, request, s3)
        if given.service != service or given.region != region:
            raise Refusal(400 if s3 else 403, 'AuthorizationHeaderMalformed' if s3 else 'SignatureDoesNotMatch',
                          f"The authorization header is malformed; the region '{given.region}' is wrong; "
                          f"expecting '{region}'", Region=region)
        self._date(request, given, s3)
        self._headers(request, given)
        payload = self._payload(request, s3)
        canonical = canonical_request(request, service, given.signed, payload)
        wanted = signature(key.secret, given.scope, request.headers['x-amz-date'], canonical)
        if wanted != given.signature or s3 and request.path != canonical_path(request.path, service):
            raise Refusal(403, 'SignatureDoesNotMatch' if s3 else 'InvalidSignatureException',
                          f'The signature does not match. The canonical request is\n{canonical}')
        return given.access_key

    @staticmethod
    def _authorization(request, s3):
        match = AUTHORIZATION.match(request.headers.get('authorization', ''))
        scope = match[2].split('/') if match else ()
        if len(scope) != 4 or scope[3] != 'aws4_request':
            raise Refusal(403 if s3 else 400, 'AccessDenied' if s3 else 'MissingAuthenticationTokenException',
                          'no Authorization header, or none that can be read')
        return Authorization(match[1], *scope[:3], match[3].split(';'), match[4])

    def _key(self, given, request, s3):
        key = self.keys.get(given.access_key)
        if key is None:
            raise Refusal(403, 'InvalidAccessKeyId' if s3 else 'UnrecognizedClientException', 'no such key')
        if request.headers.get('x-amz-security-token') != key.token:
            raise Refusal(400, 'InvalidToken' if s3 else 'UnrecognizedClientException', 'the token is invalid')
        if key.expired:
            raise Refusal(400, 'ExpiredToken' if s3 else 'ExpiredTokenException', 'The provided token has expired.')
        return key

    def _date(self, request, given, s3):
        moment = request.headers.get('x-amz-date', '')
        try:
            when = datetime.datetime.strptime(moment, DATE_FORM).replace(tzinfo=datetime.timezone.utc)
        except ValueError:
            raise Refusal(403, 'AccessDenied', f'no date: {moment!r}') from None
        if moment[:8] != given.date:
            raise Refusal(403, 'SignatureDoesNotMatch', 'the date and the scope differ')
        if abs((self.now() - when).total_seconds()) > SKEW_SECONDS:
            raise Refusal(403 if s3 else 400, 'RequestTimeTooSkewed' if s3 else 'InvalidSignatureException',
                          'The difference between the request time and the current time is too large. '
                          'Signature expired')

    @staticmethod
    def _headers(request, given):
        if given.signed != sorted(given.signed) or 'host' not in given.signed:
            raise Refusal(403, 'SignatureDoesNotMatch', 'SignedHeaders must be sorted and name host')
        for name in request.headers:
            if name.startswith('x-amz-') and name not in given.signed:
                raise Refusal(403, 'AccessDenied',
                              f'There were headers present in the request which were not signed: {name}')

    @staticmethod
    def _payload(request, s3):
        """What stands for the body in the canonical request."""
        digest = hashlib.sha256(request.body).hexdigest()
        if not s3:
            return digest
        said = request.headers.get('x-amz-content-sha256')
        if said is None:
            raise Refusal(400, 'InvalidRequest', 'Missing required header: x-amz-content-sha256')
        if said.startswith('STREAMING-'):
            raise Refusal(501, 'NotImplemented', 'chunked payloads are not taken here')
        if said not in (UNSIGNED, digest):
            raise Refusal(400, 'XAmzContentSHA256Mismatch', 'the body is not what x-amz-content-sha256 says')
        return said

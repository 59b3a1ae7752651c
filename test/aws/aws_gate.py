"""The gateway as its owner has it: started, told what to do, asked what it has seen.

    with aws_gate.AwsGate() as gate:
        gate.bucket('bucket')
        gate.put('/bucket/key', b'...')
        gate.fault('PUT s3', 'status', status=503, code='SlowDown', times=2)
        run([tool, ...], env=gate.environment())
        gate.journal('PUT')
"""
import http.client
import json
import os
import re
import select
import subprocess
import sys
import urllib.parse
import xml.etree.ElementTree as xml

import sigv4_check
from http_wire import Answer, Request

HOST, REGION = '127.0.0.1', 'us-east-1'
ACCESS_KEY, SECRET = 'AKIDGATE', 'gate/sEcret+key'
START_SECONDS = 90


class GateError(Exception):
    """The gateway itself failed, or cannot be had here."""


class AwsGate:
    """One gateway.  Use it as a context manager."""

    def __init__(self, moto=None):
        self.moto = os.environ.get('LAVA_GATE') == 'moto' if moto is None else moto
        self.port = None
        self.process = None

    def __enter__(self):
        program = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'gateway.py')
        self.process = subprocess.Popen([sys.executable, program, *(['--moto'] if self.moto else [])],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        start_new_session=True)
        ready, _, _ = select.select([self.process.stdout], [], [], START_SECONDS)
        line = self.process.stdout.readline() if ready else b''
        if not line.strip().isdigit():
            self.process.kill()
            raise GateError('the gateway does not start: '
                            + self.process.communicate()[1].decode('utf-8', 'replace')[-800:])
        self.port = int(line)
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.communicate(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()

    @property
    def url(self):
        return f'http://{HOST}:{self.port}'

    def environment(self, **changes):
        """What a client's environment needs besides its own."""
        return {'AWS_ENDPOINT_URL': self.url, 'AWS_ACCESS_KEY_ID': ACCESS_KEY, 'AWS_SECRET_ACCESS_KEY': SECRET,
                'AWS_DEFAULT_REGION': REGION, 'AWS_EC2_METADATA_DISABLED': 'true', **changes}

    # Words.

    def control(self, word, said=None):
        status, answer, _ = self.http('POST', '/__gate/' + word, {}, json.dumps(said).encode())
        if status != 200:
            raise GateError(f'{word}: {status}')
        return json.loads(answer)

    def reset(self):
        """As it was at the beginning, but for the objects."""
        self.control('reset')

    def bucket(self, name, versions=False):
        self.control('bucket', {'name': name, 'versions': versions})

    def fault(self, match, do, **more):
        """One thing to do wrong: see faults.py."""
        self.control('faults', [{'match': match, 'do': do, **more}])

    def policy(self, **changes):
        """How this AWS is set up: see Policy in gateway.py."""
        self.control('policy', changes)

    def data(self, **changes):
        """What the services know: tables, parameters, secrets, roles (see services.py)."""
        self.control('data', changes)

    def journal(self, match=''):
        """The requests that came, in order; those alone whose `METHOD service /path?query` has `match` in it."""
        return [entry for entry in self.control('journal') if re.search(match, self.line(entry))]

    @staticmethod
    def line(entry):
        query = f'?{entry["query"]}' if entry['query'] else ''
        return f'{entry["method"]} {entry["service"]} {urllib.parse.unquote(entry["path"] + query)}'

    # Objects, by requests like any client's.

    def http(self, method, target, headers, body):
        """One request as it stands.  Returns status, body and headers."""
        connection = http.client.HTTPConnection(HOST, self.port, timeout=60)
        try:
            connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
            for name, value in {'host': f'{HOST}:{self.port}', **headers, 'content-length': len(body)}.items():
                connection.putheader(name, value)
            connection.endheaders(body)
            answer = connection.getresponse()
            return answer.status, answer.read(), answer.getheaders()
        finally:
            connection.close()

    def ask(self, method, place, query='', body=b'', **headers):
        """An Answer to a signed request for a place (/bucket/key, decoded)."""
        target = urllib.parse.quote(place, safe='/-_.~') + (f'?{query}' if query else '')
        headers = {name.replace('_', '-'): value for name, value in headers.items()}
        request = Request(method, target, {'host': f'{HOST}:{self.port}', **headers}, 0, body)
        sigv4_check.sign(request, ACCESS_KEY, sigv4_check.Key(SECRET), REGION, 's3')
        status, body, headers = self.http(method, target, request.headers, body)
        return Answer(status, headers, body)

    def put(self, place, data, **headers):
        answer = self.ask('PUT', place, body=data, **headers)
        if answer.status != 200:
            raise GateError(f'PUT {place}: {answer.status} {answer.body[:500]!r}')
        return answer

    def get(self, place, version=''):
        """The object's bytes, or None where there is none."""
        answer = self.ask('GET', place, f'versionId={version}' if version else '')
        if answer.status not in (200, 404):
            raise GateError(f'GET {place}: {answer.status} {answer.body[:500]!r}')
        return answer.body if answer.status == 200 else None

    def head(self, place):
        """The headers of the object, names in lower case, checksums among them; None where there is none."""
        answer = self.ask('HEAD', place, x_amz_checksum_mode='ENABLED')
        return {name.lower(): value for name, value in answer.headers} if answer.status == 200 else None

    def delete(self, place):
        self.ask('DELETE', place)

    def keys(self, bucket, prefix=''):
        """The keys of a bucket, sorted."""
        token, found = '', []
        while token is not None:
            query = f'encoding-type=url&list-type=2&prefix={urllib.parse.quote(prefix, safe="")}'
            if token:
                query = f'continuation-token={urllib.parse.quote(token, safe="")}&' + query
            page = _listing(self.ask('GET', '/' + bucket, query))
            found += [urllib.parse.unquote_plus(key) for key in page['Key']]
            token = next(iter(page['NextContinuationToken']), None)
        return sorted(found)

    def uploads(self, bucket):
        """The keys for which multipart uploads have begun and not ended."""
        return sorted(_listing(self.ask('GET', '/' + bucket, 'uploads='))['Key'])


class _Texts(dict):
    def __missing__(self, _name):
        return []


def _listing(answer):
    """The texts of a listing's elements: name -> [text, ...]."""
    if answer.status != 200:
        raise GateError(f'{answer.status} {answer.body[:500]!r}')
    texts = _Texts()
    for element in xml.fromstring(answer.body).iter():
        if element.text is not None:
            texts.setdefault(element.tag.rpartition('}')[2], []).append(element.text)
    return texts

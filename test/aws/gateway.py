#!/usr/bin/env python3
"""AWS on loopback, in one process, for tests: S3 kept by Swift, DynamoDB, SSM, Secrets Manager, STS, the metadata
of an instance and of a container.

    python3 test/aws/gateway.py [--port N] [--moto]

Prints its port and serves until it is ended, or, if its standard input is a pipe, whoever started it is gone.
A client needs

    AWS_ENDPOINT_URL=http://127.0.0.1:PORT AWS_ACCESS_KEY_ID=AKIDGATE AWS_SECRET_ACCESS_KEY=gate/sEcret+key
    AWS_DEFAULT_REGION=us-east-1 AWS_EC2_METADATA_DISABLED=true

Every request must be signed rightly, its body be what its checksums say.  The tests' own words are POSTs of JSON:
/__gate/{bucket,faults,policy,data,expire,journal,reset}; aws_gate.py says them in Python.  Needs Debian's
python3-swift, or with --moto the packages moto[server] of PyPI.
"""
import sys

if __name__ == '__main__' and '--moto' not in sys.argv:
    import os
    SYSTEM = '/usr/bin/python3'  # the one that Debian's packages are for
    try:
        import eventlet
    except ImportError:
        if os.path.realpath(sys.executable) == os.path.realpath(SYSTEM):
            raise
        os.execv(SYSTEM, [SYSTEM, *sys.argv])
    eventlet.monkey_patch()  # before anybody makes a lock

import argparse
import datetime
import email.utils
import json
import os
import re
import shutil
import signal
import socket
import stat
import tempfile
import threading
import time
import urllib.parse
from dataclasses import dataclass, field

from faults import Faults
from http_wire import Answer, Gone, Wire
from journal import Journal
from refusal import Refusal
from s3 import S3
from services import Metadata, Services, name_of
from sigv4_check import Check, Key

HOST = '127.0.0.1'
ACCESS_KEY, SECRET = 'AKIDGATE', 'gate/sEcret+key'
VERSIONING = (b'<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
              b'<Status>Enabled</Status></VersioningConfiguration>')


@dataclass
class Policy:
    """How this AWS is set up."""
    region: str = 'us-east-1'
    regions: dict = field(default_factory=dict)  # of buckets that are elsewhere
    redirect: int = 400          # how a client learns of it: 301, 307 or 400
    require_sse: bool = False    # new objects must name their encryption
    denied: list = field(default_factory=list)  # what nobody may do: regexes on 'METHOD /bucket/key?query'
    no_checksums: bool = False   # a store that knows no x-amz-checksum-*
    range_checksums: bool = False  # answers to ranges carry the whole object's checksum
    page: int = 0                # most keys in a listing, when less than was asked for
    clock: int = 0               # seconds that the clock here is ahead
    lifetime: int = 3600         # seconds that temporary keys last
    ascii_json: bool = True      # JSON in \u escapes


class Gate:
    """The services, and what the tests want of them."""

    def __init__(self, folder, moto):
        """Keeps what must be on disk in `folder`; all in moto if that is given."""
        self.policy, self.faults, self.journal = Policy(), Faults(), Journal()
        self.keys = {}
        known = (self.keys, self.policy, self.now)
        if moto:
            from moto_aws import Moto, MotoServices, MotoStorage
            behind = Moto()
            self.s3, self.services = S3(MotoStorage(behind), self.policy), MotoServices(behind, *known)
        else:
            from swift_s3 import SwiftStorage
            self.s3, self.services = S3(SwiftStorage(folder), self.policy), Services(*known)
        self.metadata = Metadata(self.services, self.policy)
        self.check = Check(self.keys, self.now)
        self.reset(None)

    def now(self):
        return datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=self.policy.clock)

    # What the tests say.

    def control(self, word, body):
        wanted = {'bucket': self.bucket, 'faults': self.faults.add, 'policy': self.set_policy,
                  'data': self.services.learn, 'expire': self.expire, 'journal': lambda _: self.journal.entries, 'reset': self.reset}[word]
        return Answer(200, [], json.dumps(wanted(json.loads(body or b'null'))).encode())

    def bucket(self, wanted):
        """{'name': ..., 'versions': bool}: make a bucket."""
        self.s3.storage.call('PUT', '/' + wanted['name'], {})
        if wanted.get('versions'):
            self.s3.versioned.add(wanted['name'])
            self.s3.storage.call('PUT', f'/{wanted["name"]}?versioning=', {}, VERSIONING)

    def set_policy(self, changes):
        for name, value in changes.items():
            if name not in Policy.__dataclass_fields__:
                raise KeyError(name)
            setattr(self.policy, name, value)

    def expire(self, names):
        for name in names or list(self.keys):
            self.keys[name].expired = True

    def reset(self, _):
        """As it was at the beginning, but for the objects."""
        self.set_policy(vars(Policy()))
        self.faults.faults.clear()
        self.journal.entries.clear()
        self.services.reset()
        self.keys.clear()
        self.keys[ACCESS_KEY] = Key(SECRET)

    # What clients say.

    def place(self, request):
        """Note for whom a request is, and the object's place: /bucket/key, also if the host names the bucket."""
        request.service = name_of(request)
        bucket = re.fullmatch(r'(.+)\.localhost(:\d+)?', request.headers.get('host', ''))
        request.place = f'/{bucket[1]}{request.path}' if bucket else request.path

    def answer(self, request):
        """The answer of the service.  Raises Refusal."""
        metadata = self.metadata.answer(request)
        if metadata is not None:
            return metadata
        if not self.services.unsigned(request):
            self.check.request(request, request.service, self.region(request))
        if request.service == 's3':
            return self.s3.answer(request)
        return self.services.answer(request.service, request)

    def region(self, request):
        """The region that a request must be signed for.  Refuses one for a bucket that is elsewhere."""
        bucket = urllib.parse.unquote(request.place.split('/')[1]) if request.service == 's3' else ''
        region = self.policy.regions.get(bucket, self.policy.region)
        signed = re.search(r'/([a-z0-9-]+)/s3/aws4_request', request.headers.get('authorization', ''))
        if request.service != 's3' or signed is None or signed[1] == region:
            return region
        headers = [('x-amz-bucket-region', region)]
        if self.policy.redirect == 301:
            raise Refusal(301, 'PermanentRedirect', 'The bucket you are attempting to access must be addressed '
                          'using the specified endpoint.', headers, Endpoint='elsewhere.invalid', Bucket=bucket)
        if self.policy.redirect == 307:
            raise Refusal(307, 'TemporaryRedirect', 'Please re-send this request.',
                          [('Location', 'http://elsewhere.invalid/'), *headers], Bucket=bucket)
        raise Refusal(400, 'AuthorizationHeaderMalformed', f"The authorization header is malformed; the region "
                      f"'{signed[1]}' is wrong; expecting '{region}'", headers, Region=region)


class Connection:
    """Serves one client until it leaves."""

    def __init__(self, gate, sock, port):
        self.gate, self.wire = gate, Wire(sock, port)

    def serve(self):
        try:
            while True:
                request = self.wire.request()
                if request is None:
                    break
                if request.path.startswith('/__gate/'):
                    body = self.wire.body(request)
                    self.wire.answer(self.gate.control(request.path[8:], body), request.method)
                else:
                    self._request(request)
        except Gone:
            pass
        finally:
            self.wire.close()

    def _request(self, request):
        self.gate.place(request)
        fault = self.gate.faults.pick(request)
        entry = self.gate.journal.note(request, request.service)
        entry['fault'] = fault.what
        try:
            answer = self._answer(request, fault, entry)
            fault.send(self.wire, request, answer)
        except Gone as gone:
            if entry['ended'] is None:
                self.gate.journal.end(entry, None, str(gone))
            raise

    def _answer(self, request, fault, entry):
        answer = fault.on_head(self.wire, request)
        if answer is None:
            if request.headers.get('expect', '').lower() == '100-continue' and fault.what != 'no-continue':
                self.wire.proceed()
            request.body = self.wire.body(request)
            answer = fault.on_request(self.gate, request)
        else:
            answer.headers.append(('Connection', 'close'))
        code = None
        if answer is None:
            try:
                answer = self.gate.answer(request)
            except Refusal as refusal:
                answer, code = refusal.answer(request.service), refusal.code
        found = re.search(rb'<Code>(\w+)</Code>', answer.body[:1000])
        self.gate.journal.end(entry, answer.status, code or (found[1].decode() if found else None))
        answer.headers += [('x-amz-request-id', f'{len(self.gate.journal.entries):016X}'),
                           ('Date', email.utils.format_datetime(self.gate.now(), usegmt=True))]
        return fault.on_answer(self.wire, answer)


def _until_owner_leaves():
    """End with whoever started us, if our standard input is a pipe of his: he may have been killed."""
    owner = os.getppid()
    while os.getppid() == owner or not stat.S_ISFIFO(os.fstat(0).st_mode):
        time.sleep(0.5)
    os.kill(os.getpid(), signal.SIGTERM)


def _serve(gate, port):
    listener = socket.create_server((HOST, port), backlog=128)
    print(listener.getsockname()[1], flush=True)
    threading.Thread(target=_until_owner_leaves, daemon=True).start()
    while True:
        sock, (_, port) = listener.accept()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=Connection(gate, sock, port).serve, daemon=True).start()


def main():
    parser = argparse.ArgumentParser(description='AWS on loopback')
    parser.add_argument('--port', type=int, default=0, help='default: a free one')
    parser.add_argument('--moto', action='store_true', help='keep it all in moto, not in Swift')
    arguments = parser.parse_args()
    folder = tempfile.mkdtemp(prefix='lava-gate-')

    def leave(*_):
        shutil.rmtree(folder, ignore_errors=True)
        os._exit(0)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, leave)
    _serve(Gate(folder, arguments.moto), arguments.port)


if __name__ == '__main__':
    main()

"""A case of the lab suite with AWS beside the server.

    @case(aws=True)
    def share_to_s3(t):
        \"\"\"what was got is in the bucket\"\"\"
        t.place('a', b'hello')
        t.ok('get', t.url('a'), t.s3.url('b'))
        t.equal(t.s3.get('b'), b'hello')

Every case has a bucket of its own and a gateway that knows of no other case.  Whatever it does, it fails when the
tool shows a secret of AWS, or leaves a temporary file.
"""
import os
import re
import tempfile

import aws_gate
from trial import Failure, Trial

SECRETS = (aws_gate.SECRET.encode(), b'temporary/secret+', b'metadata-token', b'container-secret')


class Bucket:
    """The case's bucket; `t.s3.gate` is the gateway for everything else."""

    def __init__(self, gate, name):
        self.gate, self.name = gate, name

    def url(self, key=''):
        return f's3://{self.name}/{key}'

    def place(self, key):
        return f'/{self.name}/{key}'

    def put(self, key, data, **headers):
        """An object of these bytes; headers are written with _ for -.  Returns the Answer."""
        return self.gate.put(self.place(key), data, **headers)

    def get(self, key, version=''):
        return self.gate.get(self.place(key), version)

    def head(self, key):
        return self.gate.head(self.place(key))

    def keys(self, prefix=''):
        return self.gate.keys(self.name, prefix)

    def uploads(self):
        return self.gate.uploads(self.name)

    def fault(self, operation, do, **more):
        """One thing to do wrong with requests like 'PUT', 'GET', 'POST .*uploadId=' to this bucket."""
        method, _, query = operation.partition(' ')
        self.gate.fault(f'^{method} s3 /{re.escape(self.name)}.*{query}', do, **more)

    def journal(self, operation=''):
        """The requests of that kind that the tool has made."""
        method, _, query = operation.partition(' ')
        return self.gate.journal(f'^{method}.* s3 /{re.escape(self.name)}.*{query}')


class AwsTrial(Trial):
    def __init__(self, tool, samba, gate, name):
        super().__init__(tool, samba, name)
        self.gate = gate
        # Beside the home, in which cases look for files that should not be there.
        self.aws_home = tempfile.mkdtemp(prefix='aws-', dir=samba.root)
        self.temporaries = tempfile.mkdtemp(prefix='tmp-', dir=samba.root)
        gate.reset()
        self.s3 = Bucket(gate, re.sub('[^a-z0-9]+', '-', os.path.basename(self.folder).lower()).strip('-'))
        gate.bucket(self.s3.name)

    def aws_file(self, name, text):
        """A file of AWS's: config, credentials, a token.  Returns its path."""
        path = os.path.join(self.aws_home, name)
        with open(path, 'w', encoding='utf-8') as out:
            out.write(text)
        return path

    def environment(self, **changes):
        files = {'AWS_CONFIG_FILE': os.path.join(self.aws_home, 'config'),
                 'AWS_SHARED_CREDENTIALS_FILE': os.path.join(self.aws_home, 'credentials')}
        return super().environment(**{**self.gate.environment(), **files, 'TMPDIR': self.temporaries, **changes})

    def finish(self, process, data=None, signalled=False):
        result = super().finish(process, data, signalled)
        for secret in SECRETS:
            if secret in result.err + result.out:
                raise Failure(f'shows a secret: {result}')
        left = os.listdir(self.temporaries)
        if left:
            raise Failure(f'leaves temporary files: {left}: {result}')
        return result

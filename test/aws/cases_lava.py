"""Connections as lava keeps them: -c and -r, the records of realm and connection, parameters and secrets."""
import json
import os
import signal
import time

from cases_stop import SOON
from trial import case, noise

REALM, ID, PARAMETER = 'dev', 'the-conn', '/lava/dev/smb/password'


def _attribute(value):
    """As DynamoDB has it on the wire."""
    if isinstance(value, dict):
        return {'M': {name: _attribute(each) for name, each in value.items()}}
    if isinstance(value, list):
        return {'L': [_attribute(each) for each in value]}
    if isinstance(value, bool):
        return {'BOOL': value}
    if value is None:
        return {'NULL': True}
    return {'S': value} if isinstance(value, str) else {'N': str(value)}


class Lava:
    """What AWS knows of lava: a realm, and one connection to the case's server.  A field that is ... is left out."""

    def __init__(self, t, **fields):
        self.t = t
        self.realm = {'realm': REALM, 's3_payloads': 's3://bucket/payloads', 's3_temp': 's3://bucket/temp'}
        self.record = {'conn_id': ID, 'type': 'smb', 'enabled': True, 'host': t.host, 'port': t.port,
                       'user': t.samba.user, 'password': PARAMETER, 'remote_name': 'LAVALAB', 'is_direct_tcp': True}
        self.parameters, self.secrets = {PARAMETER: t.samba.password}, {}
        self.change(**fields)
        self.folder = os.path.basename(t.folder)

    def change(self, **fields):
        self.record = {name: value for name, value in {**self.record, **fields}.items() if value is not ...}
        self.publish()

    def publish(self):
        items = {'realm': self.realm, ID: self.record}
        marshalled = {name: {field: _attribute(value) for field, value in item.items()}
                      for name, item in items.items()}
        self.t.gate.data(tables={'lava.realms': {'key': 'realm', 'items': {REALM: marshalled['realm']}},
                                 f'lava.{REALM}.connections': {'key': 'conn_id', 'items': {ID: marshalled[ID]}}},
                         parameters=self.parameters, secrets=self.secrets)

    def path(self, name=''):
        return f'data:{self.folder}/{name}'

    def words(self, *argv):
        """As the script does it that lava puts in LAVA_CONN_KEY."""
        return ('--profile', 'default', '--conn-id', ID, '--realm', REALM, *argv)

    def ok(self, *argv, **how):
        return self.t.ok(*self.words(*argv), env={'LAVA_SMB_PASSWORD': None}, **how)

    def fails(self, says, *argv, status=1):
        """It fails, and its one line begins so."""
        result = self.t.fails(status, *self.words(*(argv or ('ls', self.path()))), env={'LAVA_SMB_PASSWORD': None})
        lines = result.err.decode().splitlines()
        self.t.check(len(lines) == 1 and lines[0].startswith(f'lava-smb: {says}') and not result.out,
                     f'should say {says!r} alone: {result}')
        return lines[0]

    def asked(self):
        """What the services were asked for, in order."""
        return [entry['headers']['x-amz-target'].split('.')[1] for entry in self.t.gate.journal('^POST (?!s3)')]


@case('plain', 'sign', aws=True)
def by_id(t):
    """put and get as lava's jobs call them, options behind the arguments and before, LAVA_REALM"""
    lava, data = Lava(t), noise(300_000)
    t.make('a', data)
    lava.ok('put', 'a', lava.path('new/a'), '--mkdir', '--tag', 'job:run')
    t.equal(t.remote('new/a'), data)
    t.equal(lava.asked(), ['GetItem', 'GetItem', 'GetParameter'])
    t.ok('get', lava.path('new/a'), 'back', '-c' + ID, env={'LAVA_REALM': REALM, 'LAVA_SMB_PASSWORD': None})
    t.equal(t.local('back'), data)
    result = t.ok('--prof', 'default', '--rea', REALM, '--conn-i', ID, 'put', '--mk', 'a', lava.path('b/c'))
    t.equal((t.remote('b/c'), result.out, result.err), (data, b'', b''))


@case(aws=True)
def to_s3_and_back(t):
    """a connection on one side and S3 on the other"""
    lava, data = Lava(t), noise(9 << 20)
    t.place('a', data)
    lava.ok('get', '--kms-key-id', 'alias/data', lava.path('a'), t.s3.url('dir/a'))
    t.equal(t.s3.get('dir/a'), data)
    t.equal(t.s3.head('dir/a')['x-amz-server-side-encryption-aws-kms-key-id'], 'alias/data')
    lava.ok('put', '--mkdir', t.s3.url('dir/a'), lava.path('x/y/back'))
    t.equal(t.remote('x/y/back'), data)
    lava.ok('put', t.s3.url('dir/a'), lava.path('x'))
    t.equal(t.remote('x/a'), data)
    lava.ok('cp', '-R', t.s3.url('dir'), lava.path('tree'))
    t.equal(t.remote('tree/a'), data)


@case(aws=True)
def many_arguments(t):
    """commands with many arguments ask AWS once; what names its server itself, not at all"""
    lava = Lava(t)
    for name in 'abc':
        t.place(name, name.encode())
    t.equal(lava.ok('cat', *map(lava.path, 'abc')).out, b'abc')
    lava.ok('rm', lava.path('a'), lava.path('b'))
    t.only(there=['c'])
    t.equal(len(lava.asked()), 6, 'requests')
    t.ok(*lava.words('cat', t.url('c')))
    t.equal(len(lava.asked()), 6, 'requests')
    t.check('dialect: 3.1.1' in lava.ok('info').text, 'no dialect')


@case(aws=True)
def fields(t):
    """fields in every form that lava takes: numbers as text, flags as Python has them, remarks"""
    lava = Lava(t)
    for changes in ({'port': f' {t.port} '}, {'port': f'+{t.port}'}, {'is_direct_tcp': 'false'}, {'is_direct_tcp': 1},
                    {'enabled': 'no', 'type': 'SMB'}, {'X-Remark': {'a': [1, None]}, 'x-': True},
                    {'description': 'd', 'owner': 'o', 'domain': '', 'my_name': 'a-name-of-more-than-15-characters'},
                    {'domain': None, 'use_ntlm_v2': True, 'encrypt': 0},
                    {'subtype': 'smbprotocol', 'is_direct_tcp': ..., 'use_ntlm_v2': False}):
        lava.change(**changes)
        lava.ok('ls', lava.path())


@case('netbios', aws=True)
def pysmb(t):
    """what says nothing of its transport is a NetBIOS session on port 139"""
    t.always = []
    lava = Lava(t, port=..., is_direct_tcp=...)
    t.place('x', b'hello')
    lava.ok('get', lava.path('x'), 'x')
    t.equal(t.local('x'), b'hello')
    text = lava.ok('info').text
    t.check('NetBIOS session' in text and 'called name: LAVALAB' in text, text)


@case('seal', 'plain', 'smb21', aws=True)
def encryption(t):
    """encrypt is demanded of the server, whatever the subtype"""
    lava = Lava(t, encrypt=True)
    for subtype in ('pysmb', 'smbprotocol'):
        lava.change(subtype=subtype)
        if t.samba.profile == 'smb21':
            t.fails(7, *lava.words('info'))
        else:
            t.check('encrypted: yes' in lava.ok('info').text, 'not encrypted')


@case('ntlmv1', aws=True)
def ntlmv1(t):
    """use_ntlm_v2 false means NTLMv1 to pysmb, and nothing to smbprotocol"""
    lava = Lava(t, use_ntlm_v2=False)
    t.check('authentication: NTLMv1' in lava.ok('info').text, 'no NTLMv1')
    lava.change(subtype='smbprotocol')
    t.check('authentication: NTLMv2' in lava.ok('info').text, 'no NTLMv2')


@case(aws=True)
def secrets(t):
    """secret_id: what the record lacks comes from Secrets Manager"""
    lava = Lava(t, secret_id='the/secret', user=..., password=..., host=..., port=...)
    known = {'username': t.samba.user, 'password': t.samba.password, 'host': t.host, 'port': str(t.port),
             'dbClusterIdentifier': 'nothing', 'engine': 'none'}
    lava.secrets['the/secret'] = json.dumps(known)
    lava.publish()
    lava.ok('ls', lava.path())
    t.equal(lava.asked(), ['GetItem', 'GetItem', 'GetSecretValue'])
    lava.secrets['the/secret'] = json.dumps({**known, 'host': 'nowhere.invalid', 'password': 'wrong'})
    lava.change(host=t.host, password=PARAMETER)
    lava.ok('ls', lava.path())
    for text, says in ((json.dumps({**known, 'dbname': 'x'}), f'Connection {ID}: Unexpected keys: database'),
                       ('{"password": geheim}', "the secret 'the/secret': line 1"), ('[]', "the secret 'the/secret'"),
                       ('{}', f'Connection {ID}: Missing keys: user')):
        lava.secrets['the/secret'] = text
        lava.publish()
        t.check('geheim' not in lava.fails(says), 'shows the secret')
    lava.change(secret_id='another')
    lava.fails('An error occurred (ResourceNotFoundException) when calling the GetSecretValue operation')


@case(aws=True)
def records_that_are_none(t):
    """what lava refuses of a connection is refused in its words"""
    lava = Lava(t)
    sound = dict(lava.record)
    for changes, says in (({'host': ..., 'user': ...}, f'Connection {ID}: Missing keys: host, user'),
                          ({'password': ...}, f'Connection {ID}: Missing keys: password'),
                          ({'foo': 1, 'bar': 2, 'x-y': 3}, f'Connection {ID}: Unexpected keys: bar, foo'),
                          ({'type': 'SSH'}, f'Connection {ID}: Must be of type "smb" not "ssh"'),
                          ({'type': ...}, f'{ID}: Bad connection record: Missing keys: type'),
                          ({'enabled': False}, 'Connection not enabled'), ({'enabled': 0}, 'Connection not enabled'),
                          ({'enabled': ''}, 'Connection not enabled'), ({'enabled': ...}, 'Connection not enabled'),
                          ({'port': 'abc'}, "invalid literal for int() with base 10: 'abc'"),
                          ({'port': '445.0'}, "invalid literal for int() with base 10: '445.0'"),
                          ({'port': 70000}, f'Connection {ID}: the port'),
                          ({'subtype': 'samba'}, 'Unsupported connection type - smb = samba'),
                          ({'host': ''}, f'Connection {ID}: '), ({'host': 5}, f'Connection {ID}: '),
                          ({'password': '/lava/dev/none'},
                           'An error occurred (ParameterNotFound) when calling the GetParameter operation')):
        lava.record = sound
        lava.change(**changes)
        lava.fails(says)


@case(aws=True)
def realms(t):
    """a realm that is not there, or is not whole; a connection that is not there; no tables"""
    lava = Lava(t)
    lava.fails(f'{ID}x: No such connection', '-c', ID + 'x', 'ls', lava.path())
    t.equal(lava.asked(), ['GetItem', 'GetItem'])
    lava.fails('No such realm', '-r', 'prod', 'ls', lava.path())
    lava.realm.pop('s3_temp')
    lava.publish()
    lava.fails('Bad realm record: Missing keys: s3_temp')
    sound = {'realm': 'prod', 's3_payloads': 's3://a/b', 's3_temp': 's3://a/c'}
    items = {'prod': {name: _attribute(value) for name, value in sound.items()}}
    t.gate.data(tables={'lava.realms': {'key': 'realm', 'items': items}})
    lava.fails('An error occurred (ResourceNotFoundException) when calling the GetItem operation', '-r', 'prod', 'ls',
               lava.path())
    t.fails(2, '-c', ID, 'ls', lava.path(), says='realm must be specified')
    t.fails(2, '-c', ID, '-r', REALM, '--conn-file', 'x', 'ls', lava.path(), says='both')


@case(aws=True)
def asked_for_in_time(t):
    """a path that cannot be is refused before AWS is asked, and an option's password is not asked for"""
    lava = Lava(t)
    t.fails(2, *lava.words('get', 'nothing', 'x'), says='nothing: Bad path - must be in the form share:path')
    t.fails(2, *lava.words('get', t.s3.url('x'), 'x'), says='in S3')
    t.equal(lava.asked(), [])
    t.make('pw', t.samba.password.encode())
    lava.ok('--password-file', 'pw', 'ls', lava.path())
    t.equal(lava.asked(), ['GetItem', 'GetItem'])


@case(aws=True)
def profiles(t):
    """--profile: `default` need not be there, any other must be"""
    lava = Lava(t)
    lava.fails('The config profile (None) could not be found', '--profile', 'None', 'ls', lava.path())
    t.equal(lava.asked(), [])
    lava.ok('ls', lava.path())


@case(aws=True)
def what_fails(t):
    """failures of a transfer: a logon, a directory, what is not there, S3"""
    lava = Lava(t)
    os.mkdir(t.path('dir'))
    t.place('x', b'x')
    lava.fails(f'data:{lava.folder}/dir: is a directory', 'get', lava.path('dir'), 'x')
    lava.fails('open ', 'get', lava.path('none'), 'x', status=4)
    lava.fails(f'Download failed: {t.s3.url("none")} - An error occurred (404) when calling the HeadObject operation: '
               'Not Found', 'put', t.s3.url('none'), lava.path('y'), status=4)
    lava.fails('Upload failed: s3://no-such-bucket-of-ours/x - An error occurred (NoSuchBucket)', 'get',
               lava.path('x'), 's3://no-such-bucket-of-ours/x', status=4)
    lava.parameters[PARAMETER] = 'wrong'
    lava.publish()
    t.fails(3, *lava.words('get', lava.path('x'), 'x'))
    t.only(here=[], there=['dir', 'x'])


@case(aws=True)
def logging(t):
    """--log, --tag and --level, in the forms of lava's logging"""
    lava = Lava(t)
    t.place('x', b'x')
    result = lava.ok('--tag', 'job:run', '-l', 'DEBUG', 'get', lava.path('x'), 'x')
    lines = result.err.decode().splitlines()
    t.check(lines and all(line.startswith('job:run: MainThread: ') for line in lines), result)
    t.check(any(f'connection {ID}: host {t.host}' in line for line in lines), result)
    result = lava.ok('--log', 'log', '--level=debug', 'get', lava.path('x'), 'x')
    t.equal(result.err, b'')
    t.check(b': DEBUG: MainThread: ' in t.local('log'), 'no log')
    t.check(t.samba.password.encode() not in t.local('log'), 'a password is logged')
    t.fails(2, *lava.words('-l', 'loud', 'ls', lava.path()), says='Bad log level: loud')
    t.fails(2, *lava.words('--log', '@local9', 'ls', lava.path()), says='Bad syslog facility: local9')


@case(aws=True)
def connection_files(t):
    """a file's password may be a parameter, too, and its secret_id is asked for"""
    lava = Lava(t)
    file = t.make('conn.json', json.dumps(lava.record).encode())
    env = {'LAVA_SMB_PASSWORD': None}
    t.ok('--conn-file', file, 'ls', lava.path(), env=env)
    t.equal(lava.asked(), ['GetParameter'])
    lava.secrets['s'] = json.dumps({'username': t.samba.user, 'password': t.samba.password})
    lava.publish()
    record = {name: value for name, value in lava.record.items() if name not in ('user', 'password')}
    file = t.make('conn.json', json.dumps({**record, 'secret_id': 's'}).encode())
    t.ok('--conn-file', file, 'ls', lava.path(), env=env)
    file = t.make('conn.json', json.dumps({**record, 'secret_id': 's', 'foo': 1}).encode())
    t.fails(2, '--conn-file', file, 'ls', lava.path(), says='Unexpected keys: foo', env=env)


@case(aws=True)
def stopped(t):
    """a signal, or the deadline, ends the wait for a connection"""
    lava = Lava(t)
    for target, number in (('dynamodb', signal.SIGTERM), ('ssm', signal.SIGINT)):
        t.gate.fault(f'^POST {target} ', 'delay', seconds=60)
        run = t.start(*lava.words('ls', lava.path()))
        t.until(lambda: t.gate.journal(f'^POST {target} ') or run.poll() is not None, 'nothing is asked')
        began = time.monotonic()
        run.send_signal(number)
        t.failed(t.finish(run, signalled=True), {signal.SIGTERM: 143, signal.SIGINT: 2}[number], 'ended by')
        t.check(time.monotonic() - began < SOON, 'it takes long to end')
        lava.publish()
    t.gate.fault('^POST ssm ', 'delay', seconds=60)
    t.fails(6, *lava.words('--deadline', '500ms', 'ls', lava.path()), says='deadline')


@case(aws=True)
def names_that_are_kept(t):
    """a directory or a bucket as target keeps the name, if it can be one of a file"""
    t.place('a', b'a')
    os.mkdir(t.file('here'))
    t.ok('get', t.url('a'), f's3://{t.s3.name}')
    t.s3.put('dir/b', b'b')
    t.ok('cp', t.s3.url('dir/b'), 'here')
    t.equal(t.local('here/b'), b'b')
    t.ok('put', t.s3.url('dir/b/'), t.url())
    t.equal((t.remote('b'), t.s3.keys()), (b'b', ['a', 'dir/b']))
    for key in ('dir/..', 'dir/a\\b'):
        t.s3.put(key, b'x')
        t.fails(2, 'cp', t.s3.url(key), 'here', says='give the target a name')
        t.ok('cp', t.s3.url(key), 'here/x')
    t.only(here=['here'], there=['a', 'b'])


@case(aws=True)
def patterns(t):
    """what matches a pattern goes below the key, also when it is one file"""
    for name in ('a.txt', 'b.txt', 'c.csv'):
        t.place(name, name.encode())
    url = t.url().replace('%2A', '*')
    t.ok('get', url + '/*.txt', t.s3.url('p'))
    t.ok('get', url + '/*.csv', t.s3.url('p'))
    t.equal(t.s3.keys(), ['p/a.txt', 'p/b.txt', 'p/c.csv'])

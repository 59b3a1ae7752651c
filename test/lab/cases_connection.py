"""lava connections from a file: SHARE:PATH."""
import json

from trial import case, noise


def connection(t, **fields):
    """A connection file to the case's server; `None` takes a field away.  Returns its path."""
    wanted = {'conn_id': 'c1', 'type': 'smb', 'enabled': True, 'host': '127.0.0.1', 'port': t.port,
              'user': t.samba.user, 'password_env': 'SECRET', 'remote_name': 'LAVALAB',
              'is_direct_tcp': True, 'x-remark': ['whatever'], **fields}
    wanted = {name: value for name, value in wanted.items() if value is not None}
    return t.make('conn.json', json.dumps(wanted).encode())


def secret(t):
    return {'SECRET': t.samba.password, 'LAVA_SMB_PASSWORD': None}


@case('plain', 'sign')
def by_connection(t):
    """put, get, ls and the rest with SHARE:PATH"""
    file, env = connection(t), secret(t)
    folder = t.url().rsplit('/', 1)[1]
    data = noise(200_000)
    t.ok('--conn-file', file, 'put', '-m', t.make('a', data), f'data:{folder}/new/a', env=env)
    t.ok('get', f'data:/{folder}/./new//a', t.file('back'), '--conn-file', file, env=env)
    t.equal(t.local('back'), data)
    t.equal(t.ok('ls', f'data:{folder}/new', '--conn-file', file, env=env).lines(), ['a'])
    t.ok('mv', '--conn-file', file, f'data:{folder}/new/a', f'data:{folder}\\b', env=env)
    t.equal(t.ok('cat', '--conn-file', file, f'data:{folder}/b', env=env).out, data)
    t.ok('cp', '--conn-file', file, f'data:{folder}/b', f'data:{folder}/new', env=env)
    t.equal(t.remote('new/b'), data)
    t.ok('rm', '-R', '--conn-file', file, f'data:{folder}/new', env=env)
    t.only(there=['b'])


@case()
def connection_of_a_server(t):
    """info and shares need no argument"""
    file, env = connection(t), secret(t)
    t.check('dialect: 3.1.1' in t.ok('info', '--conn-file', file, env=env).text, 'no dialect')
    t.check('data\tdisk' in t.ok('shares', '--conn-file', file, env=env).text, 'no share')


@case()
def password_of_a_connection(t):
    """the connection's password: from a file, by option, and never for another server"""
    file = connection(t, password_env=None, password_file=t.make('pw', b'Wonder-1and\n'))
    t.ok('ls', 'data:', '--conn-file', file, env={'LAVA_SMB_PASSWORD': 'wrong'})
    t.fails(2, 'ls', t.url(), '--conn-file', file, says='its own server')
    t.ok('ls', t.url(), '--conn-file', file, '--password-file', t.file('pw'))
    file = connection(t, password_env=None, password='/lava/realm/pw')
    t.fails(3, 'ls', 'data:', '--conn-file', file, env={'AWS_EC2_METADATA_DISABLED': 'true'},
            says='Unable to locate credentials')
    t.ok('ls', 'data:', '--conn-file', file, '--password-file', t.file('pw'))
    t.fails(3, 'ls', 'data:', '--conn-file', connection(t), env={'SECRET': 'wrong'})
    t.fails(2, 'ls', 'data:', '--conn-file', connection(t), env={'SECRET': None}, says='SECRET')


@case()
def connections_that_are_none(t):
    """a connection that is switched off, of another type, or not understood"""
    for fields, says in (({'enabled': False}, 'Connection not enabled'),
                         ({'enabled': None}, 'Connection not enabled'),
                         ({'type': 'ssh'}, 'Must be of type "smb" not "ssh"'),
                         ({'hsot': 'x', 'a': 1}, 'Unexpected keys: a, hsot'),
                         ({'port': 'many'}, "base 10: 'many'"),
                         ({'host': None, 'user': None}, 'Missing keys: host, user')):
        t.fails(2, 'ls', 'data:', '--conn-file', connection(t, **fields), env=secret(t), says=says)
    t.fails(2, 'ls', 'data:', '--conn-file', t.make('x', b'{'), says='line 1')
    t.fails(2, 'ls', 'data', '--conn-file', connection(t), env=secret(t), says='must be in the form share:path')


@case('seal', 'smb21')
def encryption_of_a_connection(t):
    """encrypt: what the connection asks for is demanded of the server"""
    file, env = connection(t, encrypt=True), secret(t)
    if t.samba.profile == 'seal':
        t.check('encrypted: yes' in t.ok('info', '--conn-file', file, env=env).text, 'not encrypted')
        t.fails(2, 'info', '--encrypt', 'off', '--conn-file', file, env=env, says='contradicts')
    else:
        t.fails(7, 'info', '--conn-file', file, env=env)

"""What must work alike on every kind of server."""
import re
import time

from profiles import APART, DIALECTS, PROFILES
from trial import case, noise

EVERY = [name for name in PROFILES if name not in ('nontlm', 'matrix', *APART)]
SIZES = (0, 1, 65535, 65536, 65537, 1 << 20, (10 << 20) + 3)

# What `info` has to show, besides the dialect.
SHOWS = {'gmac': 'gmac', 'cmac': 'cmac', 'hmac': 'hmac', 'gcm128': 'aes-128-gcm', 'ccm128': 'aes-128-ccm',
         'gcm256': 'aes-256-gcm', 'ccm256': 'aes-256-ccm', 'seal30': 'aes-128-ccm'}


@case(*EVERY)
def sizes(t):
    """files of all sizes come back as they went"""
    for size in SIZES:
        data = noise(size, size)
        t.make('up', data)
        t.ok('put', 'up', t.url(f'f{size}'))
        t.equal(t.remote(f'f{size}'), data, f'{size} bytes on the share')
        t.ok('get', t.url(f'f{size}'), f'down{size}')
        t.equal(t.local(f'down{size}'), data, f'{size} bytes back')
    t.only(here=['up'] + [f'down{size}' for size in SIZES], there=[f'f{size}' for size in SIZES])


@case(*EVERY)
def folders(t):
    """mkdir -p, ls, stat, mv and rm"""
    t.ok('mkdir', '-p', t.url('a/b/c'))
    t.ok('mkdir', '-p', t.url('a/b/c'))
    t.make('x', b'12345')
    t.ok('put', 'x', t.url('a/b/one'))
    t.equal(sorted(t.ok('ls', t.url('a/b')).lines()), ['c', 'one'], 'ls')
    t.check(re.search(r'\b5\b', t.ok('stat', t.url('a/b/one')).text), 'stat shows no size')
    t.ok('mv', t.url('a/b/one'), t.url('a/two'))
    t.equal(sorted(t.ok('ls', t.url('a')).lines()), ['b', 'two'], 'ls after mv')
    t.equal(t.remote('a/two'), b'12345')
    t.ok('rm', t.url('a/two'))
    t.fails(4, 'stat', t.url('a/two'))
    t.equal(t.ok('ls', t.url('a/b/c')).lines(), [], 'ls of an empty folder')


@case(*EVERY)
def information(t):
    """info shows what was negotiated"""
    text = t.ok('info', t.url()).text
    dialect = DIALECTS.get(t.samba.profile, '3.1.1')
    t.check(re.search(rf'(?<![\d.]){re.escape(dialect)}(?![\d.]*\d)', text), f'no dialect {dialect} in: {text}')
    wanted = SHOWS.get(t.samba.profile, '')
    t.check(wanted in text.lower(), f'no {wanted} in: {text}')
    years = re.findall(r'time: (\d{4})-', text)
    t.equal(years, [time.strftime('%Y', time.gmtime())] * len(years), 'the year on the server')


@case(*EVERY)
def replace(t):
    """put and get replace what was there"""
    t.place('x', noise(100000))
    t.make('x', b'new')
    t.ok('put', 'x', t.url('x'))
    t.equal(t.remote('x'), b'new')
    t.make('x', noise(100000))
    t.ok('get', t.url('x'), 'x')
    t.equal(t.local('x'), b'new')
    t.only(here=['x'], there=['x'])


@case(*[name for name in EVERY if name not in ('smb202', 'smb21', 'noseal')])
def vault(t):
    """a share that is sealed whatever the client wants"""
    t.make('x', noise(300000))
    t.ok('put', 'x', t.url('x', share='vault', folder=''))
    t.ok('get', t.url('x', share='vault', folder=''), 'y')
    t.equal(t.local('y'), t.local('x'))


@case('plain', 'sign', 'seal', 'smb21')
def anybody_else(t):
    """another user, with a password beyond ASCII"""
    t.make('x', b'from bob')
    t.ok('put', 'x', t.url('x', user='bob'), env={'LAVA_SMB_PASSWORD': 'pässword €'})
    t.equal(t.remote('x'), b'from bob')

"""Users, passwords, domains and shares beyond ASCII, long, and in another case."""
import urllib.parse

from profiles import MORE_USERS, SHARE_UNICODE
from trial import case, noise

USERS = MORE_USERS['unicode']


def secret(user):
    return {'LAVA_SMB_PASSWORD': USERS[user]}


def silent(t, result, user):
    """It does not show this user's password."""
    t.check(USERS[user].encode() not in result.out + result.err, f'shows the password: {result}')


@case('unicode')
def user_beyond_ascii(t):
    """a user's name beyond ASCII in any case, plain and percent-encoded"""
    for name in ('jürgen', 'JÜRGEN', 'Jürgen', 'j%C3%BCrgen'):
        silent(t, t.ok('ls', t.url(user=name), env=secret('jürgen')), 'jürgen')
    t.fails(3, 'ls', t.url(user='jurgen'), env=secret('jürgen'), says='STATUS_LOGON_FAILURE')
    t.fails(3, 'ls', t.url(user='jürgen'), env={'LAVA_SMB_PASSWORD': USERS['jürgen'].upper()})


@case('unicode')
def long_password(t):
    """a password of 128 characters, and without its last one"""
    t.check(len(USERS['long']) == 128, 'it is shorter')
    silent(t, t.ok('ls', t.url(user='long'), env=secret('long')), 'long')
    t.fails(3, 'ls', t.url(user='long'), env={'LAVA_SMB_PASSWORD': USERS['long'][:-1]})


@case('unicode')
def signed_and_sealed(t):
    """their keys sign and seal"""
    for user in USERS:
        t.ok('put', '--sign', 'required', t.make('x', noise(5000)), t.url('x', user=urllib.parse.quote(user)),
             env=secret(user))
        t.ok('get', '--encrypt', 'required', t.url('x', user=urllib.parse.quote(user)), 'y', env=secret(user))
        t.equal(t.local('y'), noise(5000))
        t.ok('rm', t.url('x', user=urllib.parse.quote(user)), env=secret(user))


@case('unicode')
def principal_name(t):
    """a user in the form user@domain: whole, or refused with a clear error"""
    t.ok('ls', t.url(user='carol%40lavalab.example'), env=secret('carol@lavalab.example'))
    t.fails(3, 'ls', t.url(user='alice%40lavalab.example'), says=r'\[NtStatus STATUS_\w+\]')
    t.fails(3, 'ls', t.url(user='carol%40lavalab.example'))


@case('unicode', 'smb21')
def domains(t):
    """a domain goes into what proves the password, whatever its letters"""
    for domain in ('LAVALAB', 'lavalab', 'ELSEWHERE', 'DÖMÄNE €', 'x' * 200):
        login = urllib.parse.quote(domain) + ';alice'
        t.ok('ls', t.url(user=login))
        t.fails(3, 'ls', t.url(user=login), env={'LAVA_SMB_PASSWORD': 'wrong'})


@case('unicode')
def share_beyond_ascii(t):
    """a share's name beyond ASCII, in any case, and one that is not there"""
    for name in (SHARE_UNICODE, SHARE_UNICODE.upper(), SHARE_UNICODE.lower()):
        share = urllib.parse.quote(name)
        data = noise(70_000, len(share))
        t.ok('put', t.make('a', data), t.url('ä', share=share, folder=''))
        t.ok('get', t.url('ä', share=share, folder=''), 'b')
        t.equal(t.local('b'), data)
    t.ok('ls', t.url(share=SHARE_UNICODE.replace(' ', '%20'), folder=''))
    shares = t.ok('shares', t.url(share='', folder='').rstrip('/')).text
    t.check(f'{SHARE_UNICODE}\tdisk' in shares, f'not listed: {shares}')
    t.fails(4, 'ls', t.url(share=urllib.parse.quote('Ünïcödé £'), folder=''), says=r'STATUS_BAD_NETWORK_NAME')


@case('unicode')
def two_cases_two_files(t):
    """names that differ in case alone are two files where the server keeps them apart"""
    share = urllib.parse.quote(SHARE_UNICODE)
    for name in ('öl', 'Öl', 'ÖL'):
        t.ok('put', t.make('a', name.encode()), t.url(name, share=share, folder=''))
    for name in ('öl', 'Öl', 'ÖL'):
        t.equal(t.ok('cat', t.url(name, share=share, folder='')).text, name)
    t.ok('rm', t.url('Öl', share=share, folder=''))
    listed = t.ok('ls', t.url(share=share, folder='')).lines()
    t.check('öl' in listed and 'ÖL' in listed and 'Öl' not in listed, f'ls shows {listed}')
    t.fails(4, 'cat', t.url('Öl', share=share, folder=''))


@case('unicode')
def two_cases_one_file(t):
    """names that differ in case alone are one file elsewhere, which keeps its spelling"""
    for name in ('öl', 'ÖL'):
        t.ok('put', t.make('a', name.encode()), t.url(name))
    t.only(there=['öl'])
    t.equal(t.remote('öl'), 'ÖL'.encode())
    t.ok('mv', t.url('öl'), t.url('Öl'))
    t.only(there=['Öl'])

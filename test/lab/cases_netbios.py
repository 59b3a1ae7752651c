"""NetBIOS sessions: what is not the same as over direct TCP.  (All that is the same runs on the profiles
`netbios` and `netbiosseal`, too: see cases_profiles.)"""
import contextlib
import json
import os
import re
import shutil
import subprocess
import sys

import lab
from trial import Skip, case, noise

BIG = 48 << 20  # more than all buffers together hold


def fact(t, text, name, wanted):
    """`info` says this."""
    found = re.search(rf'^{name}: (.*)$', text, re.M)
    t.equal(found and found.group(1), wanted, name)


def connection(t, **fields):
    """A connection of the lava framework.  Returns its file."""
    whole = {'conn_id': 'lab', 'type': 'smb', 'enabled': True, 'host': t.host, 'user': 'alice',
             'password_env': 'LAVA_SMB_PASSWORD', 'remote_name': 'whoever', **fields}
    return t.make('conn.json', json.dumps(whole).encode())


@case('netbios', 'netbiosseal')
def session(t):
    """a NetBIOS session has no large MTU, and its server is called *SMBSERVER"""
    text = t.ok('info', t.url()).text
    fact(t, text, 'transport', 'NetBIOS session')
    fact(t, text, 'called name', r'*SMBSERVER')
    fact(t, text, 'address', f'{t.host}:139')
    for size in ('max read', 'max write', 'max transact'):
        fact(t, text, size, '65536')


@case('netbios', 'netbiosseal')
def much(t):
    """much goes there and back, 64 KiB at a time"""
    data = noise(BIG)
    t.make('up', data)
    t.ok('put', 'up', t.url('big'))
    t.equal(t.remote('big'), data, 'on the share')
    t.ok('get', t.url('big'), 'down')
    t.equal(t.local('down'), data, 'back')


@case('netbios')
def locations(t):
    """?nbt=1 is as good as --nbt, and the port is 139"""
    t.always = []
    t.place('x', b'hello')
    t.ok('get', t.url('x') + '?nbt=1', 'a')
    t.ok('get', t.url('x').replace(':139', '') + '?nbt=1', 'b')
    t.equal((t.local('a'), t.local('b')), (b'hello', b'hello'))


@case('netbios')
def connections(t):
    """a lava connection means a NetBIOS session, in which both ends have their names"""
    t.always = []
    t.place('x', b'hello')
    conn = connection(t, remote_name='a-server-with-a-long-name', my_name='lava-realm')
    path = 'data:' + os.path.basename(t.folder) + '/x'
    t.ok('get', '--conn-file', conn, path, 'x')
    t.equal(t.local('x'), b'hello')
    text = t.ok('info', '--conn-file', conn).text
    fact(t, text, 'transport', 'NetBIOS session')
    fact(t, text, 'called name', 'A-SERVER-WITH-A')


@case()
def elsewhere(t):
    """a NetBIOS session on a port of one's own choice"""
    t.always = ['--nbt']
    t.make('x', noise(1 << 20))
    t.ok('put', 'x', t.url('x'))
    t.equal(t.remote('x'), t.local('x'))
    fact(t, t.ok('info', t.url()).text, 'transport', 'NetBIOS session')


@case('netbios')
def no_other_port(t):
    """where nobody takes NetBIOS sessions nothing else is tried"""
    holder, t.host = lab.hold_address()
    with contextlib.closing(holder):
        result = t.run('ls', t.url())
    t.failed(result, 6, says='445')
    t.equal(result.err.count(b'139'), 1, 'ports tried')


class Island:
    """A server with a NetBIOS name service in a network of its own, and the tool in it."""

    def __init__(self, t):
        self.process = subprocess.Popen(
            [sys.executable, os.path.join(os.path.dirname(lab.__file__), 'lab.py'), 'run', '--island', '--',
             'sh', '-c', 'echo $$ $LAVA_LAB_HOST $LAVA_LAB_DATA; exec cat'],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        words = self.process.stdout.readline().split()
        if not words:
            said = self.process.communicate()[1].strip()
            raise Skip(said) if self.process.returncode == 77 else lab.LabError(said)
        pid, self.host, self.data = words
        inside = t.make('inside', f'#!/bin/sh\nexec nsenter -t {pid} -n {t.tool} "$@"\n'.encode())
        os.chmod(inside, 0o755)
        t.tool, t.always = inside, ['--nbt']

    def close(self):
        self.process.communicate()  # its standard input closes, so it ends


def _found(t, *words):
    """Run the tool.  A busy machine may not answer to a name within three broadcasts, less than a second."""
    for _ in range(5):
        result = t.run(*words)
        if b'nobody answers to the NetBIOS name' not in result.err:
            break
    t.equal(result.status, 0, str(result))
    return result


@case('netbios')
def names(t):
    """servers are found by broadcast, and called by name, by address and by the name for any"""
    if shutil.which('nsenter') is None:
        raise Skip('nsenter is not installed')
    with contextlib.closing(Island(t)) as island:
        with open(os.path.join(island.data, 'x'), 'wb') as out:
            out.write(b'hello')
        for host, called in (('lavalab', 'LAVALAB'), ('LAVALAB', 'LAVALAB'), (island.host, '*SMBSERVER')):
            _found(t, 'get', f'smb://alice@{host}/data/x', 'x')
            t.equal(t.local('x'), b'hello', host)
            text = _found(t, 'info', f'smb://alice@{host}/data').text
            fact(t, text, 'address', f'{island.host}:139')
            fact(t, text, 'called name', called)
        result = t.run('ls', 'smb://alice@nosuchhost/data')
        t.failed(result, 6, says='nosuchhost.*EAI_.*nobody answers to the NetBIOS name NOSUCHHOST .3 broadcasts')
        t.failed(t.run('ls', 'smb://alice@nosuch.host/data'), 6, says='nosuch.host: EAI_')
        t.always = []
        t.failed(t.run('ls', 'smb://alice@lavalab/data'), 6, says='lavalab: EAI_')  # nobody asked for NetBIOS

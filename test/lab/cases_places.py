"""Targets that are not simply replaced: links, devices, pipes, folders that take no new names."""
import os
import re
import stat
import struct
import subprocess
import tempfile
import threading

from trial import PATIENCE_SECONDS, Skip, case, noise


@case()
def symbolic_link(t):
    """a local symbolic link is written through"""
    t.place('x', b'new')
    t.make('real', b'old')
    os.symlink('real', t.file('link'))
    t.ok('get', t.url('x'), 'link')
    t.check(os.path.islink(t.file('link')), 'the link was replaced')
    t.equal(t.local('real'), b'new')
    t.only(here=['link', 'real'])


@case()
def hard_link(t):
    """a local hard link is written through"""
    t.place('x', b'new')
    t.make('one', b'old and longer')
    os.link(t.file('one'), t.file('two'))
    t.ok('get', t.url('x'), 'one')
    t.equal(t.local('two'), b'new')
    t.check(os.path.samefile(t.file('one'), t.file('two')), 'the link was broken')
    t.only(here=['one', 'two'])


@case()
def atomic_only(t):
    """--atomic makes a link an error, --in-place keeps the inode"""
    t.place('x', b'new')
    t.make('one', b'old')
    os.link(t.file('one'), t.file('two'))
    t.fails(1, 'get', '--atomic', t.url('x'), 'one')
    t.equal(t.local('one'), b'old')
    t.make('alone', b'old')
    inode = os.stat(t.file('alone')).st_ino
    t.ok('get', '--in-place', t.url('x'), 'alone')
    t.equal(os.stat(t.file('alone')).st_ino, inode, 'inode')
    t.equal(t.local('alone'), b'new')


@case()
def modes(t):
    """a new file gets the usual mode, an existing one keeps its own"""
    t.place('x', b'new')
    umask = os.umask(0)
    os.umask(umask)
    t.ok('get', t.url('x'), 'fresh')
    t.equal(stat.S_IMODE(os.stat(t.file('fresh')).st_mode), 0o666 & ~umask, 'mode of a new file')
    t.make('kept', b'old')
    os.chmod(t.file('kept'), 0o640)
    t.ok('get', t.url('x'), 'kept')
    t.equal(stat.S_IMODE(os.stat(t.file('kept')).st_mode), 0o640, 'mode of an existing file')


@case()
def devices(t):
    """/dev/null and /dev/stdout are written to and stay what they are"""
    data = noise(200000)
    t.place('x', data)
    before = os.stat('/dev/null')
    t.ok('get', t.url('x'), '/dev/null')
    t.equal(os.stat('/dev/null').st_rdev, before.st_rdev, 'device')
    t.check(stat.S_ISCHR(os.stat('/dev/null').st_mode), '/dev/null is no device any more')
    t.equal(t.ok('get', t.url('x'), '/dev/stdout').out, data)


@case()
def into_pipe(t):
    """get into a FIFO"""
    data = noise(300000)
    t.place('x', data)
    os.mkfifo(t.file('pipe'))
    got = []

    def drain():
        with open(t.file('pipe'), 'rb') as pipe:
            got.append(pipe.read())

    reader = threading.Thread(target=drain, daemon=True)
    reader.start()
    t.ok('get', t.url('x'), 'pipe')
    reader.join(PATIENCE_SECONDS)
    t.equal(got and got[0], data)
    t.check(stat.S_ISFIFO(os.stat(t.file('pipe')).st_mode), 'the FIFO was replaced')
    t.only(here=['pipe'])


@case()
def closed_pipe(t):
    """get to a reader that leaves is a failure, not a death by SIGPIPE"""
    t.place('x', noise(8 << 20))
    run = t.start('get', t.url('x'), '-')
    run.stdout.read(1000)
    run.stdout.close()
    run.stdout = None
    result = t.finish(run)
    t.check(result.status == 1, f'should end with 1: {result}')


@case('plain', 'seal')
def no_new_names(t):
    """a file in a folder that takes no new names is written in place, with a warning"""
    old = t.samba.local('nonew/old')
    t.make('x', noise(100000))
    result = t.ok('put', 'x', t.url('old', folder='nonew'))
    t.check(b'place' in result.err, f'no warning: {result}')
    with open(old, 'rb') as file:
        t.equal(file.read(), t.local('x'))
    t.served(t.samba.local('nonew'), ['old'], 'names')
    t.fails((1, 5), 'put', '--atomic', 'x', t.url('old', folder='nonew'))


@case('plain', 'smb21')
def remote_link(t):
    """a target on the share that is a hard link is written through"""
    t.place('one', b'old and longer')
    os.link(t.path('one'), t.path('two'))
    t.make('x', b'new')
    t.ok('put', 'x', t.url('one'))
    t.equal(t.remote('two'), b'new')
    t.check(os.path.samefile(t.path('one'), t.path('two')), 'the link was broken')
    t.only(there=['one', 'two'])


def _put_over(t, name, new, warns=None, **where):
    """Put `new` over a file of the share; it is written in place, and says so, if `warns`."""
    result = t.ok('put', t.make('new', new), t.url(name, **where))
    t.check(re.search(warns.encode(), result.err) if warns else not result.err,
            f'should warn of /{warns}/: {result}')


@case('plain', 'sign', 'smb21')
def ordinary_target(t):
    """a target that has nothing a new file would not have is replaced, without a word"""
    old = os.stat(t.place('x', b'old and longer')).st_ino
    _put_over(t, 'x', b'new')
    t.equal(t.remote('x'), b'new')
    t.check(os.stat(t.path('x')).st_ino != old, 'the file is still the old one')
    t.ok('put', t.make('y', noise(70000)), t.url('y'))
    _put_over(t, 'y', b'newer')
    t.ok('put', '--atomic', t.make('z', b'newest'), t.url('y'))
    t.equal(t.remote('y'), b'newest')
    t.only(there=['x', 'y'])


@case('plain', 'seal', 'smb21', 'tinycredits')
def remote_symlink(t):
    """a target on the share that is a symbolic link is written through, whoever made it"""
    os.mkdir(t.path('deep'))
    for target in ('real', 'deep/file'):
        for owner in ('alice', 'root'):
            t.place(target, b'old and longer')
            os.symlink(target, t.path('link'))
            t.samba.give(t.path('link'), owner)
            _put_over(t, 'link', b'new', 'symbolic link')
            t.check(os.path.islink(t.path('link')), f'the link of {owner} was replaced')
            t.equal(t.remote(target), b'new')
            t.fails(1, 'put', '--atomic', t.make('y', b'no'), t.url('link'), says='symbolic link')
            t.equal(t.remote(target), b'new')
            os.remove(t.path('link'))
    t.only(there=['deep', 'real'])
    t.served(t.path('deep'), ['file'], 'names')


@case()
def remote_symlink_without_streams(t):
    """the same on a share that keeps no alternate streams"""
    folder = tempfile.mkdtemp(dir=t.samba.local(share='open'))
    os.chmod(folder, 0o777)
    where = {'share': 'open', 'folder': os.path.basename(folder)}
    t.ok('put', t.make('x', b'old and longer'), t.url('real', **where))
    os.symlink('real', os.path.join(folder, 'link'))
    _put_over(t, 'real', b'newer', **where)
    _put_over(t, 'link', b'new', 'symbolic link', **where)
    t.check(os.path.islink(os.path.join(folder, 'link')), 'the link was replaced')
    with open(os.path.join(folder, 'real'), 'rb') as file:
        t.equal(file.read(), b'new')
    t.served(folder, ['link', 'real'], 'names')


@case()
def links_nowhere(t):
    """links out of the share or to nothing are left alone, one to a directory is a directory"""
    os.mkdir(t.path('dir'))
    os.chmod(t.path('dir'), 0o777)
    t.make('x', b'new')
    t.make('outside', b'old')
    os.chmod(t.file('outside'), 0o666)
    for target in ('missing', t.file('outside')):
        os.symlink(target, t.path('link'))
        t.fails((4, 5), 'put', 'x', t.url('link'))
        t.check(os.path.islink(t.path('link')), f'the link to {target} was replaced')
        os.remove(t.path('link'))
    t.equal(t.local('outside'), b'old')
    os.symlink('dir', t.path('link'))
    t.ok('put', 'x', t.url('link'))
    t.check(os.path.islink(t.path('link')), 'the link to a directory was replaced')
    t.equal(t.remote('dir/x'), b'new')
    t.only(there=['dir', 'link'])


@case('plain', 'sign')
def access_kept(t):
    """modes, owners and access lists of a target outlive a put"""
    for mode in (0o600, 0o664, 0o755):
        t.place('x', b'old and longer')
        os.chmod(t.path('x'), mode)
        _put_over(t, 'x', b'new', 'access entries')
        t.equal(stat.S_IMODE(os.stat(t.path('x')).st_mode), mode, 'mode')
        t.equal(t.remote('x'), b'new')
    t.place('x', b'old and longer')
    # linux/posix_acl_xattr.h, version 2: user 6, the user with this id 6, group 4, mask 6, others 4.
    entries = ((1, 6, -1), (2, 6, 12345), (4, 4, -1), (16, 6, -1), (32, 4, -1))
    access = struct.pack('<I', 2) + b''.join(struct.pack('<HHi', *entry) for entry in entries)
    try:
        os.setxattr(t.path('x'), 'system.posix_acl_access', access)
    except OSError as error:
        raise Skip(f'no POSIX access lists here: {error}') from None
    _put_over(t, 'x', b'new', 'access entries')
    t.equal(os.getxattr(t.path('x'), 'system.posix_acl_access'), access, 'access list')
    t.fails(1, 'put', '--atomic', t.make('y', b'no'), t.url('x'), says='access entries')
    t.equal(t.remote('x'), b'new')
    t.only(there=['x'])


@case()
def streams_kept(t):
    """a target with alternate streams is written in place, and keeps them"""
    if not t.samba.has_streams:
        raise Skip('the server keeps no alternate streams')
    t.place('x', b'old and longer')
    t.ok('put', t.make('note', b'a note'), t.url('x') + ':note')
    _put_over(t, 'x', b'new', 'alternate streams')
    t.equal(t.remote('x'), b'new')
    t.ok('get', t.url('x') + ':note', 'back')
    t.equal(t.local('back'), b'a note')
    t.only(there=['x'])


@case('plain', 'nolease')
def open_elsewhere(t):
    """a target that somebody else reads is written in place"""
    t.place('x', noise(3 << 20))
    os.mkfifo(t.file('pipe'))
    folder = os.path.basename(t.folder)
    # smbclient opens the remote file, then waits for a reader of the pipe.
    holder = subprocess.Popen(['smbclient', '//127.0.0.1/data', '-p', str(t.port), '-U',
                               f'alice%{t.samba.password}', '-c', f'get {folder}/x pipe'], cwd=t.home,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    t.running.append(holder)
    t.until(lambda: t.path('x') in t.samba.open_files(), 'smbclient opens nothing')
    t.make('new', b'new')
    t.ok('put', 'new', t.url('x'))
    t.equal(t.remote('x'), b'new')
    t.only(there=['x'])

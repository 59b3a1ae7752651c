"""Targets that are not simply replaced: links, devices, pipes, folders that take no new names."""
import os
import stat
import subprocess
import threading
import time

from trial import case, noise


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
    reader.join(10)
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
    t.equal(os.listdir(t.samba.local('nonew')), ['old'], 'names')
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
    time.sleep(1)
    t.make('new', b'new')
    t.ok('put', 'new', t.url('x'))
    t.equal(t.remote('x'), b'new')
    t.only(there=['x'])

"""Names that lead elsewhere: symbolic links and snapshots."""
import os

from trial import case, noise


@case('plain', 'smb202', 'seal')
def through_links(t):
    """files are read and written through symbolic links, which stay what they are"""
    os.mkdir(t.path('real'))
    os.chmod(t.path('real'), 0o777)
    t.place('real/old', b'old')
    os.symlink('real', t.path('folder'))
    os.symlink('real/old', t.path('file'))
    t.equal(t.ok('get', t.url('folder/old'), '-').out, b'old')
    t.ok('put', t.make('x', b'new'), t.url('folder/new'))
    t.equal(t.remote('real/new'), b'new')
    t.ok('put', t.make('x', b'newer'), t.url('file'))
    t.equal(t.remote('real/old'), b'newer')
    t.check(os.path.islink(t.path('file')) and os.path.islink(t.path('folder')), 'a link is gone')
    t.equal(sorted(os.listdir(t.path('real'))), ['new', 'old'], 'names in the folder')


@case('metadata')
def inside_a_snapshot(t):
    """a snapshot is listed and read like a folder, from above a path and in it, and never written"""
    stamp = '@GMT-2026.01.31-12.00.00'
    then = t.samba.local(f'.snapshots/{stamp}/dir', share='vault')
    now = t.samba.local('dir', share='vault')
    content = noise(300000)
    for folder in (then, now):
        os.makedirs(folder, exist_ok=True)
        os.chmod(folder, 0o777)
    with open(os.path.join(then, 'gone'), 'wb') as file:
        file.write(content)

    def place(path):
        return t.url(path, share='vault', folder='')

    for path in (f'{stamp}/dir', f'dir/{stamp}'):
        t.equal(t.ok('ls', place(path)).lines(), ['gone'], f'ls {path}')
        t.equal(t.ok('get', place(f'{path}/gone'), '-').out, content, path)
    t.check('300000' in t.ok('stat', place(f'{stamp}/dir/gone')).text, 'stat does not show the size')
    t.fails(4, 'get', place('dir/gone'), '-')
    t.fails(4, 'get', place('@GMT-2020.01.01-00.00.00/dir/gone'), '-')
    t.fails(2, 'get', place(f'{stamp}/dir/{stamp}/gone'), '-', says='more than one snapshot')
    t.check(t.run('put', t.make('x', b'x'), place(f'{stamp}/dir/x')).status != 0, 'a snapshot was written')
    t.equal(os.listdir(then), ['gone'], 'names in the snapshot')


@case('plain', 'metadata')
def outside_any_snapshot(t):
    """a path into a snapshot that is not there never brings what is there today"""
    t.place('f', b'today')
    for path in ('@GMT-2020.01.01-00.00.00/f', 'f/@GMT-2020.01.01-00.00.00'):
        run = t.fails(4, 'get', t.url(path), '-')
        t.check(b'today' not in run.out, 'got what is there today')
        t.fails(4, 'stat', t.url(path))
        t.fails(4, 'get', t.url(path), 'down')
    t.fails(4, 'ls', t.url('@GMT-2020.01.01-00.00.00'))
    t.only(here=[], there=['f'])

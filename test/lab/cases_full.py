"""A disk of 1 MiB that is full, or nearly so: the share `small`."""
import os
import shutil

from trial import case, noise

FULL = r'\[NtStatus STATUS_DISK_FULL\] .*(full|space)'


class Small:
    """The share, of which each case has all."""

    def __init__(self, t):
        self.t = t
        self.root = t.samba.local(share='small')
        for name in os.listdir(self.root):
            if os.path.isdir(self.path(name)):
                shutil.rmtree(self.path(name))
            else:
                os.remove(self.path(name))

    def url(self, name=''):
        return self.t.url(name, share='small', folder='')

    def path(self, name):
        return os.path.join(self.root, name)

    def fill(self, name, length):
        """A file that is there already."""
        with open(self.path(name), 'wb') as out:
            out.write(noise(length))
        os.chmod(self.path(name), 0o666)

    def read(self, name):
        with open(self.path(name), 'rb') as file:
            return file.read()

    def only(self, *names):
        self.t.served(self.root, names, 'names on the small share')


@case('full')
def too_large(t):
    """a file larger than the disk: said by name, nothing is left, and the room is free again"""
    small = Small(t)
    t.fails(1, 'put', t.make('x', noise(2 << 20)), small.url('x'), says=FULL)
    small.only()
    t.fails(1, 'put', '-', small.url('x'), data=noise(2 << 20), says=FULL)
    small.only()
    t.ok('put', t.make('x', noise(1_000_000)), small.url('x'))
    t.equal(small.read('x'), noise(1_000_000))
    small.only('x')


@case('full')
def too_large_in_place(t):
    """a file larger than the disk, written in place: said by name"""
    small = Small(t)
    t.fails(1, 'put', '--in-place', t.make('x', noise(2 << 20)), small.url('x'), says=FULL)


@case('full')
def copied_on_a_full_disk(t):
    """cp on the server and across shares: said by name, and nothing is left"""
    small = Small(t)
    small.fill('x', 600_000)
    t.fails(1, 'cp', small.url('x'), small.url('y'), says=FULL)
    t.place('big', noise(2 << 20))
    t.fails(1, 'cp', t.url('big'), small.url('y'), says=FULL)
    small.only('x')


@case('full')
def old_target_is_kept(t):
    """what would be replaced stays as it was when its successor finds no room"""
    small = Small(t)
    small.fill('x', 600_000)
    t.fails(1, 'put', t.make('new', noise(500_000, 2)), small.url('x'), says=FULL)
    t.equal(small.read('x'), noise(600_000))
    small.only('x')


@case('full')
def just_fits(t):
    """a file that just fits, and one byte more"""
    small = Small(t)
    t.fails(1, 'put', t.make('x', noise((1 << 20) + 1)), small.url('x'), says=FULL)
    small.only()
    t.ok('put', t.make('x', noise(1 << 20)), small.url('x'))
    t.equal(small.read('x'), noise(1 << 20))
    t.ok('get', small.url('x'), 'back')
    t.equal(t.local('back'), noise(1 << 20))


@case('full')
def one_after_the_other(t):
    """small files until the disk is full: what was put is there and whole, what was not is not"""
    small = Small(t)
    for at in range(50):
        small.fill(f'{at:02}', 10)
    wanted = {}
    for at in range(50, 70):  # the disk has room for 64 names, one of them its own
        result = t.run('put', t.make('x', noise(1000, at)), small.url(f'{at}'))
        if result.status == 0:
            wanted[f'{at}'] = noise(1000, at)
        else:
            t.failed(result, 1, says=FULL)
    t.check(8 <= len(wanted) <= 13, f'{len(wanted)} of 20 were put')
    small.only(*[f'{at:02}' for at in range(50)], *wanted)
    for name, data in wanted.items():
        t.equal(small.read(name), data, name)


@case('full')
def tree(t):
    """a tree of small files until the disk is full: what is there is whole"""
    small = Small(t)
    os.mkdir(t.file('tree'))
    for at in range(80):
        t.make(f'tree/{at:02}', noise(1000, at))
    t.fails((1, 9), 'put', '-R', t.file('tree'), small.url('tree'), says='STATUS_DISK_FULL')
    there = [os.path.join(folder, name) for folder, _, names in os.walk(small.root) for name in names]
    t.check(40 < len(there) < 64, f'{len(there)} files are there')
    for path in there:
        t.equal(small.read(path), noise(1000, int(os.path.basename(path))), path)


@case('full')
def no_room_for_names(t):
    """where no name has room: no mkdir and no put, but cat, ls, mv and rm"""
    small = Small(t)
    names = [f'{at:02}' for at in range(63)]
    for name in names:
        small.fill(name, 10)
    t.fails(1, 'mkdir', small.url('new'), says=FULL)
    t.fails(1, 'put', t.make('x', b'1'), small.url('new'), says=FULL)
    t.equal(t.ok('cat', small.url('07')).out, noise(10))
    t.equal(len(t.ok('ls', small.url()).lines()), 63, 'names listed')
    t.ok('mv', small.url('08'), small.url('moved'))
    t.ok('rm', small.url('07'))
    t.ok('mkdir', small.url('new'))
    small.only('new', 'moved', *[name for name in names if name not in ('07', '08')])


@case('full')
def no_room_for_a_temporary(t):
    """a target is not risked where its successor's name has no room, unless that is asked for"""
    small = Small(t)
    names = [f'{at:02}' for at in range(63)]
    for name in names:
        small.fill(name, 10)
    t.fails(1, 'put', t.make('x', b'new'), small.url('07'), says=FULL)
    t.equal(small.read('07'), noise(10))
    t.ok('put', '--in-place', 'x', small.url('07'))
    t.equal(small.read('07'), b'new')
    small.only(*names)

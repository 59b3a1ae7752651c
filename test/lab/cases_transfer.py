"""get and put: names, pipes, folders as targets."""
import os
import threading

from trial import Skip, case, noise

NAMES = ('with blank', 'grüße-日本.txt', '50% off #1!.txt', "it's", 'a&b=c+d', '~tilde', 'dot.', '{brace}')


@case('plain', 'smb202')
def names(t):
    """names with blanks, percent signs and letters beyond ASCII"""
    for name in NAMES:
        if name.endswith('.'):
            continue  # Windows names cannot end so
        t.make('x', name.encode())
        t.ok('put', 'x', t.url(name))
        t.equal(t.remote(name), name.encode(), name)
        t.ok('get', t.url(name), 'y')
        t.equal(t.local('y'), name.encode(), name)
    listed = t.ok('ls', t.url()).lines()
    t.equal(sorted(listed), sorted(name for name in NAMES if not name.endswith('.')), 'ls')


@case()
def raw_name(t):
    """a URL may hold blanks and letters as they are"""
    t.place('grün und blau', b'1')
    url = t.url() + '/grün und blau'
    t.ok('get', url, 'x')
    t.equal(t.local('x'), b'1')


@case()
def braces(t):
    """a name without a template is never rendered; -J never renders"""
    t.place('a{b}c', b'1')
    t.ok('get', t.url() + '/a{b}c', 'x')
    t.place('{{x}}', b'2')
    t.ok('get', '-J', t.url() + '/{{x}}', 'y')
    t.equal(t.local('y'), b'2')


@case()
def backslashes(t):
    """backslashes separate, and \\\\HOST\\SHARE\\PATH is a location"""
    t.ok('mkdir', t.url('a'))
    t.place('a/b', b'1')
    t.ok('get', t.url() + '\\a\\b', 'x')
    t.equal(t.local('x'), b'1')


@case()
def odd_paths(t):
    """//, dir/../x, a leading and a trailing slash"""
    os.mkdir(t.path('a'))
    t.place('x', b'1')
    for path in ('//x', '/a/../x', '/./x', '/x/'):
        t.ok('get', t.url() + path, 'y')
        t.equal(t.local('y'), b'1', path)
        os.remove(t.file('y'))


@case('plain', 'seal')
def standard_output(t):
    """get to -"""
    data = noise(3 << 20)
    t.place('x', data)
    t.equal(t.ok('get', t.url('x'), '-').out, data)


@case('plain', 'seal')
def standard_input(t):
    """put from -"""
    for size in (0, 1, 65537, 3 << 20):
        data = noise(size)
        t.ok('put', '-', t.url('x'), data=data)
        t.equal(t.remote('x'), data)
    t.only(there=['x'])


@case()
def into_folder(t):
    """get into a folder keeps the name"""
    os.mkdir(t.file('in'))
    t.place('kept name', b'1')
    t.ok('get', t.url('kept name'), 'in')
    t.equal(t.local('in/kept name'), b'1')
    t.ok('get', t.url('kept name'), '.')
    t.equal(t.local('kept name'), b'1')


@case()
def get_folder(t):
    """get of a folder without -R is an error"""
    os.mkdir(t.path('d'))
    t.fails(1, 'get', t.url('d'), 'x', says='is a directory')
    t.only(here=[], there=['d'])


@case()
def make_parents(t):
    """put -m makes the parents, put without it does not"""
    t.make('x', b'1')
    t.fails(4, 'put', 'x', t.url('a/b/x'))
    t.only(there=[])
    t.ok('put', '-m', 'x', t.url('a/b/x'))
    t.equal(t.remote('a/b/x'), b'1')
    t.ok('put', 'x', t.url('a/b/y'), '--mkdir')


@case()
def from_pipe(t):
    """put from a FIFO"""
    os.mkfifo(t.file('pipe'))
    data = noise(300000)

    def feed():
        with open(t.file('pipe'), 'wb') as pipe:
            pipe.write(data)

    feeder = threading.Thread(target=feed, daemon=True)
    feeder.start()
    t.ok('put', 'pipe', t.url('x'))
    t.equal(t.remote('x'), data)


@case('plain', 'sign', 'smb21')
def streams(t):
    """alternate data streams: get, put, and a put to the file keeps them"""
    if not t.samba.has_streams:
        raise Skip('this file system or Samba keeps no alternate streams')
    t.place('x', b'main')
    t.make('s', b'beside')
    t.ok('put', 's', t.url() + '/x:note')
    t.ok('get', t.url() + '/x:note', 'back')
    t.equal(t.local('back'), b'beside')
    t.make('n', b'new main')
    t.ok('put', 'n', t.url('x'))
    t.equal(t.remote('x'), b'new main')
    t.ok('get', t.url() + '/x:note', 'back')
    t.equal(t.local('back'), b'beside')
    t.only(there=['x'])


@case()
def case_kept(t):
    """put to a name in other letters keeps the existing name's case"""
    t.place('Report.TXT', b'old')
    t.make('x', b'new')
    t.ok('put', 'x', t.url('report.txt'))
    t.only(there=['Report.TXT'])
    t.equal(t.remote('Report.TXT'), b'new')


@case()
def holes(t):
    """a sparse file of 300 MiB"""
    with open(t.file('x'), 'wb') as out:
        out.truncate(300 << 20)
        out.seek(123456789)
        out.write(b'here')
    t.ok('put', 'x', t.url('x'))
    t.equal(os.path.getsize(t.path('x')), 300 << 20, 'size')
    with open(t.path('x'), 'rb') as file:
        file.seek(123456785)
        t.equal(file.read(12), bytes(4) + b'here' + bytes(4))


@case('plain', 'tinycredits')
def side_by_side(t):
    """four puts to one name at once leave one of them whole, and nothing else"""
    texts = [noise(2 << 20, seed) for seed in range(4)]
    runs = []
    for number, text in enumerate(texts):
        t.make(str(number), text)
        runs.append(t.start('put', str(number), t.url('x')))
    results = [t.finish(run) for run in runs]
    t.check(any(result.status == 0 for result in results), 'none has succeeded: ' + str(results[0]))
    t.check(t.remote('x') in texts, 'the target is a mixture')
    t.only(there=['x'])


@case()
def progress_forms(t):
    """every form of --progress, and none of them on standard output"""
    t.place('x', noise(1 << 20))
    for form in ('auto', 'bar', 'lines', 'json', 'none'):
        t.equal(t.ok('get', '--progress', form, t.url('x'), '-').out, t.remote('x'), form)


@case()
def small_window(t):
    """--window"""
    t.place('x', noise(12 << 20))
    t.ok('get', '--window', '1M', t.url('x'), 'y')
    t.equal(t.local('y'), t.remote('x'))


@case()
def many_connections(t):
    """--connections"""
    t.place('x', noise(12 << 20))
    t.ok('get', '--connections', '2', t.url('x'), 'y')
    t.equal(t.local('y'), t.remote('x'))

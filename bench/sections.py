"""What is measured: sections, each with servers of its own.

A section is a generator of rows (contest.py).  All files lie in one folder, in memory where there is
room: the originals, what comes back, and the servers.
"""
import contextlib
import os
import subprocess

import lab
from clients import LIMIT, Lava, Limit, Place, Rclone, Smbclient
from contest import Contest, Task, remove, same_file, same_tree
from libraries import built
from link import Link
from measure import TOOL, Failed, Meter
import objects

PROFILES = ('plain', 'cmac', 'gmac', 'hmac', 'gcm128', 'gcm256', 'ccm128')
PROTECTION = {'plain': 'plain', 'cmac': 'signed, AES-CMAC', 'gmac': 'signed, AES-GMAC',
              'hmac': 'signed, HMAC-SHA256', 'gcm128': 'sealed, AES-128-GCM', 'gcm256': 'sealed, AES-256-GCM',
              'ccm128': 'sealed, AES-128-CCM'}
LIMIT_PIECES = (128 << 10, 512 << 10, 0)
FOLDER_FILES = 100  # in each folder of a tree
RTT_MS = 20
RATE = 10**9        # of a link that has one; bits per second
RATE_ROUNDS = 2     # the wire says how long it takes, not chance
FIRST, SECOND = 20, 60  # files from which a client that needs minutes is estimated: few at a time,
MORE = 10               # and so many times more for one that has many in flight

ALONE = Lava('lava-smb, 1 connection', ['--connections', '1'])
RCLONE_32 = Rclone('rclone, 32 at a time', 32)


class Bench:
    """The sizes that were asked for, and the originals."""

    def __init__(self, folder, wanted):
        self.folder = folder
        self.wanted = wanted
        self.meter = None
        self.libraries = built() if wanted.libraries else []

    def path(self, name):
        return os.path.join(self.folder, name)

    def chosen(self, *clients):
        words = self.wanted.clients
        return [client for client in clients if not words or any(client.name.startswith(word) for word in words)]

    def original(self, mib):
        """A file of noise."""
        path = self.path(f'file-{mib}')
        if not os.path.exists(path):
            with open(path, 'wb') as out:
                for _ in range(mib):
                    out.write(os.urandom(1 << 20))
        return path

    def tree(self, files, size):
        """A tree of small files, FOLDER_FILES in each folder."""
        root = self.path(f'tree-{files}-{size}')
        if not os.path.exists(root):
            plant(root, files, size)
        return root

    @contextlib.contextmanager
    def server(self, profile='plain'):
        """A server, and what measures clients of it."""
        with lab.Samba(profile, base=self.folder) as samba:
            self.meter = Meter(self.folder, samba.process.pid)
            yield samba

    def contest(self, samba, port=None, calls=True, rounds=None):
        place = Place(samba.host, port or samba.port, samba.user, samba.password)
        return Contest(self.meter, place, min(rounds or self.wanted.rounds, self.wanted.rounds),
                       calls and not self.wanted.no_calls)


def plant(root, files, size):
    for number in range(files):
        folder = os.path.join(root, f'd{number // FOLDER_FILES:03}')
        if number % FOLDER_FILES == 0:
            os.makedirs(folder)
        with open(os.path.join(folder, f'f{number:05}'), 'wb') as out:
            out.write(os.urandom(size))


def give(samba, root):
    """A tree that was planted on the share is the user's."""
    for folder, _, names in os.walk(root):
        for path in (folder, *(os.path.join(folder, name) for name in names)):
            samba.give(path)


# ---------------------------------------------------------------- one file

def file_tasks(bench, samba, section, title, mib):
    original, back, there = bench.original(mib), bench.path('back'), samba.local('put')
    if not os.path.exists(samba.local('file')):
        subprocess.run(['cp', original, samba.local('file')], check=True)
        os.chmod(samba.local('file'), 0o744)
        samba.give(samba.local('file'))
    size = f'{mib >> 10} GiB' if mib % 1024 == 0 else f'{mib} MiB'
    return (Task(section, f'GET {size}{title}', 'get', 'file', back, mib, 'MiB',
                 lambda _: same_file(original, back), lambda: remove(back)),
            Task(section, f'PUT {size}{title}', 'put', 'put', original, mib, 'MiB',
                 lambda _: same_file(original, there), lambda: remove(there)))


@contextlib.contextmanager
def limit_server(samba):
    """Serves the files that the tasks are about, without a protocol.  Its port."""
    if not os.path.exists(LIMIT):
        yield None
        return
    argv = [LIMIT, 'serve', samba.local('file'), samba.local('put')]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield int(process.stdout.readline())
        finally:
            process.terminate()


def one_file(profile):
    def section(bench):
        mib = bench.wanted.mib
        with bench.server(profile) as samba:
            tasks = file_tasks(bench, samba, f'near-{profile}', f', {PROTECTION[profile]}', mib)
            with limit_server(samba) as port:
                limits = [Limit(piece, port) for piece in LIMIT_PIECES] if port and profile == 'plain' else []
                clients = bench.chosen(Lava(), Smbclient(), Rclone(), *bench.libraries, *limits)
                for task in tasks:
                    yield from best_limit(bench.contest(samba).between(task, clients))
    return section


def best_limit(rows):
    """Of those without a protocol only the fastest."""
    rows = list(rows)
    bare = [row for row in rows if row['client'] == Limit.NAME]
    fastest = sorted((row for row in bare if row['wall'] is not None), key=lambda row: row['wall'])[:1]
    return [row for row in rows if row not in bare] + fastest


def far_file(bench):
    """A long link without a rate: what a client has in flight is all that limits it."""
    mib = max(1, bench.wanted.mib // 4)
    with bench.server() as samba, Link(samba.port, RTT_MS, beside=TOOL) as link:
        for task in file_tasks(bench, samba, 'far', f', {RTT_MS} ms', mib):
            clients = bench.chosen(Lava(), Smbclient(), Rclone(), *bench.libraries)
            yield from bench.contest(samba, link.port, calls=False).between(task, clients)


def far_rate(bench):
    """A long link with a rate, and what it carries without a protocol."""
    with contextlib.ExitStack() as stack:
        samba = stack.enter_context(bench.server())
        tasks = file_tasks(bench, samba, 'rate', f', {RTT_MS} ms, 1 Gbit/s', bench.wanted.mib)
        port = stack.enter_context(limit_server(samba))
        link, bare = (stack.enter_context(Link(to, RTT_MS, RATE, beside=TOOL)) for to in (samba.port, port))
        clients = bench.chosen(Lava(), Smbclient(), Rclone(), Limit(LIMIT_PIECES[1], bare.port))
        for task in tasks:
            yield from bench.contest(samba, link.port, calls=False, rounds=RATE_ROUNDS).between(task, clients)


# ---------------------------------------------------------------- S3

def near_objects(bench):
    with bench.server() as samba:
        file_tasks(bench, samba, 's3', '', bench.wanted.mib)
        yield from objects.contest(bench, samba, 's3', '', bench.wanted.mib)


def far_objects(bench):
    mib = bench.wanted.mib
    with bench.server() as samba, Link(samba.port, RTT_MS, beside=TOOL) as link:
        file_tasks(bench, samba, 'far-s3', '', mib)
        yield from objects.contest(bench, samba, 'far-s3', f', {RTT_MS} ms', mib, link.port)


# ---------------------------------------------------------------- trees and folders

def tree_tasks(bench, samba, section, files, size, title):
    original, back = bench.tree(files, size), bench.path('back')
    there, put = f'tree-{files}-{size}', f'put-{files}-{size}'
    if not os.path.exists(samba.local(there)):
        subprocess.run(['cp', '-r', original, samba.local(there)], check=True)
        give(samba, samba.local(there))
    words = f'{files} × {size >> 10} KiB{title}'
    return (Task(section, f'GET {words}', 'get_tree', there, back, files, 'files',
                 lambda _: same_tree(original, back), lambda: remove(back)),
            Task(section, f'PUT {words}', 'put_tree', put, original, files, 'files',
                 lambda _: same_tree(original, samba.local(put)), lambda: remove(samba.local(put))))


def near_trees(bench):
    clients = bench.chosen(Lava(), ALONE, Smbclient(), Rclone(), RCLONE_32, *bench.libraries)
    with bench.server() as samba:
        for files, size in bench.wanted.trees:
            for task in tree_tasks(bench, samba, 'small', files, size, ''):
                yield from bench.contest(samba, calls=False).between(task, clients)


def far_trees(bench):
    """Ours do all of it; the others, who would need minutes, do parts."""
    with bench.server() as samba, Link(samba.port, RTT_MS, beside=TOOL) as link:
        for files, size in bench.wanted.trees:
            title = f', {RTT_MS} ms'
            parts = {count: tree_tasks(bench, samba, 'far-small', count, size, title)
                     for count in (FIRST, SECOND, FIRST * MORE, SECOND * MORE) if count < files}
            contest = bench.contest(samba, link.port, calls=False)
            for number, task in enumerate(tree_tasks(bench, samba, 'far-small', files, size, title)):
                yield from contest.between(task, bench.chosen(Lava(), ALONE))
                for client in bench.chosen(Smbclient(), Rclone(), RCLONE_32, *bench.libraries):
                    more = MORE if client.at_once > 1 else 1
                    if SECOND * more in parts:
                        yield contest.estimated(
                            task, client, [parts[count * more][number] for count in (FIRST, SECOND)])


def listed(names):
    def check(output):
        with open(output, 'rb') as lines:
            found = sum(b'f0' in line for line in lines)
        if found < names:
            raise Failed(f'{found} names of {names} were listed')
    return check


def list_task(samba, section, names, title):
    folder = samba.local('many')
    os.mkdir(folder)
    for number in range(names):
        os.close(os.open(os.path.join(folder, f'f{number:06}'), os.O_CREAT | os.O_WRONLY, 0o744))
    os.chmod(folder, 0o755)
    return Task(section, f'LIST {names} names{title}', 'list', 'many', '', names, 'names', listed(names))


def near_list(bench):
    clients = bench.chosen(Lava(), Smbclient(), Rclone(), *bench.libraries)
    with bench.server() as samba:
        task = list_task(samba, 'list', bench.wanted.names, '')
        yield from bench.contest(samba, calls=False).between(task, clients)


def far_list(bench):
    clients = bench.chosen(Lava(), Smbclient(), Rclone(), *bench.libraries)
    with bench.server() as samba, Link(samba.port, RTT_MS, beside=TOOL) as link:
        task = list_task(samba, 'far-list', bench.wanted.names, f', {RTT_MS} ms')
        yield from bench.contest(samba, link.port, calls=False).between(task, clients)


SECTIONS = {**{f'near-{profile}': one_file(profile) for profile in PROFILES},
            'small': near_trees, 'list': near_list, 'far': far_file, 'rate': far_rate,
            'far-small': far_trees, 'far-list': far_list, 's3': near_objects, 'far-s3': far_objects}

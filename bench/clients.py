"""The clients: how each is told to move a file or a tree, and to list a folder.

A client answers with a command line for a Place (a server as the client sees it: near, or at the other
end of a link), or with None where it has no such thing.  Paths on the share are relative and plain.
"""
import os
import shutil
import subprocess
from typing import NamedTuple

from measure import BUILD, TOOL

LIMIT = os.path.join(BUILD, 'bench', 'limit')


class Place(NamedTuple):
    """Where a client finds the server."""
    host: str
    port: int
    user: str
    password: str

    def url(self, path):
        return f'smb://{self.user}@{self.host}:{self.port}/data/{path}'


class Client:
    """A program.  `name` is what tables call it; of a tree it moves `at_once` files at a time."""

    def __init__(self, name, program, at_once=1):
        self.name = name
        self.program = program
        self.at_once = at_once

    def absent(self):
        """Why it cannot run at all, or None."""
        return None if shutil.which(self.program) else f'{os.path.basename(self.program)} is not installed'

    def environment(self, place):
        return dict(os.environ)

    def argv(self, what, place, there, here):
        """For `get`, `put`, `get_tree`, `put_tree` or `list`: from or to `there` on the share."""
        return getattr(self, what)(place, there, here)

    def get_tree(self, place, there, here):
        return None

    put_tree = list = get_tree


class Lava(Client):
    """What this project is about; `more` are options for every run."""

    def __init__(self, name='lava-smb', more=()):
        super().__init__(name, TOOL)
        self.more = list(more)
        self.knows = {}

    def environment(self, place):
        return dict(os.environ, LAVA_SMB_PASSWORD=place.password)

    def _understands(self, command, option):
        if (command, option) not in self.knows:
            texts = (subprocess.run([TOOL, *words, '--help'], capture_output=True, text=True).stdout
                     for words in ((), (command,)))
            self.knows[command, option] = option in ' '.join(texts).replace(',', ' ').split()
        return self.knows[command, option]

    def _tree(self, command, *rest):
        options = ['-R', *(word for word in self.more if word.startswith('-'))]
        if not all(self._understands(command, option) for option in options):
            return None
        return [TOOL, command, '-R', *self.more, *rest]

    def get(self, place, there, here):
        return [TOOL, 'get', *self.more, place.url(there), here]

    def put(self, place, there, here):
        return [TOOL, 'put', *self.more, here, place.url(there)]

    def get_tree(self, place, there, here):
        return self._tree('get', place.url(there), here)

    def put_tree(self, place, there, here):
        return self._tree('put', here, place.url(there))

    def list(self, place, there, here):
        return [TOOL, 'ls', '-l', place.url(there)]


class Smbclient(Client):
    """Samba's own, fed with its commands.  It is no friend of spaces in names."""

    def __init__(self):
        super().__init__('smbclient', 'smbclient')

    def _do(self, place, commands):
        return ['smbclient', f'//{place.host}/data', '-p', str(place.port), '-s', '/dev/null',
                '-U', f'{place.user}%{place.password}', '-c', commands]

    def get(self, place, there, here):
        return self._do(place, f'get {there} {here}')

    def put(self, place, there, here):
        return self._do(place, f'put {here} {there}')

    def get_tree(self, place, there, here):
        os.makedirs(here)
        return self._do(place, f'prompt OFF; recurse ON; cd {there}; lcd {here}; mget *')

    def put_tree(self, place, there, here):
        return self._do(place, f'mkdir {there}; prompt OFF; recurse ON; cd {there}; lcd {here}; mput *')

    def list(self, place, there, here):
        return self._do(place, f'ls {there}\\*')


class Rclone(Client):
    """With its defaults, or with more files at a time."""

    def __init__(self, name='rclone', transfers=None):
        super().__init__(name, 'rclone', transfers or 4)
        self.more = ['--transfers', str(transfers)] if transfers else []

    def environment(self, place):
        hidden = subprocess.run(['rclone', 'obscure', place.password], capture_output=True, text=True)
        remote = {'TYPE': 'smb', 'HOST': place.host, 'PORT': str(place.port), 'USER': place.user,
                  'PASS': hidden.stdout.strip()}
        return dict(os.environ, RCLONE_CONFIG='/dev/null',
                    **{f'RCLONE_CONFIG_LAB_{name}': value for name, value in remote.items()})

    def _do(self, *words):
        return ['rclone', '--retries', '1', '--low-level-retries', '1', *self.more, *words]

    def get(self, place, there, here):
        return self._do('copyto', f'lab:data/{there}', here)

    def put(self, place, there, here):
        return self._do('copyto', here, f'lab:data/{there}')

    def get_tree(self, place, there, here):
        return self._do('copy', f'lab:data/{there}', here)

    def put_tree(self, place, there, here):
        return self._do('copy', here, f'lab:data/{there}')

    def list(self, place, there, here):
        return self._do('lsl', f'lab:data/{there}')


class Limit(Client):
    """No protocol at all (limit.c): what the machine itself can do.  Its place is its own server."""

    NAME = 'no protocol'

    def __init__(self, piece, port):
        super().__init__(self.NAME, LIMIT)
        self.piece = piece
        self.port = port

    def get(self, place, there, here):
        return [LIMIT, 'get', str(self.port), here, str(self.piece)] if self.piece else None

    def put(self, place, there, here):
        return [LIMIT, 'put', str(self.port), here, str(self.piece)]

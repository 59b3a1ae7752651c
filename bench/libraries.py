"""Clients on other libraries: small programs of ours (peers/), built by `make bench-peers`.

Each is told in the same way: PROGRAM WHAT HOST PORT USER SHARE THERE HERE, where WHAT is a method of
Client, with the password in LAVA_SMB_PASSWORD.
"""
import os

from clients import Client
from measure import BUILD

FOLDER = os.path.join(BUILD, 'peers')
PYTHON = os.path.join(FOLDER, 'venv', 'bin', 'python')
# What tables call them, and how many files of a tree they move at a time.
KNOWN = {'smb2': ('smb2 (Rust)', 16), 'go-smb2': ('go-smb2', 16), 'smbprotocol': ('smbprotocol (Python)', 1),
         'pysmb': ('pysmb (Python)', 1)}


class Peer(Client):
    """One of them."""

    def __init__(self, name):
        title, at_once = KNOWN[name]
        super().__init__(title, os.path.join(FOLDER, name), at_once)
        self.start = [PYTHON, self.program] if 'Python' in self.name else [self.program]

    def absent(self):
        return None if os.path.exists(self.program) else 'is not built'

    def environment(self, place):
        return dict(os.environ, LAVA_SMB_PASSWORD=place.password)

    def argv(self, what, place, there, here):
        return [*self.start, what, place.host, str(place.port), place.user, 'data', there, here]


def built():
    """All that could be built."""
    return [peer for peer in map(Peer, KNOWN) if peer.absent() is None]

"""A second, foreign server: impacket's smbserver, which shares no code with Samba.

    with Foreign('alice', 'secret', folder) as server:
        run([tool, 'ls', f'smb://alice@127.0.0.1:{server.port}/data'])

It speaks SMB 2.0.2 and nothing newer, signs nothing, answers with one credit, and takes liberties
that the specification does not give it.  Started as `foreign.py PORT FOLDER USER` it is the server.
"""
import os
import socket
import subprocess
import sys
import tempfile
import time

from lab import HOST, START_SECONDS, hold_port

PYTHON = '/usr/bin/python3'  # the one that Debian's packages are for


class Missing(Exception):
    """impacket is not installed."""


def _installed():
    return subprocess.run([PYTHON, '-c', 'import impacket.smbserver'], stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, check=False).returncode == 0


class Foreign:
    """One impacket server with the share `data`, made in `folder`.  Use it as a context manager."""

    def __init__(self, user, password, folder):
        if not os.path.exists(PYTHON) or not _installed():
            raise Missing('python3-impacket is not installed')
        self.user, self.password = user, password
        self.data = tempfile.mkdtemp(prefix='foreign-', dir=folder)
        self.port = None
        self.process = None
        self._held = None

    def __enter__(self):
        self._held, self.port = hold_port()
        self.process = subprocess.Popen(
            [PYTHON, os.path.abspath(__file__), str(self.port), self.data, self.user],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=self.data,
            start_new_session=True)
        self.process.stdin.write(self.password.encode() + b'\n')
        self.process.stdin.flush()
        deadline = time.monotonic() + START_SECONDS
        while True:
            with socket.socket() as probe:
                if probe.connect_ex((HOST, self.port)) == 0:
                    return self
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.__exit__()
                raise RuntimeError('the foreign server does not start')
            time.sleep(0.05)

    def __exit__(self, *_):
        self.process.stdin.close()  # it leaves when its standard input does, also when we were killed
        self.process.kill()
        self.process.wait()
        self._held.close()


def _serve(port, folder, user):
    import threading

    from impacket import ntlm, smbserver

    password = sys.stdin.readline().rstrip('\n')

    def end_with_our_owner():
        sys.stdin.read()
        os._exit(0)

    threading.Thread(target=end_with_our_owner, daemon=True).start()
    server = smbserver.SimpleSMBServer(listenAddress=HOST, listenPort=port)
    server.addShare('data', folder)
    server.setSMB2Support(True)
    server.addCredential(user, 0, ntlm.compute_lmhash(password), ntlm.compute_nthash(password))
    server.start()


if __name__ == '__main__':
    _serve(int(sys.argv[1]), sys.argv[2], sys.argv[3])

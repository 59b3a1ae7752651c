#!/usr/bin/env python3
"""A private Samba, signed and sealed, and 1 GiB to it and back: what `make demo` shows.

Everything is in one temporary directory, in memory where there is room, and gone at the end.
"""
import hashlib
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time

import lab

GIB = 1 << 30
PIECE = 8 << 20
ROOM = 3 * GIB + (256 << 20)  # the source, the copy on the share, the copy that comes back


def _base():
    """A folder with room: memory if it has any, else the usual place for temporary files."""
    for folder in ('/dev/shm', tempfile.gettempdir()):
        if os.path.isdir(folder) and os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > ROOM \
                and (folder != '/dev/shm' or _free_memory() > ROOM + GIB):
            return folder
    sys.exit(f'demo: {ROOM >> 20} MiB are needed in {tempfile.gettempdir()} (or set TMPDIR)')


def _free_memory():
    try:
        with open('/proc/meminfo') as info:
            return next(int(line.split()[1]) << 10 for line in info if line.startswith('MemAvailable:'))
    except (OSError, StopIteration):
        return 0


def _make(path):
    """1 GiB that does not repeat: one piece of noise, each copy of it numbered and turned a little."""
    noise = random.Random(1).randbytes(PIECE)
    digest = hashlib.sha256()
    with open(path, 'wb') as out:
        for number in range(GIB // PIECE):
            at = number * 4099 % PIECE
            piece = number.to_bytes(8, 'little') + noise[at:] + noise[:at - 8 if at else -8]
            piece = piece[:PIECE]
            digest.update(piece)
            out.write(piece)
    return digest.hexdigest()


def _digest(path):
    digest = hashlib.sha256()
    with open(path, 'rb') as file:
        while piece := file.read(PIECE):
            digest.update(piece)
    return digest.hexdigest()


def _timed(samba, *argv):
    print('$ lava-smb', *argv, flush=True)
    began = time.monotonic()
    subprocess.run([TOOL, *argv], env=samba.environment(), check=True)
    seconds = time.monotonic() - began
    print(f'  {GIB / seconds / 1e6:.0f} MB/s ({seconds:.2f} s, logon included)\n', flush=True)


def _show(base):
    with lab.Samba('seal', {'server signing': 'mandatory'}, base=base) as samba:
        source, back = (os.path.join(samba.root, name) for name in ('source', 'back'))
        print(f'a private Samba listens on 127.0.0.1:{samba.port}; it wants signatures and encryption\n')
        print('$ lava-smb info', samba.url(), flush=True)
        subprocess.run([TOOL, 'info', samba.url()], env=samba.environment(), check=True)
        print('\nmaking 1 GiB of data', flush=True)
        digest = _make(source)
        _timed(samba, 'put', '--progress', 'bar', source, samba.url('demo.bin'))
        _timed(samba, 'get', '--progress', 'bar', samba.url('demo.bin'), back)
        for path, what in ((samba.local('demo.bin'), 'on the share'), (back, 'and back')):
            found = _digest(path)
            print(f'  sha256 {found} {what}')
            if found != digest:
                sys.exit(f'demo: the content {what} is not what was sent ({digest})')
    print('the same, byte for byte; the server is gone and nothing of it is left')


def main():
    lab.end_on_sigterm()
    try:
        _show(_base())
    except subprocess.CalledProcessError as error:
        sys.exit(f'demo: {os.path.basename(error.cmd[0])} {error.cmd[1]} ended with {error.returncode}')
    except lab.LabError as error:
        sys.exit(f'demo: {error}')
    except KeyboardInterrupt:
        sys.exit(130)


TOOL = os.path.abspath(os.environ.get('LAVA_SMB', 'build/lava-smb'))

if __name__ == '__main__':
    main()

"""A client on smbprotocol (its module smbclient), told as libraries.py says."""
import os
import shutil
import sys

import smbclient

PIECE = 1 << 20


class Share:
    def __init__(self, host, port, user, share):
        self.root = f'\\\\{host}\\{share}\\'
        # Signed, as it is by default: without, it sends a TREE_CONNECT that a server of 3.1.1 refuses.
        smbclient.register_session(host, username=user, password=os.environ['LAVA_SMB_PASSWORD'], port=int(port))
        smbclient.ClientConfig(skip_dfs=True)
        self.more = {'port': int(port)}

    def path(self, there):
        return self.root + there.replace('/', '\\')

    def get(self, there, here):
        with smbclient.open_file(self.path(there), 'rb', share_access='r', **self.more) as source:
            with open(here, 'wb') as target:
                shutil.copyfileobj(source, target, PIECE)

    def put(self, there, here):
        with open(here, 'rb') as source, smbclient.open_file(self.path(there), 'wb', **self.more) as target:
            shutil.copyfileobj(source, target, PIECE)

    def get_tree(self, there, here):
        os.mkdir(here)
        for entry in smbclient.scandir(self.path(there), **self.more):
            move = self.get_tree if entry.is_dir() else self.get
            move(f'{there}/{entry.name}', os.path.join(here, entry.name))

    def put_tree(self, there, here):
        smbclient.mkdir(self.path(there), **self.more)
        for entry in os.scandir(here):
            move = self.put_tree if entry.is_dir() else self.put
            move(f'{there}/{entry.name}', entry.path)

    def list(self, there, _):
        for entry in smbclient.scandir(self.path(there), **self.more):
            known = entry.smb_info
            print(known.end_of_file, known.last_write_time, entry.name)


def main():
    what, *server, there, here = sys.argv[1:]
    getattr(Share(*server), what)(there, here)


if __name__ == '__main__':
    main()

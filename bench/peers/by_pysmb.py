"""A client on pysmb, told as libraries.py says."""
import os
import sys

from smb.SMBConnection import SMBConnection


class Share:
    def __init__(self, host, port, user, share):
        self.share = share
        self.connection = SMBConnection(user, os.environ['LAVA_SMB_PASSWORD'], 'bench', host, use_ntlm_v2=True,
                                        is_direct_tcp=True)
        if not self.connection.connect(host, int(port)):
            sys.exit('the server does not let us in')

    def get(self, there, here):
        with open(here, 'wb') as target:
            self.connection.retrieveFile(self.share, there, target)

    def put(self, there, here):
        with open(here, 'rb') as source:
            self.connection.storeFile(self.share, there, source)

    def entries(self, there):
        return [entry for entry in self.connection.listPath(self.share, there) if entry.filename not in ('.', '..')]

    def get_tree(self, there, here):
        os.mkdir(here)
        for entry in self.entries(there):
            move = self.get_tree if entry.isDirectory else self.get
            move(f'{there}/{entry.filename}', os.path.join(here, entry.filename))

    def put_tree(self, there, here):
        self.connection.createDirectory(self.share, there)
        for entry in os.scandir(here):
            move = self.put_tree if entry.is_dir() else self.put
            move(f'{there}/{entry.name}', entry.path)

    def list(self, there, _):
        for entry in self.entries(there):
            print(entry.file_size, entry.last_write_time, entry.filename)


def main():
    what, *server, there, here = sys.argv[1:]
    getattr(Share(*server), what)(there, here)


if __name__ == '__main__':
    main()

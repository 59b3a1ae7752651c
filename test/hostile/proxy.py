#!/usr/bin/env python3
"""A TCP proxy between an SMB client and a real server, which does one thing wrong.

    with Proxy(('127.0.0.1', samba.port), 'flip-signature') as proxy:
        ... connect to 127.0.0.1, proxy.port ...
    assert proxy.hits > 0

    test/hostile/proxy.py --fault NAME[:N] --to HOST:PORT    prints its port, serves until it is ended
    test/hostile/proxy.py --list
"""
import argparse
import socket
import struct
import sys
import threading

from faults import FAULTS, Cut, make
from wire import Frame

HOST = '127.0.0.1'


def _receive(sock, length):
    """Exactly so many bytes, or None at the end of the stream."""
    data = bytearray()
    while len(data) < length:
        piece = sock.recv(length - len(data))
        if not piece:
            return None
        data += piece
    return data


def _frames(sock):
    """Frames without their length prefix (MS-SMB2 2.1), until the peer is done."""
    while True:
        prefix = _receive(sock, 4)
        if prefix is None:
            return
        frame = _receive(sock, int.from_bytes(prefix[1:], 'big'))
        if frame is None:
            return
        yield Frame(frame)


def _framed(frame):
    return struct.pack('>I', len(frame)) + frame


class _Link:
    """One client's connection and its counterpart to the server."""

    def __init__(self, client, server, fault):
        self.client, self.server, self.fault = client, server, fault
        self.reset = False
        self.lock = threading.Lock()  # both directions may write to the client
        for target in (self._requests, self._replies):
            threading.Thread(target=self._guarded, args=(target,), daemon=True).start()

    def _guarded(self, target):
        try:
            target()
        except Cut as cut:
            self.reset = cut.reset
        except OSError:
            pass
        self.close()

    def _requests(self):
        for frame in _frames(self.client):
            self.fault.watch_request(frame)
            made_up = self.fault.to_server(frame)
            if made_up is None:
                self.server.sendall(b''.join(_framed(f) for f in self.fault.request(frame)))
            else:
                self._to_client(made_up)

    def _replies(self):
        for frame in _frames(self.server):
            original = Frame(frame)
            self._to_client(self.fault.reply(frame))
            self.fault.watch_reply(original)

    def _to_client(self, frames):
        with self.lock:
            for frame in frames:
                self.fault.write(self.client, _framed(frame))

    def close(self):
        for sock in (self.client, self.server):
            how = socket.SHUT_RDWR
            try:
                if self.reset and sock is self.client:
                    # Closing sends RST, as soon as the other thread receives no more.
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
                    how = socket.SHUT_RD
                sock.shutdown(how)  # wakes the other thread
            except OSError:
                pass
            sock.close()


class Proxy:
    """Listens on a free loopback port; every connection has its own fault of the named kind."""

    def __init__(self, to, fault):
        make(fault, None)  # an unknown name is an error here, not in a thread
        self.to, self.fault = to, fault
        self.hits = 0         # how often a fault acted
        self.connections = 0  # how often a client came
        self._released = threading.Event()
        self._listener = socket.create_server((HOST, 0))
        self.port = self._listener.getsockname()[1]
        self._links = []
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def release(self):
        """Let what the fault `hold` keeps go on."""
        self._released.set()

    def close(self):
        self.release()
        try:
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes accept()
        except OSError:
            pass
        self._listener.close()
        for link in self._links:
            link.close()

    def _hit(self):
        self.hits += 1

    def _accept(self):
        while True:
            try:
                client = self._listener.accept()[0]
            except OSError:
                return
            self.connections += 1
            try:
                server = socket.create_connection(self.to, timeout=10)
            except OSError:
                client.close()
                continue
            server.settimeout(None)
            for sock in (client, server):
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            fault = make(self.fault, self._hit)
            fault.released = self._released
            self._links.append(_Link(client, server, fault))


def main():
    parser = argparse.ArgumentParser(description='an SMB proxy that does one thing wrong')
    parser.add_argument('--list', action='store_true', help='list the faults')
    parser.add_argument('--fault', default='none', metavar='NAME[:N]')
    parser.add_argument('--to', metavar='HOST:PORT')
    arguments = parser.parse_args()
    if arguments.list:
        for name, cls in FAULTS.items():
            print(f'{name:26}', ' '.join(cls.__doc__.split()))
        return 0
    if arguments.to is None or arguments.fault.partition(':')[0] not in FAULTS:
        parser.error('--to HOST:PORT and a known --fault are needed')
    host, _, port = arguments.to.rpartition(':')
    with Proxy((host, int(port)), arguments.fault) as proxy:
        print(proxy.port, flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return 130


if __name__ == '__main__':
    sys.exit(main())

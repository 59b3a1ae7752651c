"""What may stand between a client and the gateway: TLS with certificates of every kind, and a proxy.

    with TlsFront(gate.port, certificates.server()) as front: ... https://localhost:{front.port}
    with Proxy() as proxy: ... HTTPS_PROXY=http://127.0.0.1:{proxy.port}; proxy.asked
"""
import base64
import os
import socket
import ssl
import subprocess
import threading

HOST = '127.0.0.1'
EC = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']


def _openssl(folder, *words):
    done = subprocess.run(['openssl', *words], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        raise RuntimeError(f'openssl {words[0]}: {done.stdout.decode(errors="replace")}')


class Certificates:
    """An authority of our own in a folder, and what it has signed."""

    def __init__(self, folder):
        self.folder = folder
        self.authority = os.path.join(folder, 'ca.pem')
        _openssl(folder, 'req', '-x509', *EC, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2',
                 '-subj', '/CN=Lab')

    def server(self, names='DNS:localhost,IP:127.0.0.1', days=2):
        """Certificate and key, as paths, of a server with these names.  Days below 0: it has expired."""
        _openssl(self.folder, 'req', *EC, '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=server',
                 '-addext', f'subjectAltName={names}')
        _openssl(self.folder, 'x509', '-req', '-in', 'server.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key',
                 '-days', str(days), '-copy_extensions', 'copy', '-out', 'server.pem')
        return os.path.join(self.folder, 'server.pem'), os.path.join(self.folder, 'server.key')


class Front:
    """Listens on a free port and joins each client to a server.  Use it as a context manager."""

    def __init__(self):
        self.listener = socket.create_server((HOST, 0), backlog=64)
        self.port = self.listener.getsockname()[1]

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def _accept(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock):
        try:
            with sock:
                self.serve(sock)
        except (OSError, ValueError):
            pass  # the client has left, or would not talk to us

    def serve(self, sock):
        raise NotImplementedError


def _pass_on(source, target):
    try:
        while data := source.recv(1 << 16):
            target.sendall(data)
    except OSError:
        pass
    for sock in (source, target):
        try:
            sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def _join(client, server):
    """Pass on what both say until one has ended."""
    other = threading.Thread(target=_pass_on, args=(server, client), daemon=True)
    other.start()
    _pass_on(client, server)
    other.join()


class TlsFront(Front):
    """TLS before a server on this port."""

    def __init__(self, port, certificate):
        super().__init__()
        self.to = port
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(*certificate)

    def serve(self, sock):
        with self.context.wrap_socket(sock, server_side=True) as client, \
                socket.create_connection((HOST, self.to)) as server:
            _join(client, server)


class Proxy(Front):
    """A proxy for http and https, which may want a user and a password."""

    def __init__(self, login=None):
        super().__init__()
        self.login = login and 'Basic ' + base64.b64encode(login.encode()).decode()
        self.asked = []  # the first line of each request

    def serve(self, sock):
        head = b''
        while b'\r\n\r\n' not in head:
            piece = sock.recv(1 << 16)
            if not piece:
                return
            head += piece
        first = head.partition(b'\r\n')[0].decode('latin-1')
        self.asked.append(first)
        if self.login and f'proxy-authorization: {self.login}'.lower() not in head.decode('latin-1').lower():
            sock.sendall(b'HTTP/1.1 407 Proxy Authentication Required\r\n'
                         b'Proxy-Authenticate: Basic realm="lab"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
            return
        method, target, _ = first.split(' ')
        host, _, port = (target if method == 'CONNECT' else target.split('/')[2]).partition(':')
        with socket.create_connection((HOST if host == 'localhost' else host, int(port or 80))) as server:
            if method == 'CONNECT':
                sock.sendall(b'HTTP/1.1 200 Connection established\r\n\r\n')
            else:
                server.sendall(head)
            _join(sock, server)

"""HTTP/1.1 as a server sees it, with nothing hidden: the target as it was sent, every header, the socket."""
import socket
import struct
import urllib.parse
from dataclasses import dataclass, field

LINE_MOST = 16384
HEADERS_MOST = 200
PIECE = 262144
PHRASES = {100: 'Continue', 200: 'OK', 204: 'No Content', 206: 'Partial Content', 301: 'Moved Permanently',
           307: 'Temporary Redirect', 400: 'Bad Request', 403: 'Forbidden', 404: 'Not Found',
           412: 'Precondition Failed', 416: 'Range Not Satisfiable', 500: 'Internal Server Error',
           501: 'Not Implemented', 503: 'Service Unavailable'}


class Gone(Exception):
    """The client has left, or what it says is no HTTP: there is nobody to answer."""


@dataclass
class Request:
    method: str
    target: str   # as it was sent
    headers: dict  # lower-case name -> value; what came twice is joined by commas
    connection: int  # the client's port
    body: bytes = b''
    hidden: tuple = ()  # headers that the service does not see

    def __post_init__(self):
        self.path, _, self.query = self.target.partition('?')

    def arguments(self):
        """The query as a dictionary, decoded; '+' is a plus."""
        pairs = (pair.partition('=') for pair in self.query.split('&') if pair)
        return {urllib.parse.unquote(name): urllib.parse.unquote(value) for name, _, value in pairs}

    def length(self):
        return int(self.headers.get('content-length', '0') or '0')


@dataclass
class Answer:
    status: int
    headers: list = field(default_factory=list)
    body: bytes = b''

    def header(self, name, default=None):
        return next((value for key, value in self.headers if key.lower() == name), default)

    def without(self, *names):
        return Answer(self.status, [(key, value) for key, value in self.headers if key.lower() not in names],
                      self.body)


class Wire:
    """One connection of a client."""

    def __init__(self, sock, port):
        self.sock, self.port = sock, port
        self.file = sock.makefile('rb', PIECE)

    def close(self):
        self.file.close()
        self.sock.close()

    def reset(self):
        """End the connection with a RST, and no word."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        raise Gone('reset')

    def send(self, data):
        try:
            self.sock.sendall(data)
        except OSError as error:
            raise Gone(str(error)) from None

    # Requests.

    def request(self):
        """The next request without its body, or None when the client has ended the connection."""
        line = self._line()
        if not line:
            return None
        words = line.split(' ')
        if len(words) != 3 or words[2] != 'HTTP/1.1':
            raise Gone(f'no request: {line!r}')
        target = words[1]
        if not target.startswith('/'):  # as a proxy is asked
            target = '/' + target.split('/', 3)[3]
        return Request(words[0], target, self._headers(), self.port)

    def body(self, request, most=None):
        """The request's body, or its first `most` bytes."""
        if 'chunked' in request.headers.get('transfer-encoding', ''):
            return self._chunks()
        length = request.length() if most is None else min(most, request.length())
        return self._exactly(length)

    def proceed(self):
        """Ask for the body of a request that waits for that (RFC 9110 10.1.1)."""
        self.send(b'HTTP/1.1 100 Continue\r\n\r\n')

    def _line(self):
        try:
            line = self.file.readline(LINE_MOST)
        except OSError as error:
            raise Gone(str(error)) from None
        if line and not line.endswith(b'\r\n'):
            raise Gone('a line without end')
        return line[:-2].decode('latin-1')

    def _headers(self):
        headers = {}
        for _ in range(HEADERS_MOST):
            line = self._line()
            if not line:
                return headers
            name, colon, value = line.partition(':')
            if not colon or name != name.strip():
                raise Gone(f'no header: {line!r}')
            name, value = name.lower(), value.strip()
            headers[name] = f'{headers[name]},{value}' if name in headers else value
        raise Gone('too many headers')

    def _exactly(self, length):
        try:
            data = self.file.read(length)
        except OSError as error:
            raise Gone(str(error)) from None
        if len(data) != length:
            raise Gone('the client has left in the middle of a body')
        return data

    def _chunks(self):
        data = bytearray()
        while True:
            size = int(self._line().partition(';')[0], 16)
            if size == 0:
                while self._line():
                    pass
                return bytes(data)
            data += self._exactly(size)
            self._line()

    # Answers.

    def head(self, answer, framing):
        """Send an answer's head; `framing` is the header that says how its body ends."""
        phrase = PHRASES.get(answer.status, 'Status')
        lines = [f'HTTP/1.1 {answer.status} {phrase}']
        lines += [f'{name}: {value}' for name, value in answer.headers]
        self.send('\r\n'.join([*lines, framing, '', '']).encode('latin-1'))

    def answer(self, answer, method):
        """Send all of an answer.  One to HEAD says how long its body would be, in a header of its own."""
        length = answer.header('content-length', str(len(answer.body)))
        body = b'' if method == 'HEAD' else answer.body
        self.head(answer.without('content-length'), f'Content-Length: {length}')
        if body:
            self.send(body)

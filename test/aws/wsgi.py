"""An application of Python's gateway interface, asked in its own process."""
import io
import urllib.parse

from http_wire import Answer

HOST = '127.0.0.1'


def call(application, request, more=None):
    """Ask a WSGI application (PEP 3333) and wait for all of its answer.  `more` goes into its environment."""
    environ = {'REQUEST_METHOD': request.method, 'SCRIPT_NAME': '', 'QUERY_STRING': request.query,
               'PATH_INFO': urllib.parse.unquote_to_bytes(request.path).decode('latin-1'),
               'RAW_PATH_INFO': request.path, 'RAW_URI': request.target, 'REQUEST_URI': request.target,
               'SERVER_NAME': HOST, 'SERVER_PORT': '80', 'SERVER_PROTOCOL': 'HTTP/1.1', 'REMOTE_ADDR': HOST,
               'CONTENT_LENGTH': str(len(request.body)), 'wsgi.version': (1, 0), 'wsgi.url_scheme': 'http',
               'wsgi.input': io.BytesIO(request.body), 'wsgi.errors': io.StringIO(),
               'wsgi.multithread': True, 'wsgi.multiprocess': False, 'wsgi.run_once': False, **(more or {})}
    for name, value in request.headers.items():
        if name == 'content-type':
            environ['CONTENT_TYPE'] = value
        elif name != 'content-length':
            environ['HTTP_' + name.upper().replace('-', '_')] = value
    started = []
    pieces = application(environ, lambda status, headers, *_: started.extend((status, headers)))
    body = b''.join(pieces)
    if hasattr(pieces, 'close'):
        pieces.close()
    status, headers = started[:2]
    # What the connection's end decides, the gateway decides; a HEAD's length is the answer's own.
    drop = {'connection', 'transfer-encoding', 'date'} | ({'content-length'} if request.method != 'HEAD' else set())
    return Answer(int(status.split()[0]), [pair for pair in headers if pair[0].lower() not in drop], body)

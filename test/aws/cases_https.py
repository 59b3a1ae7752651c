"""S3 over TLS and through proxies."""
import shutil
import socketserver
import threading

from cases_s3 import PART, is_proven
from fronts import Certificates, Proxy, TlsFront
from trial import Skip, case, noise


def _certificates(t):
    if shutil.which('openssl') is None:
        raise Skip('openssl is not installed')
    return Certificates(t.aws_home)


def _both_ways(t, env, size=100000):
    data = noise(size)
    t.place('x', data)
    t.ok('get', t.url('x'), t.s3.url('x'), env=env)
    is_proven(t, 'x', data)
    t.ok('put', t.s3.url('x'), t.url('y'), env=env)
    t.equal(t.remote('y'), data)


def _refused(t, says, env):
    t.place('x', b'data')
    t.fails((1, 3, 6, 7), 'get', t.url('x'), t.s3.url('x'), says=says, env={'AWS_MAX_ATTEMPTS': '2', **env})
    t.equal(t.s3.journal(), [], 'what was asked')


@case(aws=True)
def private_authority(t):
    """an authority of one's own in AWS_CA_BUNDLE, or in the profile; bodies are not hashed for the signature"""
    certificates = _certificates(t)
    with TlsFront(t.gate.port, certificates.server()) as front:
        for host, size in (('localhost', PART + 1), ('127.0.0.1', 1000)):
            url = f'https://{host}:{front.port}'
            _both_ways(t, {'AWS_ENDPOINT_URL': url, 'AWS_CA_BUNDLE': certificates.authority}, size)
        payloads = {entry['headers']['x-amz-content-sha256'] for entry in t.s3.journal('PUT .*partNumber')}
        t.equal(payloads, {'UNSIGNED-PAYLOAD'})
        t.aws_file('config', f'[default]\nca_bundle = {certificates.authority}\n')
        _both_ways(t, {'AWS_ENDPOINT_URL': url})
        t.aws_file('config', '')
        _both_ways(t, {'AWS_ENDPOINT_URL': url, 'SSL_CERT_FILE': certificates.authority})


@case(aws=True)
def signed_without_checksums(t):
    """over TLS bodies are hashed for the signature where no checksum says what they are"""
    certificates = _certificates(t)
    with TlsFront(t.gate.port, certificates.server()) as front:
        env = {'AWS_ENDPOINT_URL': f'https://localhost:{front.port}', 'AWS_CA_BUNDLE': certificates.authority}
        data = noise(PART + 1)
        t.place('x', data)
        for more in ({'AWS_REQUEST_CHECKSUM_CALCULATION': 'when_required'}, {}):
            if not more:
                t.gate.policy(no_checksums=True)
            t.ok('get', t.url('x'), t.s3.url('x'), env={**env, **more})
            t.equal(t.s3.get('x'), data)
            payload = t.s3.journal('PUT .*partNumber')[-1]['headers']['x-amz-content-sha256']
            t.check(payload != 'UNSIGNED-PAYLOAD', str(more))


@case(aws=True)
def unknown_authority(t):
    """an authority nobody knows is refused, and AWS_CA_BUNDLE named"""
    certificates = _certificates(t)
    with TlsFront(t.gate.port, certificates.server()) as front:
        _refused(t, 'AWS_CA_BUNDLE', {'AWS_ENDPOINT_URL': f'https://localhost:{front.port}'})


@case(aws=True)
def wrong_name(t):
    """a certificate of another name is refused"""
    certificates = _certificates(t)
    with TlsFront(t.gate.port, certificates.server('DNS:other.example')) as front:
        for host in ('localhost', '127.0.0.1'):
            _refused(t, 'name', {'AWS_ENDPOINT_URL': f'https://{host}:{front.port}',
                                 'AWS_CA_BUNDLE': certificates.authority})


@case(aws=True)
def expired_certificate(t):
    """a certificate that has expired is refused"""
    certificates = _certificates(t)
    with TlsFront(t.gate.port, certificates.server(days=-1)) as front:
        _refused(t, 'expired', {'AWS_ENDPOINT_URL': f'https://localhost:{front.port}',
                                'AWS_CA_BUNDLE': certificates.authority})


@case(aws=True)
def no_tls_there(t):
    """https to a server that speaks none is an error"""
    _refused(t, 'TLS|SSL', {'AWS_ENDPOINT_URL': f'https://127.0.0.1:{t.gate.port}'})


class _Plain(socketserver.BaseRequestHandler):
    def handle(self):
        self.request.recv(4096)
        self.request.sendall(b'HTTP/1.1 400 Bad Request\r\n\r\n')


@case(aws=True)
def plain_http_there(t):
    """who answers https without TLS is not asked again: it would be the same"""
    t.place('x', b'data')
    with socketserver.ThreadingTCPServer(('127.0.0.1', 0), _Plain) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        result = t.fails(7, 'get', t.url('x'), t.s3.url('x'), says='wrong version number',
                         env={'AWS_ENDPOINT_URL': f'https://127.0.0.1:{server.server_address[1]}'})
        server.shutdown()
        thread.join()
    t.check(b'trying again' not in result.err, f'tried again: {result}')


@case(aws=True)
def bundle_that_is_not_there(t):
    """an AWS_CA_BUNDLE that cannot be read is named"""
    with TlsFront(t.gate.port, _certificates(t).server()) as front:
        _refused(t, '/nowhere/ca.pem', {'AWS_ENDPOINT_URL': f'https://localhost:{front.port}',
                                        'AWS_CA_BUNDLE': '/nowhere/ca.pem'})


@case(aws=True)
def through_a_proxy(t):
    """HTTPS_PROXY and http_proxy are gone through, NO_PROXY around them"""
    certificates = _certificates(t)
    with Proxy() as proxy, TlsFront(t.gate.port, certificates.server()) as front:
        url = f'http://127.0.0.1:{proxy.port}'
        secure = {'AWS_ENDPOINT_URL': f'https://localhost:{front.port}', 'AWS_CA_BUNDLE': certificates.authority}
        _both_ways(t, {**secure, 'HTTPS_PROXY': url})
        t.check(all(line.startswith(f'CONNECT localhost:{front.port} ') for line in proxy.asked), str(proxy.asked))
        count = len(proxy.asked)
        t.check(count > 0, 'the proxy was not asked')
        _both_ways(t, {**secure, 'HTTPS_PROXY': url, 'NO_PROXY': 'example.org,localhost'})
        t.equal(len(proxy.asked), count, 'NO_PROXY')
        _both_ways(t, {'http_proxy': url}, size=1000)
        t.check(proxy.asked[count].startswith(f'PUT {t.gate.url}/'), proxy.asked[count])


@case(aws=True)
def proxy_that_is_down(t):
    """a proxy that nobody answers at is named, not the endpoint"""
    t.place('x', b'data')
    for name in ('http_proxy', 'HTTPS_PROXY'):
        env = {name: 'http://127.0.0.1:1', 'AWS_MAX_ATTEMPTS': '2'}
        if name == 'HTTPS_PROXY':
            env['AWS_ENDPOINT_URL'] = f'https://127.0.0.1:{t.gate.port}'
        t.fails(6, 'get', t.url('x'), t.s3.url('x'), says='Failed to connect to proxy URL: "127.0.0.1:1"', env=env)


@case(aws=True)
def proxy_with_a_password(t):
    """a proxy's user and password are in its URL, and nowhere else"""
    with Proxy('me:proxy-password') as proxy:
        _both_ways(t, {'http_proxy': f'http://me:proxy-password@127.0.0.1:{proxy.port}'}, size=1000)
        t.place('x', b'data')
        env = {'http_proxy': f'http://me:proxy-wrong@127.0.0.1:{proxy.port}', 'AWS_MAX_ATTEMPTS': '2'}
        result = t.fails((3, 5, 6), 'get', t.url('x'), t.s3.url('z'), says='407|proxy', env=env)
        t.check(b'proxy-wrong' not in result.err, str(result))


@case(aws=True)
def no_proxy_for_metadata(t):
    """the end points of containers and instances are asked without a proxy"""
    with Proxy() as proxy:
        t.place('x', b'data')
        t.ok('get', t.url('x'), t.s3.url('x'),
             env={'http_proxy': f'http://127.0.0.1:{proxy.port}', 'AWS_ACCESS_KEY_ID': None,
                  'AWS_SECRET_ACCESS_KEY': None, 'AWS_CONTAINER_CREDENTIALS_FULL_URI': t.gate.url + '/container',
                  'AWS_CONTAINER_AUTHORIZATION_TOKEN': 'container-secret'})
        t.check(proxy.asked and not any('/container' in line for line in proxy.asked), str(proxy.asked))

"""OpenStack Swift with its S3 interface as a library: proxy and storage in this process, objects in memory.

Needs Debian's python3-swift, a process that eventlet has patched, and a folder of its own; nothing of the
machine, nothing in /etc.  The storage servers listen on free ports of loopback.
"""
import array
import logging
import os

import eventlet
import eventlet.wsgi

import sigv4_check
from http_wire import Request
from wsgi import call

HOST = '127.0.0.1'
USER, KEY = 'lava:gate', sigv4_check.Key('swift')
REGION = 'us-east-1'
SWIFT_CONF = """[swift-hash]
swift_hash_path_suffix = lava
swift_hash_path_prefix = lava
[storage-policy:0]
name = one
default = yes
"""
PROXY_CONF = """[DEFAULT]
swift_dir = {folder}
[pipeline:main]
pipeline = catch_errors s3api tempauth bulk slo dlo copy versioned_writes symlink proxy-server
[app:proxy-server]
use = egg:swift#proxy
allow_account_management = true
account_autocreate = true
client_chunk_size = 1048576
object_chunk_size = 1048576
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:tempauth]
use = egg:swift#tempauth
user_lava_gate = swift .admin
storage_url_scheme = http
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
dns_compliant_bucket_names = true
check_bucket_owner = false
min_segment_size = 5242880
[filter:slo]
use = egg:swift#slo
[filter:dlo]
use = egg:swift#dlo
[filter:bulk]
use = egg:swift#bulk
[filter:copy]
use = egg:swift#copy
[filter:versioned_writes]
use = egg:swift#versioned_writes
allow_versioned_writes = true
allow_object_versioning = true
[filter:symlink]
use = egg:swift#symlink
"""


class Quiet:
    """A log that nobody reads."""

    def write(self, _text):
        pass

    def flush(self):
        pass


class Cache:
    """What a memcached would keep of accounts and containers."""

    def __init__(self):
        self.known = {}

    def get(self, key, **_how):
        return self.known.get(key)

    def set(self, key, value, **_how):
        self.known[key] = value

    def delete(self, key, **_how):
        self.known.pop(key, None)


def _write(path, text):
    with open(path, 'w', encoding='utf-8') as out:
        out.write(text)


def _serve(name, controller, folder):
    """Run a storage server on a free port, and write the ring that leads to it: one partition, one device."""
    from swift.common.ring import RingData
    from swift.common.wsgi import SwiftHttpProtocol
    sock = eventlet.listen((HOST, 0))
    port = sock.getsockname()[1]
    device = {'id': 0, 'region': 1, 'zone': 0, 'device': 'one', 'weight': 1.0, 'ip': HOST, 'port': port,
              'replication_ip': HOST, 'replication_port': port}
    RingData([array.array('H', [0])], [device], 32).save(os.path.join(folder, f'{name}.ring.gz'))
    eventlet.spawn(eventlet.wsgi.server, sock, controller, Quiet(), protocol=SwiftHttpProtocol,
                   custom_pool=eventlet.GreenPool(500))


def _application(folder):
    logging.disable(logging.CRITICAL)  # it would go to the machine's syslog
    from swift.common import constraints, utils
    os.makedirs(os.path.join(folder, 'devices', 'one', 'tmp'))
    _write(os.path.join(folder, 'swift.conf'), SWIFT_CONF)
    _write(os.path.join(folder, 'proxy.conf'), PROXY_CONF.format(folder=folder))
    utils.SWIFT_CONF_FILE = constraints.SWIFT_CONF_FILE = os.path.join(folder, 'swift.conf')
    utils.HASH_PATH_PREFIX = utils.HASH_PATH_SUFFIX = b'lava'
    from swift.account.server import AccountController
    from swift.common.wsgi import loadapp
    from swift.container.server import ContainerController
    from swift.obj.mem_server import ObjectController
    settings = {'devices': os.path.join(folder, 'devices'), 'swift_dir': folder, 'mount_check': 'false',
                'network_chunk_size': '1048576', 'disk_chunk_size': '1048576'}
    _serve('account', AccountController(settings), folder)
    _serve('container', ContainerController(settings), folder)
    _serve('object', ObjectController(settings), folder)
    return loadapp(os.path.join(folder, 'proxy.conf'), global_conf={'log_level': 'CRITICAL'})


class SwiftStorage:
    """Objects, kept by Swift.  Requests to it are signed by a key of its own."""

    def __init__(self, folder):
        self.application, self.cache = _application(folder), Cache()

    def call(self, method, target, headers, body=b''):
        request = Request(method, target, {**headers, 'host': HOST}, 0, body)
        sigv4_check.sign(request, USER, KEY, REGION, 's3', payload=sigv4_check.UNSIGNED)
        return call(self.application, request, {'swift.cache': self.cache})

"""One small file from a server that is not connected to yet: what it takes."""
import os

from trial import case, noise

SHARE_AND_FILE = {'TREE_CONNECT': (1, 0), 'CREATE': (1, 0), 'READ': (1, 0), 'CLOSE': (1, 0)}


def fetched(t, url, data):
    """Get it and check it; what --stats says: {command: (answers, errors)}, and compounds."""
    result = t.ok('get', '--stats', url, 'y')
    t.equal(t.local('y'), data)
    os.unlink(t.file('y'))
    rows = [line.split() for line in result.err.decode().splitlines()]
    commands = {row[0]: (int(row[1]), int(row[2])) for row in rows if len(row) > 3 and row[0].isupper()
                or row and row[0] in SHARE_AND_FILE}
    compounds = [int(row[1]) for row in rows if row[:1] == ['compounds:']]
    return {name: commands.get(name, (0, 0)) for name in SHARE_AND_FILE}, compounds


@case('plain', 'sign', 'seal', 'gmac', 'ccm256')
def cold(t):
    """share and file come in one frame, of which nothing is repeated"""
    for length in (1, 7, 4096, 60000):
        data = noise(length)
        t.place('x', data)
        t.equal(fetched(t, t.url('x'), data), (SHARE_AND_FILE, [1]), str(length))


@case('smb21', 'smb30', 'seal30', 'smb302', 'noseal')
def cold_and_old(t):
    """before 3.1.1, or without a cipher, the share is connected to first, and then the file comes in one frame"""
    t.place('x', noise(4096))
    t.equal(fetched(t, t.url('x'), noise(4096)), (SHARE_AND_FILE, [1]))


@case()
def cold_and_empty(t):
    """an empty file is fetched, too"""
    t.place('x', b'')
    t.equal(fetched(t, t.url('x'), b''), ({**SHARE_AND_FILE, 'READ': (1, 1)}, [1]))


@case()
def cold_vault(t):
    """a share that demands encryption is asked encrypted before it has said so"""
    t.make('x', noise(4096))
    url = t.url('x', share='vault', folder='')
    t.ok('put', 'x', url)
    t.equal(fetched(t, url, noise(4096)), (SHARE_AND_FILE, [1]))


@case()
def cold_dfs(t):
    """a share in the DFS is asked again by the whole path when it has said so"""
    with open(t.samba.local('cold', share='dfs'), 'wb') as file:
        file.write(noise(4096))
    stats, _ = fetched(t, t.url('cold', share='dfs', folder=''), noise(4096))
    t.equal(stats['TREE_CONNECT'], (1, 0))
    t.equal(stats['CREATE'][0], 2)


@case()
def cold_refusals(t):
    """a share or a file that is not there is the error, as it is without haste"""
    t.fails(4, 'get', t.url('x', share='nowhere', folder=''), 'y', says='STATUS_BAD_NETWORK_NAME')
    t.fails(4, 'get', t.url('nowhere'), 'y', says='STATUS_OBJECT_NAME_NOT_FOUND')

"""What is known about files beside their bytes: times, attributes, streams, access lists, snapshots, long folders.

The tool has no commands for most of it, so these cases use test/lab/api, a program on the library.
"""
import os
import struct
import subprocess

from trial import Failure, Result, Skip, case

SECOND = 10 ** 9
OWNER, GROUP, DACL, SACL = 1, 2, 4, 8
INHERITED = 0x10


def api(t, *argv, share='data', fails=None):
    """Run a command of test/lab/api; returns its lines, or what it complained when it must fail."""
    program = os.path.join(os.path.dirname(t.tool), 'test', 'lab', 'api')
    if not os.path.exists(program):
        raise Skip('test/lab/api is not built')
    words = [program, t.host, t.port, t.samba.user, share, *argv]
    done = subprocess.run([str(word) for word in words], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env=t.environment(), timeout=60)
    result = Result(words, done.returncode, done.stdout, done.stderr)
    if done.returncode != (1 if fails else 0) or b'anitizer' in done.stderr:
        raise Failure(f'should {"fail" if fails else "succeed"}: {result}')
    if fails:
        complaint = done.stderr.decode('utf-8', 'replace')
        t.check(fails in complaint, f'should say {fails!r}: {result}')
        return complaint
    return result.lines()


def there(t, name=''):
    """The path of a file in this case's folder, relative to the share."""
    return '/'.join(part for part in (os.path.basename(t.folder), name) if part)


def described(t, name, share='data'):
    """size, created, accessed, written, changed (ns), attributes"""
    words = api(t, 'stat', there(t, name) if share == 'data' else name, share=share)[0].split()
    return [int(word) for word in words[:5]] + [int(words[5], 16)]


@case('plain', 'smb202', 'seal')
def set_times(t):
    """times that are set come back, on the server's disk too, and others stay"""
    t.place('a', b'hello')
    before = described(t, 'a')
    api(t, 'set', there(t, 'a'), 0, 1100000000 * SECOND, 1200000000 * SECOND, 0, '0')
    after = described(t, 'a')
    t.equal(after[2:4], [1100000000 * SECOND, 1200000000 * SECOND], 'times')
    t.equal((after[0], after[5]), (before[0], before[5]), 'what was not set')
    there_stat = os.stat(t.path('a'))
    t.equal(there_stat.st_mtime_ns, 1200000000 * SECOND, 'mtime on the server')
    t.equal(there_stat.st_atime_ns, 1100000000 * SECOND, 'atime on the server')
    api(t, 'set', there(t, 'a'), 1000000000 * SECOND, 0, 0, 0, '0')
    t.equal(described(t, 'a')[1], 1000000000 * SECOND, 'creation time')


@case()
def set_attributes(t):
    """attributes are set on files and folders, and NORMAL takes them away"""
    t.place('a', b'hello')
    os.mkdir(t.path('dir'))
    os.chmod(t.path('dir'), 0o777)
    for name, kind in (('a', 0), ('dir', 0x10)):
        api(t, 'set', there(t, name), 0, 0, 0, 0, '6')
        t.equal(described(t, name)[5], 6 | kind, f'attributes of {name}')
        api(t, 'set', there(t, name), 0, 0, 0, 0, '80')
        t.equal(described(t, name)[5], kind or 0x80, f'attributes of {name}, taken away')
    api(t, 'set', there(t, 'gone'), 0, 0, 0, 0, '2', fails='OBJECT_NAME_NOT_FOUND')


@case('plain', 'smb21')
def list_streams(t):
    """alternate streams are listed by name and size, and can be written and read"""
    if not t.samba.has_streams:
        raise Skip('this server keeps no alternate streams')
    t.place('a', b'hello')
    t.equal(api(t, 'streams', there(t, 'a')), [], 'streams of a new file')
    t.make('one', b'first stream')
    t.ok('put', '--in-place', 'one', t.url('a:one'))
    t.ok('put', '--in-place', 'one', t.url('a:Zweiter Ström'))
    t.equal(sorted(api(t, 'streams', there(t, 'a'))), ['Zweiter Ström 12', 'one 12'], 'streams')
    t.equal(t.ok('get', t.url('a:one'), '-').out, b'first stream')
    t.equal(t.remote('a'), b'hello')


@case('plain', 'smb21')
def extended_attributes(t):
    """extended attributes are set, listed, replaced and taken away"""
    if not t.samba.has_streams:
        raise Skip('this file system has no extended attributes')
    t.place('a', b'hello')
    name = there(t, 'a')
    t.equal(api(t, 'ea-list', name), [], 'of a new file')
    api(t, 'ea-set', name, 'ONE', '414243')
    api(t, 'ea-set', name, 'two', '00ff')
    t.equal(sorted(api(t, 'ea-list', name)), ['ONE 414243', 'two 00ff'])
    api(t, 'ea-set', name, 'two', '2222')
    api(t, 'ea-set', name, 'ONE', '')
    t.equal(api(t, 'ea-list', name), ['two 2222'])
    api(t, 'ea-set', name, 'a=b', '00', fails='INVALID_EA_NAME')
    api(t, 'ea-set', name, '', '00', fails='1 to 255')


def entries(descriptor):
    """[(type, flags, mask, sid bytes)...] of the DACL (MS-DTYP 2.4.5, 2.4.6)."""
    at = struct.unpack_from('<I', descriptor, 16)[0]
    count, found = struct.unpack_from('<H', descriptor, at + 4)[0], []
    at += 8
    for _ in range(count):
        kind, flags, size, mask = struct.unpack_from('<BBHI', descriptor, at)
        found.append((kind, flags, mask, descriptor[at + 8:at + size]))
        at += size
    return found


@case()
def read_access_list(t):
    """the access list of a file is read, in the parts that are asked for"""
    t.place('a', b'hello')
    whole = bytes.fromhex(api(t, 'security-get', there(t, 'a'), f'{OWNER | GROUP | DACL:x}')[0])
    t.check(entries(whole), 'no entries')
    t.check(struct.unpack_from('<II', whole, 4) != (0, 0), 'no owner, no group')
    dacl = bytes.fromhex(api(t, 'security-get', there(t, 'a'), f'{DACL:x}')[0])
    t.equal(struct.unpack_from('<II', dacl, 4), (0, 0), 'owner and group that were not asked for')
    t.equal(entries(dacl), entries(whole), 'entries')
    api(t, 'security-get', there(t, 'a'), f'{SACL:x}', fails='PRIVILEGE_NOT_HELD')
    api(t, 'security-get', there(t, 'a'), '0', fails='makes no sense')


@case('metadata')
def set_access_list(t):
    """an access list that is set comes back, and what a folder passes on is marked as inherited"""
    if not t.samba.has_streams:
        raise Skip('this server keeps no access lists')
    t.make('x', b'hello')
    t.ok('mkdir', t.url('dir', share='open', folder=''))
    everyone = bytes.fromhex('010100000000000100000000')
    ace = struct.pack('<BBHI', 0, 3, 8 + len(everyone), 0x1F01FF) + everyone
    acl = struct.pack('<BBHHH', 2, 0, 8 + len(ace), 1, 0) + ace
    descriptor = struct.pack('<BBHIIII', 1, 0, 0x8504, 0, 0, 0, 20) + acl
    api(t, 'security-set', 'dir', f'{DACL:x}', descriptor.hex(), share='open')
    back = bytes.fromhex(api(t, 'security-get', 'dir', f'{DACL:x}', share='open')[0])
    t.equal(entries(back), [(0, 3, 0x1F01FF, everyone)], 'what was set')
    t.ok('put', '--in-place', 'x', t.url('dir/x', share='open', folder=''))
    heir = bytes.fromhex(api(t, 'security-get', 'dir/x', f'{DACL:x}', share='open')[0])
    t.check(all(flags & INHERITED for _, flags, _, _ in entries(heir)), f'not inherited: {entries(heir)}')
    api(t, 'security-set', 'dir', f'{DACL:x}', '00', share='open', fails='self-relative')


@case('metadata', 'smb21')
def list_snapshots(t):
    """the snapshots of a share are listed, and read by their names; one without them says so"""
    stamps = ['@GMT-2026.01.31-12.00.00', '@GMT-2025.12.31-23.59.59']
    if t.samba.profile != 'metadata':
        api(t, 'snapshots', there(t), fails='list the snapshots')
        return
    for stamp in stamps:
        os.makedirs(t.samba.local(f'.snapshots/{stamp}', share='open'))
        with open(t.samba.local(f'.snapshots/{stamp}/old', share='open'), 'w') as file:
            file.write(stamp)
    with open(t.samba.local('old', share='open'), 'w') as file:
        file.write('new')
    listed = api(t, 'snapshots', '', share='open')
    t.equal(sorted(listed), sorted(stamps))
    for stamp in listed:
        t.equal(t.ok('get', t.url(f'{stamp}/old', share='open', folder=''), '-').out, stamp.encode())
    t.equal(t.ok('get', t.url('old', share='open', folder=''), '-').out, b'new')


@case('plain', 'smb202', 'tinycredits')
def long_folder(t):
    """a folder of many files is listed whole"""
    count = 20000 if t.samba.profile == 'plain' else 3000
    for i in range(count):
        os.close(os.open(t.path(f'entry-{i:06d}'), os.O_CREAT | os.O_WRONLY, 0o644))
    t.equal(api(t, 'count', there(t)), [f'{count} {12 * count} 0'])
    t.equal(len(t.ok('ls', t.url()).lines()), count, 'lines of ls')

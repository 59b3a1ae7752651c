"""Names that other clients stumble over: long, odd, not ASCII, refused."""
import os

from trial import case, noise

EMOJI = '\N{FAMILY}\N{GRINNING FACE} \N{SLICE OF PIZZA}'


@case('plain', 'sign')
def long_names(t):
    """names of 255 bytes, ASCII and not, there and back"""
    for name in ('n' * 255, 'é' * 127, EMOJI + 'x' * 240):
        name = name.encode()[:255].decode(errors='ignore')
        data = noise(1000, len(name))
        t.ok('put', t.make('a', data), t.url(name))
        t.equal(os.listdir(t.folder), [name], 'the name on the server')
        t.check(name in t.ok('ls', t.url()).lines(), 'ls does not show it')
        t.ok('get', t.url(name), t.file('back'))
        t.equal(t.local('back'), data)
        t.ok('mv', t.url(name), t.url('short'))
        t.ok('mv', t.url('short'), t.url(name))
        t.ok('rm', t.url(name))
        t.only(there=[])


@case()
def too_long_names(t):
    """a name of 256 bytes is refused with a clear error"""
    for command in (('put', t.make('a', b'x'), t.url('n' * 256)), ('mkdir', t.url('n' * 256)),
                    ('get', t.url('n' * 256), t.file('b'))):
        t.fails((1, 4), *command, says=r'\[NtStatus STATUS_\w+\]')
    t.only(here=['a'], there=[])


@case('plain', 'unmangled')
def trailing_blank_and_dot(t):
    """names that end in a blank or a dot are kept, or refused with a clear error"""
    for name in ('end ', 'end.', ' begin', '.begin', 'in .the middle', '...x'):
        result = t.run('put', t.make('a', b'123'), t.url(name))
        if result.status == 0:
            t.check(name in os.listdir(t.folder), f'{name!r} is there under another name')
            t.ok('get', t.url(name), t.file('back'))
            t.equal(t.local('back'), b'123')
            shown = t.ok('ls', t.url()).text.split('\n')[0]
            # Samba lists what Windows could not name under a short name, unless it is told not to.
            t.check(shown == name or (t.samba.profile == 'plain' and '~' in shown),
                    f'ls shows {shown!r} for {name!r}')
            t.ok('rm', t.url(name))
        else:
            t.failed(result, (1, 4), says=r'\[NtStatus STATUS_\w+\]')
        t.only(there=[])


@case()
def reserved_characters(t):
    """names with characters that Windows reserves are refused with a clear error"""
    for name in ('a*b', 'a?b', 'a<b', 'a>b', 'a"b', 'a|b', 'tab\there'):
        result = t.run('put', t.make('a', b'1'), t.url(name))
        if result.status != 0:
            t.failed(result, (1, 4), says=r'\[NtStatus STATUS_\w+\]')
    t.only(here=['a'])


@case('plain', 'smb202')
def other_scripts(t):
    """folders and files in other scripts and with emoji, as trees"""
    for name in (EMOJI, 'Ελληνικά', 'русский', '日本語', 'עברית', 'e\u0301 decomposed', '100% #1 &co; [x]'):
        t.ok('mkdir', t.url(name))
        t.ok('put', t.make('a', name.encode()), t.url(f'{name}/{name}'))
        t.check(os.path.exists(t.path(f'{name}/{name}')), f'{name!r} is not there')
        t.equal(t.ok('cat', t.url(f'{name}/{name}')).text, name)
        t.ok('rm', '-R', t.url(name))
    t.only(there=[])

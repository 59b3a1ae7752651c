"""The long link itself (link.c), before anybody believes what was measured through it.

Nothing here is an upper bound of a time: a link may be slow, but it must not be fast.
"""
import re
import time

import lab
from link import Link
from trial import Skip, case, noise

RTT_MS = 20


def joined(t, **how):
    """A link to the case's server; the case's locations lead through it."""
    try:
        far = Link(t.samba.port, RTT_MS, beside=t.tool, **how).__enter__()
    except lab.Unavailable as why:
        raise Skip(str(why)) from None
    t.port = far.port
    return far


@case()
def round_trip_of_a_link(t):
    """a long link: no answer comes sooner than its round trip"""
    with joined(t):
        info = t.ok('info', t.url()).text
    nanoseconds = int(re.search(r'round trip: (\d+) ns', info)[1])
    t.check(nanoseconds >= RTT_MS * 1e6, f'an ECHO took {nanoseconds} ns over a link of {RTT_MS} ms')


@case()
def handshake_of_a_link(t):
    """a long link: connecting costs a round trip, too"""
    with joined(t):
        began = time.monotonic()
        t.fails(3, 'ls', t.url(), env={'LAVA_SMB_PASSWORD': 'wrong'})  # TCP, NEGOTIATE, two SESSION_SETUPs
        t.check(time.monotonic() - began >= 4 * RTT_MS / 1000, 'four round trips were faster than light')


@case()
def rate_of_a_link(t):
    """a long link: carries what it is given, both ways, no faster than its rate"""
    data = noise(3_000_000)
    with joined(t, rate='100M', queue='64k'):
        for words in (('put', t.make('a', data), t.url('b')), ('get', t.url('b'), t.file('c'))):
            began = time.monotonic()
            t.ok(*words)
            t.check(time.monotonic() - began >= len(data) * 8 / 100e6, f'{words[0]} was faster than the wire')
    t.equal(t.remote('b'), data)
    t.equal(t.local('c'), data)

"""How we log on, where the server leaves a choice."""
from trial import case


@case('ntlmv1', 'smb21')
def ntlmv2_unless_asked(t):
    """NTLMv2 is used although the server would take less"""
    t.check('NTLMv2' in t.ok('info', t.url()).text, 'info does not say NTLMv2')


@case('ntlmv1')
def ntlmv1(t):
    """--ntlmv1 logs on with NTLMv1, says so, and warns"""
    run = t.ok('info', '--ntlmv1', t.url())
    t.check('NTLMv1 with ESS' in run.text, f'info does not say NTLMv1 with ESS: {run.text}')
    t.check(b'NTLMv1: who listens' in run.err, f'no warning: {run.err}')
    t.make('up', b'signed with a key that NTLMv1 made')
    t.ok('put', '--ntlmv1', '--sign', 'required', 'up', t.url('file'))
    t.equal(t.remote('file'), b'signed with a key that NTLMv1 made')


@case('plain')
def ntlmv1_refused(t):
    """a server that takes NTLMv2 alone refuses NTLMv1"""
    t.fails(3, 'info', '--ntlmv1', t.url())


@case('guest')
def guest_is_told(t):
    """info says who is a guest, and who is not"""
    url = t.url(share='open', folder='')
    mallory = t.url(user='mallory', share='open', folder='')
    t.fails(3, 'info', mallory, says='as guest.*--allow-guest')
    t.check('guest: yes' in t.ok('info', '--allow-guest', mallory).text, 'mallory is no guest')
    t.check('guest: no' in t.ok('info', '--allow-guest', url).text, 'alice is a guest')
    t.fails(3, 'info', '--allow-guest', url, env={'LAVA_SMB_PASSWORD': 'wrong'}, says='STATUS_LOGON_FAILURE')


@case('guest')
def guest_is_kept_out(t):
    """a guest gets no further than guests may"""
    t.make('x', b'1')
    mallory = t.url('x', user='mallory')
    t.fails(5, 'put', '--allow-guest', 'x', mallory, says=r'\[NtStatus STATUS_ACCESS_DENIED\]')
    t.fails(7, 'ls', '--allow-guest', '--encrypt', 'required', t.url(user='mallory', share='open', folder=''))
    t.only(there=[])

"""The kinds of server the lab can start: one line each, what differs from Samba's defaults."""

ENCRYPT = 'server smb encrypt'
CIPHERS = 'server smb3 encryption algorithms'
SIGNING = 'server smb3 signing algorithms'
MAX = 'server max protocol'

PROFILES = {
    'plain': {},
    'sign': {'server signing': 'mandatory'},
    'seal': {ENCRYPT: 'required'},
    'noseal': {ENCRYPT: 'off'},
    'smb202': {MAX: 'SMB2_02'},
    'smb21': {MAX: 'SMB2_10'},
    'smb30': {MAX: 'SMB3_00'},
    'smb302': {MAX: 'SMB3_02'},
    'seal30': {MAX: 'SMB3_00', ENCRYPT: 'required'},
    'gmac': {'server signing': 'mandatory', SIGNING: 'aes-128-gmac'},
    'cmac': {'server signing': 'mandatory', SIGNING: 'aes-128-cmac'},
    'hmac': {'server signing': 'mandatory', SIGNING: 'hmac-sha256'},
    'gcm128': {ENCRYPT: 'required', CIPHERS: 'aes-128-gcm'},
    'ccm128': {ENCRYPT: 'required', CIPHERS: 'aes-128-ccm'},
    'gcm256': {ENCRYPT: 'required', CIPHERS: 'aes-256-gcm'},
    'ccm256': {ENCRYPT: 'required', CIPHERS: 'aes-256-ccm'},
    'tinycredits': {'smb2 max credits': '4'},
    'smallio': {'smb2 max read': '65536', 'smb2 max write': '65536', 'smb2 max trans': '65536'},
    'nolease': {'smb2 leases': 'no', 'oplocks': 'no'},
    # Takes NTLMv1, too.  No Samba takes NTLMv1 alone: every value of `ntlm auth` but `disabled` allows
    # NTLMv2, and `client ntlmv2 auth` is about what its own clients send.
    'ntlmv1': {'ntlm auth': 'ntlmv1-permitted'},
    'nontlm': {'ntlm auth': 'disabled'},
    'guest': {'map to guest': 'bad user'},
    # Access lists and snapshots for every share but `data`; both without being root.
    'metadata': {'vfs objects': 'shadow_copy2 acl_xattr streams_xattr',
                 'acl_xattr:security_acl_name': 'user.NTACL', 'acl_xattr:ignore system acls': 'yes',
                 'shadow:snapdir': '.snapshots', 'shadow:snapdirseverywhere': 'yes'},
    'unmangled': {'mangled names': 'no'},
    'comments': {'comment': 'für alle, 5 €', 'server string': 'the lab'},
    'smb1': {MAX: 'NT1', 'server min protocol': 'NT1'},
    # Does odd things when it is told to, by controls (torture.c).
    'torture': {'smbd:FSCTL_SMBTORTURE': 'yes'},
    'unicode': {},  # with SHARE_UNICODE and more users
    'full': {},     # with the share `small`, of 1 MiB
    'netbios': {},
    'netbiosseal': {ENCRYPT: 'required'},
    # Every logon, over both transports: 445 and 139 of one address.
    'matrix': {'smb ports': '139 445', 'ntlm auth': 'ntlmv1-permitted', 'map to guest': 'bad user'},
}

# Those that are served in NetBIOS sessions, on port 139.
NETBIOS = ('netbios', 'netbiosseal', 'matrix')

# Those that differ in one thing which only cases of their own try.
APART = ('smb1', 'torture', 'unicode', 'full')

# The newest dialect of those that cannot do 3.1.1.
DIALECTS = {'smb202': '2.0.2', 'smb21': '2.1', 'smb30': '3.0', 'seal30': '3.0', 'smb302': '3.0.2'}

USERS = {'alice': 'Wonder-1and', 'bob': 'pässword €'}
MORE_USERS = {'unicode': {'jürgen': '\N{GRINNING FACE} größer', 'long': 'L0ng-' * 25 + '128',
                          'carol@lavalab.example': 'as Windows names them'}}
SHARE_UNICODE = 'Ünïcödé €'
# Name, folder, other settings.
MORE_SHARES = {'full': (('small', 'small', ''),),
               'unicode': ((SHARE_UNICODE, 'unicode', 'case sensitive = yes'),)}

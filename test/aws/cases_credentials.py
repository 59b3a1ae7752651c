"""Where credentials, region and end points come from: as the AWS tools find them."""
import json
import os
import stat
import sys

import aws_gate
from cases_s3 import PART
from trial import case, noise

NONE = {'AWS_ACCESS_KEY_ID': None, 'AWS_SECRET_ACCESS_KEY': None}
KEYS = f'aws_access_key_id = {aws_gate.ACCESS_KEY}\naws_secret_access_key = {aws_gate.SECRET}\n'
WRONG = 'aws_access_key_id = AKIDWRONG\naws_secret_access_key = wrong\n'
ROLE = 'arn:aws:iam::123456789012:role/lava'


def _works(t, *options, key='x', **env):
    """An upload with this environment and no other credentials."""
    t.place('x', b'data')
    result = t.ok('get', *options, t.url('x'), t.s3.url(key), env={**NONE, **env})
    t.equal(t.s3.get(key), b'data')
    return result


def _fails(t, says, *options, status=(1, 3, 5, 6), **env):
    t.place('x', b'data')
    t.fails(status, 'get', *options, t.url('x'), t.s3.url('x'), says=says, env={**NONE, **env})
    t.equal(t.s3.keys(), [])


def _used(t):
    """The tokens of the requests to S3."""
    return {entry['headers'].get('x-amz-security-token') for entry in t.s3.journal('PUT')}


@case(aws=True)
def nowhere(t):
    """without credentials that is said"""
    _fails(t, 'Unable to locate credentials')


@case(aws=True)
def wrong_keys(t):
    """a key that S3 does not know, and a secret that is wrong"""
    _fails(t, 'InvalidAccessKeyId', AWS_ACCESS_KEY_ID='AKIDWRONG', AWS_SECRET_ACCESS_KEY='wrong')
    _fails(t, 'SignatureDoesNotMatch', AWS_ACCESS_KEY_ID=aws_gate.ACCESS_KEY, AWS_SECRET_ACCESS_KEY='wrong')


@case(aws=True)
def shared_files(t):
    """keys in the credentials file, or in the config file, of the default profile or another"""
    t.aws_file('credentials', f'[default]\n{KEYS}')
    _works(t)
    t.aws_file('credentials', f'# nothing\n[other]\n{KEYS}')
    _works(t, AWS_PROFILE='other')
    _works(t, '--profile', 'other')
    t.aws_file('credentials', '')
    t.aws_file('config', f'[default]\n{WRONG}\n[profile third]\nregion=us-east-1\n{KEYS}')
    _works(t, '--profile', 'third', AWS_DEFAULT_REGION=None)


@case(aws=True)
def profiles(t):
    """--profile is over the environment's keys; `default` need not be there, any other must be"""
    t.place('x', b'data')
    t.ok('get', '--profile', 'default', t.url('x'), t.s3.url('x'))
    t.aws_file('credentials', f'[right]\n{KEYS}[default]\n{WRONG}')
    _works(t, '--profile', 'right', AWS_ACCESS_KEY_ID='AKIDWRONG', AWS_SECRET_ACCESS_KEY='wrong')
    t.gate.delete(t.s3.place('x'))
    _fails(t, 'InvalidAccessKeyId', '--profile', 'default', AWS_ACCESS_KEY_ID=aws_gate.ACCESS_KEY,
           AWS_SECRET_ACCESS_KEY=aws_gate.SECRET)
    _fails(t, r'The config profile \(nobody\) could not be found', '--profile', 'nobody')
    _fails(t, r'The config profile \(nobody\) could not be found', AWS_PROFILE='nobody')


@case(aws=True)
def region(t):
    """the region is AWS_DEFAULT_REGION's, AWS_REGION's or the profile's, and must be somewhere"""
    _fails(t, 'You must specify a region', AWS_ACCESS_KEY_ID=aws_gate.ACCESS_KEY,
           AWS_SECRET_ACCESS_KEY=aws_gate.SECRET, AWS_DEFAULT_REGION=None)
    keys = {'AWS_ACCESS_KEY_ID': aws_gate.ACCESS_KEY, 'AWS_SECRET_ACCESS_KEY': aws_gate.SECRET}
    _works(t, AWS_DEFAULT_REGION=None, AWS_REGION='us-east-1', **keys)
    t.aws_file('config', '[default]\nregion = us-east-1\n')
    _works(t, AWS_DEFAULT_REGION=None, **keys)


@case(aws=True)
def end_points(t):
    """the end point of the profile, of its services, and of one service in the environment"""
    keys = {'AWS_ACCESS_KEY_ID': aws_gate.ACCESS_KEY, 'AWS_SECRET_ACCESS_KEY': aws_gate.SECRET}
    t.aws_file('config', f'[default]\nendpoint_url = {t.gate.url}\n')
    _works(t, AWS_ENDPOINT_URL=None, **keys)
    t.aws_file('config', f'[default]\nservices = here\n[services here]\ns3 =\n  endpoint_url = {t.gate.url}\n')
    _works(t, AWS_ENDPOINT_URL=None, **keys)
    t.aws_file('config', '')
    _works(t, AWS_ENDPOINT_URL='http://127.0.0.1:1', AWS_ENDPOINT_URL_S3=t.gate.url, **keys)


@case(aws=True)
def host_names_the_bucket(t):
    """addressing_style = virtual puts the bucket in the host"""
    t.aws_file('config', f'[default]\n{KEYS}s3 =\n  addressing_style = virtual\n')
    t.place('x', noise(PART + 1))
    t.ok('get', t.url('x'), t.s3.url('a//b'),
         env={**NONE, 'AWS_ENDPOINT_URL': f'http://localhost:{t.gate.port}'})
    t.equal(t.s3.get('a//b'), noise(PART + 1))
    hosts = {entry['headers']['host'] for entry in t.gate.journal('PUT s3')}
    t.equal(hosts, {f'{t.s3.name}.localhost:{t.gate.port}'})


@case(aws=True)
def role(t):
    """a profile with a role asks STS for it, with its external id and the keys of its source profile"""
    t.gate.data(roles=[{'RoleArn': ROLE, 'ExternalId': 'outside', 'RoleSessionName': 'me'}])
    t.aws_file('credentials', f'[base]\n{KEYS}')
    t.aws_file('config', f'[profile r]\nrole_arn = {ROLE}\nsource_profile = base\nexternal_id = outside\n'
               f'role_session_name = me\n[profile denied]\nrole_arn = {ROLE}x\nsource_profile = base\n'
               '[profile a]\nrole_arn = x\nsource_profile = b\n[profile b]\nrole_arn = x\nsource_profile = a\n'
               f'[profile mfa]\nrole_arn = {ROLE}\nsource_profile = base\nmfa_serial = 1\n')
    _works(t, '--profile', 'r')
    _works(t, AWS_PROFILE='r')
    t.check(None not in _used(t), 'requests without a token')
    t.gate.delete(t.s3.place('x'))
    _fails(t, 'AccessDenied|AssumeRole', '--profile', 'denied')
    _fails(t, 'loop|infinite|itself|circular', '--profile', 'a')
    _fails(t, 'mfa', '--profile', 'mfa')


@case(aws=True)
def web_identity(t):
    """a token of a web identity is taken to STS"""
    t.gate.data(roles=[{'RoleArn': ROLE, 'WebIdentityToken': 'web-token'}])
    token = t.aws_file('token', 'web-token')
    _works(t, AWS_WEB_IDENTITY_TOKEN_FILE=token, AWS_ROLE_ARN=ROLE)
    t.check(None not in _used(t), 'requests without a token')
    t.aws_file('config', f'[profile w]\nrole_arn = {ROLE}\nweb_identity_token_file = {token}\n')
    _works(t, '--profile', 'w')


def _program(t, *printed, status=0, name='credentials.py'):
    """A credential_process that prints this."""
    path = t.aws_file(name, f'#!{sys.executable}\nimport sys\nprint({json.dumps(json.dumps(*printed))})\n'
                      f'print("it went wrong", file=sys.stderr)\nsys.exit({status})\n')
    os.chmod(path, stat.S_IRWXU)
    return path


@case(aws=True)
def process(t):
    """credential_process: what it prints, its arguments, its failure"""
    keys = {'Version': 1, 'AccessKeyId': aws_gate.ACCESS_KEY, 'SecretAccessKey': aws_gate.SECRET}
    path = _program(t, keys, name='with blank.py')
    t.aws_file('config', f'[profile p]\ncredential_process = "{path}" an "argument of two" \n')
    _works(t, '--profile', 'p')
    t.gate.delete(t.s3.place('x'))
    path = _program(t, {}, status=3)
    t.aws_file('config', f'[profile p]\ncredential_process = {path}\n')
    _fails(t, 'it went wrong', '--profile', 'p')
    path = _program(t, {'Version': 2})
    t.aws_file('config', f'[profile p]\ncredential_process = {path}\n')
    _fails(t, 'version|credential_process', '--profile', 'p')


@case(aws=True)
def container(t):
    """a container's credentials, by the token in a file or in the environment"""
    url = t.gate.url + '/container'
    token = t.aws_file('token', 'container-secret')
    _works(t, AWS_CONTAINER_CREDENTIALS_FULL_URI=url, AWS_CONTAINER_AUTHORIZATION_TOKEN='container-secret')
    _works(t, AWS_CONTAINER_CREDENTIALS_FULL_URI=url, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=token)
    t.check(None not in _used(t), 'requests without a token')
    t.gate.delete(t.s3.place('x'))
    _fails(t, 'container', AWS_CONTAINER_CREDENTIALS_FULL_URI=url, AWS_CONTAINER_AUTHORIZATION_TOKEN='no')
    _fails(t, 'neither https, nor on this machine', AWS_CONTAINER_CREDENTIALS_FULL_URI='http://192.0.2.1/container')


@case(aws=True)
def instance(t):
    """an instance's role by IMDSv2, and its region"""
    env = {'AWS_EC2_METADATA_DISABLED': None, 'AWS_EC2_METADATA_SERVICE_ENDPOINT': t.gate.url}
    _works(t, **env)
    t.check(None not in _used(t), 'requests without a token')
    _works(t, AWS_DEFAULT_REGION=None, **env)
    t.check(t.gate.journal('GET s3 /latest/meta-data/placement/region') or t.s3.get('x'), 'the region is a guess')


@case(aws=True)
def instance_not_asked(t):
    """AWS_EC2_METADATA_DISABLED keeps us from asking"""
    _fails(t, 'Unable to locate credentials', AWS_EC2_METADATA_SERVICE_ENDPOINT=t.gate.url)
    t.equal(t.gate.journal('/latest'), [])


@case(aws=True)
def expired_in_the_middle(t):
    """credentials that expire in the middle are asked for anew, and the transfer goes on"""
    url = t.gate.url + '/container'
    env = {**NONE, 'AWS_CONTAINER_CREDENTIALS_FULL_URI': url,
           'AWS_CONTAINER_AUTHORIZATION_TOKEN': 'container-secret'}
    data = noise(4 * PART)
    t.place('x', data)
    t.s3.fault('PUT partNumber=2', 'expire')
    t.ok('get', t.url('x'), t.s3.url('x'), env=env)
    t.equal(t.s3.get('x'), data)
    t.s3.fault('GET', 'expire', after=1)
    t.ok('put', t.s3.url('x'), t.url('y'), env=env)
    t.equal(t.remote('y'), data)


@case(aws=True)
def expired_for_good(t):
    """credentials that have expired and cannot be had anew are an error that says so"""
    t.gate.control('expire')
    t.place('x', b'data')
    t.fails((1, 3, 5), 'get', t.url('x'), t.s3.url('x'), says='ExpiredToken|expired')
    t.check(len(t.s3.journal('PUT')) <= 2, 'it tried and tried')


@case(aws=True)
def asked_once(t):
    """credentials are asked for once, however many requests there are"""
    t.place('x', noise(4 * PART))
    t.ok('get', t.url('x'), t.s3.url('x'),
         env={**NONE, 'AWS_CONTAINER_CREDENTIALS_FULL_URI': t.gate.url + '/container',
              'AWS_CONTAINER_AUTHORIZATION_TOKEN': 'container-secret'})
    asked = t.gate.journal('GET s3 /container')  # again, if the answer takes two seconds
    t.check(asked and all(entry['ended'] - entry['began'] > 1 for entry in asked[:-1]), f'{len(asked)} times')


@case(aws=True)
def sso(t):
    """a profile of SSO says what to do instead"""
    t.aws_file('config', '[profile s]\nsso_session = x\nsso_account_id = 1\nsso_role_name = r\n'
               '[sso-session x]\nsso_start_url = https://sso.invalid/\nsso_region = us-east-1\n')
    _fails(t, 'export-credentials|credential_process', '--profile', 's')

"""The other services of AWS, as far as a client asks them: DynamoDB, SSM, Secrets Manager, STS; and where machines
find their credentials: the instance's metadata and the container's.
"""
import datetime
import json
import re
import urllib.parse
import zlib

from http_wire import Answer
from refusal import Refusal
from sigv4_check import Key

TARGETS = {'DynamoDB_20120810': 'dynamodb', 'AmazonSSM': 'ssm', 'secretsmanager': 'secretsmanager'}
JSON_FORMS = {'dynamodb': 'application/x-amz-json-1.0', 'ssm': 'application/x-amz-json-1.1',
              'secretsmanager': 'application/x-amz-json-1.1'}
ROLE, CONTAINER_SECRET, METADATA_TOKEN = 'lava-role', 'container-secret', 'metadata-token'
STS = """<{0}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><{0}Result><Credentials>
<AccessKeyId>{1}</AccessKeyId><SecretAccessKey>{2}</SecretAccessKey><SessionToken>{3}</SessionToken>
<Expiration>{4}</Expiration></Credentials></{0}Result></{0}Response>"""


def name_of(request):
    """The service that a request is for."""
    target = request.headers.get('x-amz-target', '')
    if target:
        return TARGETS.get(target.partition('.')[0], 'unknown')
    form = request.headers.get('content-type', '').startswith('application/x-www-form-urlencoded')
    return 'sts' if request.method == 'POST' and request.path == '/' and form else 's3'


class Services:
    """What they know is set by the tests: `data` has tables, parameters, secrets and roles."""

    def __init__(self, keys, policy, now):
        self.keys, self.policy, self.now = keys, policy, now
        self.reset()

    def learn(self, changes):
        """Tables, parameters, secrets by name; roles, a list of what a request for them must say."""
        for name, value in changes.items():
            kept = self.data[name]
            kept.extend(value) if isinstance(kept, list) else kept.update(value)

    def reset(self):
        self.data = {'tables': {}, 'parameters': {}, 'secrets': {}, 'roles': []}

    def temporary(self):
        """Make a key that lasts a while: its id, the Key, and when it ends."""
        number = len(self.keys)
        name = f'ASIAGATE{number:012}'
        self.keys[name] = Key(f'temporary/secret+{number}', f'token/{number}+==')
        end = self.now() + datetime.timedelta(seconds=self.policy.lifetime)
        return name, self.keys[name], end.strftime('%Y-%m-%dT%H:%M:%SZ')

    def unsigned(self, request):
        return name_of(request) == 'sts' and b'Action=AssumeRoleWithWebIdentity' in request.body

    def answer(self, service, request):
        if service == 'sts':
            return self._sts(request)
        if request.headers.get('content-type') != JSON_FORMS.get(service):
            raise Refusal(400, 'SerializationException',
                          f'{request.headers.get("content-type")} is not of {service}')
        try:
            asked = json.loads(request.body)
        except ValueError as error:
            raise Refusal(400, 'SerializationException', str(error)) from None
        operation = request.headers['x-amz-target'].partition('.')[2]
        operations = {'GetItem': self._item, 'GetParameter': self._parameter, 'GetSecretValue': self._secret}
        if operation not in operations:
            raise Refusal(400, 'UnknownOperationException', operation)
        body = json.dumps(operations[operation](asked), ensure_ascii=self.policy.ascii_json).encode()
        headers = [('Content-Type', JSON_FORMS[service])]
        if service == 'dynamodb':
            headers.append(('x-amz-crc32', str(zlib.crc32(body))))
        return Answer(200, headers, body)

    def _item(self, asked):
        table = self.data['tables'].get(asked.get('TableName'))
        if table is None:
            raise Refusal(400, 'ResourceNotFoundException', 'Requested resource not found')
        key = asked.get('Key', {}).get(table['key'], {})
        if list(asked.get('Key', {})) != [table['key']] or list(key) != ['S']:
            raise Refusal(400, 'ValidationException', 'The provided key element does not match the schema')
        item = table['items'].get(key['S'])
        return {} if item is None else {'Item': item}

    def _parameter(self, asked):
        value = self.data['parameters'].get(asked.get('Name'))
        if value is None:
            raise Refusal(400, 'ParameterNotFound')
        if not asked.get('WithDecryption'):
            value = 'AQICAHh' + value.encode().hex()
        return {'Parameter': {'Name': asked['Name'], 'Type': 'SecureString', 'Value': value, 'Version': 1,
                              'DataType': 'text', 'ARN': 'arn:aws:ssm:us-east-1:1:parameter' + asked['Name']}}

    def _secret(self, asked):
        value = self.data['secrets'].get(asked.get('SecretId'))
        if value is None:
            raise Refusal(400, 'ResourceNotFoundException', "Secrets Manager can't find the specified secret.")
        return {'Name': asked['SecretId'], 'SecretString': value, 'VersionId': '1',
                'ARN': 'arn:aws:secretsmanager:us-east-1:1:secret:' + asked['SecretId']}

    def _sts(self, request):
        asked = dict(urllib.parse.parse_qsl(request.body.decode()))
        action, role = asked.get('Action', ''), asked.get('RoleArn')
        if action not in ('AssumeRole', 'AssumeRoleWithWebIdentity') or asked.get('Version') != '2011-06-15':
            raise Refusal(400, 'InvalidAction', action)
        if not re.fullmatch(r'[\w+=,.@-]{2,64}', asked.get('RoleSessionName', '')):
            raise Refusal(400, 'ValidationError', 'RoleSessionName')
        if not any(all(asked.get(name) == value for name, value in known.items()) for known in self.data['roles']):
            raise Refusal(403, 'AccessDenied', f'not authorized to perform: sts:{action} on resource: {role}')
        name, key, end = self.temporary()
        return Answer(200, [('Content-Type', 'text/xml')],
                      STS.format(action, name, key.secret, key.token, end).encode())


class Metadata:
    """http://169.254.169.254 in version 2, and the end point of a container's credentials."""

    def __init__(self, services, policy):
        self.services, self.policy = services, policy

    def answer(self, request):
        """The answer, or None where the path is none of ours."""
        headers = request.headers
        if request.path == '/container':
            allowed = headers.get('authorization') == CONTAINER_SECRET
            return self._credentials() if allowed else Answer(401)
        if not request.path.startswith('/latest/'):
            return None
        if request.path == '/latest/api/token':
            asked = request.method == 'PUT' and headers.get('x-aws-ec2-metadata-token-ttl-seconds', '').isdigit()
            return Answer(200, [], METADATA_TOKEN.encode()) if asked else Answer(400)
        if headers.get('x-aws-ec2-metadata-token') != METADATA_TOKEN:
            return Answer(401)
        path = request.path.removeprefix('/latest/meta-data/')
        if path == 'placement/region':
            return Answer(200, [], self.policy.region.encode())
        if path == 'iam/security-credentials/':
            return Answer(200, [], ROLE.encode())
        return self._credentials() if path == 'iam/security-credentials/' + ROLE else Answer(404)

    def _credentials(self):
        name, key, end = self.services.temporary()
        text = {'Code': 'Success', 'Type': 'AWS-HMAC', 'LastUpdated': end, 'AccessKeyId': name,
                'SecretAccessKey': key.secret, 'Token': key.token, 'Expiration': end}
        return Answer(200, [('Content-Type', 'application/json')], json.dumps(text).encode())

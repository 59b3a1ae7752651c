"""moto (PyPI: moto[server]) behind the gateway instead of Swift and of the gateway's own services: a second opinion.

It is lenient and slow to refuse, so the gateway's own checks stay in front of it.
"""
import json

import sigv4_check
from http_wire import Request
from refusal import Refusal
from services import JSON_FORMS, TARGETS, Services
from wsgi import call

HOST, REGION = '127.0.0.1', 'us-east-1'
KEY = sigv4_check.Key('moto')


def _application():
    from moto.server import DomainDispatcherApplication, create_backend_app
    return DomainDispatcherApplication(create_backend_app)


class Moto:
    """Its application, asked with signatures that nobody looks at but to find the service."""

    def __init__(self):
        self.application = _application()

    def ask(self, service, method, target, headers, body):
        request = Request(method, target, {**headers, 'host': HOST}, 0, body)
        sigv4_check.sign(request, 'AKIDMOTO', KEY, REGION, service, payload=sigv4_check.UNSIGNED)
        return call(self.application, request)


class MotoStorage:
    """Objects, kept by moto."""

    def __init__(self, moto):
        self.moto = moto

    def call(self, method, target, headers, body=b''):
        return self.moto.ask('s3', method, target, headers, body)


class MotoServices(Services):
    """DynamoDB, SSM and Secrets Manager by moto; STS stays the gateway's own, which makes its keys."""

    def __init__(self, moto, *others):
        self.moto = moto
        super().__init__(*others)

    def answer(self, service, request):
        if service == 'sts':
            return super().answer(service, request)
        headers = {name: request.headers[name] for name in ('x-amz-target', 'content-type')}
        answer = self.moto.ask(service, 'POST', '/', headers, request.body)
        if answer.status >= 400:
            said = json.loads(answer.body)
            message = said.get('message', said.get('Message', ''))
            raise Refusal(answer.status, said['__type'].rpartition('#')[2], message)
        return answer

    def _say(self, service, operation, said):
        target = next(prefix for prefix, name in TARGETS.items() if name == service)
        headers = {'x-amz-target': f'{target}.{operation}', 'content-type': JSON_FORMS[service]}
        return self.moto.ask(service, 'POST', '/', headers, json.dumps(said).encode())

    def learn(self, changes):
        super().learn(changes)
        for table, known in changes.get('tables', {}).items():
            self._say('dynamodb', 'CreateTable', {
                'TableName': table, 'KeySchema': [{'AttributeName': known['key'], 'KeyType': 'HASH'}],
                'AttributeDefinitions': [{'AttributeName': known['key'], 'AttributeType': 'S'}],
                'BillingMode': 'PAY_PER_REQUEST'})
            for item in known['items'].values():
                self._say('dynamodb', 'PutItem', {'TableName': table, 'Item': item})
        for name, value in changes.get('parameters', {}).items():
            self._say('ssm', 'PutParameter',
                      {'Name': name, 'Value': value, 'Type': 'SecureString', 'Overwrite': True})
        for name, value in changes.get('secrets', {}).items():
            self._say('secretsmanager', 'CreateSecret', {'Name': name, 'SecretString': value})
            self._say('secretsmanager', 'PutSecretValue', {'SecretId': name, 'SecretString': value})

    def reset(self):
        """Forget; what moto has goes, too."""
        for table in getattr(self, 'data', {}).get('tables', {}):
            self._say('dynamodb', 'DeleteTable', {'TableName': table})
        for name in getattr(self, 'data', {}).get('parameters', {}):
            self._say('ssm', 'DeleteParameter', {'Name': name})
        for name in getattr(self, 'data', {}).get('secrets', {}):
            self._say('secretsmanager', 'DeleteSecret', {'SecretId': name, 'ForceDeleteWithoutRecovery': True})
        super().reset()

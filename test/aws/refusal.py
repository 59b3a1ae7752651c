"""What a service says no with."""
import json
from xml.sax.saxutils import escape

from http_wire import Answer


class Refusal(Exception):
    """An error answer of one of the services; `fields` are what an <Error> has besides code and message."""

    def __init__(self, status, code, message='', headers=(), **fields):
        super().__init__(code)
        self.status, self.code, self.message = status, code, message
        self.headers, self.fields = list(headers), fields

    def answer(self, service):
        if service == 's3':
            return Answer(self.status, [('Content-Type', 'application/xml'), *self.headers], self.error().encode())
        if service == 'sts':
            text = f'<ErrorResponse><Error><Type>Sender</Type>{self._inside()}</Error></ErrorResponse>'
            return Answer(self.status, [('Content-Type', 'text/xml'), *self.headers], text.encode())
        text = json.dumps({'__type': f'com.amazonaws.{service}#{self.code}', 'message': self.message})
        return Answer(self.status, [('Content-Type', 'application/x-amz-json-1.1'), *self.headers], text.encode())

    def error(self):
        return f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{self._inside()}</Error>'

    def _inside(self):
        fields = {'Code': self.code, 'Message': self.message, **self.fields}
        return ''.join(f'<{name}>{escape(str(value))}</{name}>' for name, value in fields.items())

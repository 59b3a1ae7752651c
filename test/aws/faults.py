"""What the gateway can be told to do wrong, each a class with the moment at which it acts.

A rule is {'match': REGEX, 'do': NAME, ...}: REGEX is searched in `METHOD SERVICE /path?query`, decoded (`PUT s3
/bucket/key?partNumber=1&...`).  'times': to how many requests (default 1); 'after': how many are left alone
before that; the other names are in the classes.
"""
import re
import time
import urllib.parse

from http_wire import Answer, Gone
from refusal import Refusal

BLANKS_EVERY = 0.2


class Fault:
    """Does nothing; the base of the others."""

    def __init__(self, rule):
        self.rule = dict(rule)
        self.times, self.after = rule.get('times', 1), rule.get('after', 0)
        self.what = self.rule['do']

    def hits(self, text):
        """Whether it acts on this request; counts."""
        if self.times == 0 or not re.search(self.rule['match'], text):
            return False
        if self.after:
            self.after -= 1
            return False
        self.times -= 1
        return True

    def on_head(self, wire, request):
        """The request's head is there, its body not yet.  An answer ends it here, unread."""

    def on_request(self, gate, request):
        """All of the request is there.  An answer stands for the service's."""

    def on_answer(self, wire, answer):
        """The service has answered.  Returns what is said instead."""
        return answer

    def send(self, wire, request, answer):
        wire.answer(answer, request.method)


class Status(Fault):
    """status, code, message, headers, fields: an error, nothing done.  'early': before the body is read."""

    def _refusal(self, service):
        rule = self.rule
        headers = list(rule.get('headers', {}).items())
        return Refusal(rule['status'], rule.get('code', 'InternalError'), rule.get('message', 'We are sorry.'),
                       headers, **rule.get('fields', {})).answer(service)

    def on_head(self, wire, request):
        return self._refusal(request.service) if self.rule.get('early') else None

    def on_request(self, gate, request):
        return self._refusal(request.service)


class Raw(Fault):
    """status, headers, body: exactly this answer, nothing done."""

    def on_request(self, gate, request):
        return Answer(self.rule['status'], list(self.rule.get('headers', {}).items()), self.rule['body'].encode())


class ErrorIn200(Fault):
    """code: an <Error> in an answer that looks like success, nothing done."""

    def on_request(self, gate, request):
        error = Refusal(200, self.rule.get('code', 'InternalError'), 'We encountered an internal error.')
        return Answer(200, [('Content-Type', 'application/xml')], error.error().encode())


class Reset(Fault):
    """A RST in place of an answer, nothing done.  'read': after so many bytes of the body."""

    def on_head(self, wire, request):
        if 'read' in self.rule:
            wire.body(request, self.rule['read'])
        else:
            wire.body(request)
        wire.reset()


class Lost(Fault):
    """The request is done, and its answer replaced by a RST."""

    def on_answer(self, wire, answer):
        wire.reset()


class Cut(Fault):
    """'bytes': the answer's body ends after so many, with a RST, or in silence with 'silent'."""

    def send(self, wire, request, answer):
        wire.head(answer, f'Content-Length: {len(answer.body)}')
        wire.send(answer.body[:self.rule['bytes']])
        time.sleep(self.rule.get('silent', 0.05))
        wire.reset()


class Corrupt(Fault):
    """'at': this byte of the answer's body has one bit wrong."""

    def on_answer(self, wire, answer):
        body = bytearray(answer.body)
        body[self.rule.get('at', -1)] ^= 1
        return Answer(answer.status, answer.headers, bytes(body))


class Spoil(Fault):
    """'at': this byte of the request's body arrives with one bit wrong."""

    def on_request(self, gate, request):
        body = bytearray(request.body)
        body[self.rule.get('at', -1)] ^= 1
        request.body = bytes(body)


class Delay(Fault):
    """'seconds' pass before the request is looked at."""

    def on_request(self, gate, request):
        time.sleep(self.rule['seconds'])


class Slow(Fault):
    """The answer's body comes in pieces of 'bytes', every 'seconds'."""

    def send(self, wire, request, answer):
        wire.head(answer, f'Content-Length: {len(answer.body)}')
        for at in range(0, len(answer.body), self.rule['bytes']):
            wire.send(answer.body[at:at + self.rule['bytes']])
            time.sleep(self.rule['seconds'])


class Blanks(Fault):
    """200 at once, then white space for 'seconds', then the answer's body, as long completes are."""

    def send(self, wire, request, answer):
        wire.head(Answer(200, answer.headers), 'Transfer-Encoding: chunked')
        for _ in range(int(self.rule['seconds'] / BLANKS_EVERY)):
            wire.send(b'1\r\n \r\n')
            time.sleep(BLANKS_EVERY)
        wire.send(b'%x\r\n%s\r\n0\r\n\r\n' % (len(answer.body), answer.body))


class NoRange(Fault):
    """All of the object is sent, whatever was asked for."""

    def on_request(self, gate, request):
        request.hidden = ('range',)


class Replace(Fault):
    """'text': another client puts this into the object's place before it is looked at.  'remove' instead."""

    def on_request(self, gate, request):
        if 'remove' in self.rule:
            gate.s3.storage.call('DELETE', request.place, {})
        else:
            gate.s3.storage.call('PUT', request.place, {}, self.rule['text'].encode())


class Expire(Fault):
    """The key of the request expires with it."""

    def on_request(self, gate, request):
        gate.keys[re.search('Credential=([^/]+)/', request.headers['authorization'])[1]].expired = True


class CloseAfter(Fault):
    """The connection ends behind the answer, which does not say so."""

    def send(self, wire, request, answer):
        wire.answer(answer, request.method)
        raise Gone('closed as asked')


class NoContinue(Fault):
    """The client is never asked for the body it holds back."""


DO = {'status': Status, 'raw': Raw, 'error-in-200': ErrorIn200, 'reset': Reset, 'lost': Lost, 'cut': Cut,
      'corrupt': Corrupt, 'spoil': Spoil, 'delay': Delay, 'slow': Slow, 'blanks': Blanks, 'no-range': NoRange,
      'replace': Replace, 'expire': Expire, 'close-after': CloseAfter, 'no-continue': NoContinue}
NONE = Fault({'match': '', 'do': None})


class Faults:
    def __init__(self):
        self.faults = []

    def add(self, rules):
        self.faults += [DO[rule['do']](rule) for rule in rules]

    def pick(self, request):
        """The fault that acts on this request: one at most."""
        text = f'{request.method} {request.service} {urllib.parse.unquote(request.target)}'
        return next((fault for fault in self.faults if fault.hits(text)), NONE)

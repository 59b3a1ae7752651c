"""What the gateway was asked, in order."""
import time


class Journal:
    def __init__(self):
        self.entries = []

    def note(self, request, service):
        """Begin an entry; the caller adds how it ended.  Nothing of a signature is kept."""
        headers = {name: value for name, value in request.headers.items() if name != 'authorization'}
        entry = {'method': request.method, 'service': service, 'path': request.path, 'query': request.query,
                 'headers': headers, 'connection': request.connection, 'length': request.length(),
                 'began': time.time(), 'ended': None, 'status': None, 'code': None, 'fault': None}
        self.entries.append(entry)
        return entry

    @staticmethod
    def end(entry, status, code=None):
        entry.update(status=status, code=code, ended=time.time())

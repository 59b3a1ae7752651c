#!/usr/bin/env python3
"""The conformance program over every kind of server the lab has, against what each must be able to do.

    CONFORMANCE=build/conformance test/lab/matrix.py [-k WORD] [-j N]

Prints the matrix: for one server all logons and transports, and for all servers every protection with
NTLMv2 over TCP.  Closes with `N passed, N failed`; a combination that should work and does not, or the
other way round, has failed.
"""
import argparse
import concurrent.futures
import json
import os
import subprocess
import sys
import tempfile

import lab
from profiles import APART, CIPHERS, DIALECTS, ENCRYPT, NETBIOS, PROFILES, SIGNING

# The dialects, oldest first, and the one way to sign that each has; 3.1.1 has all.
ONE_WAY = {'2.0.2': 'HMAC-SHA256', '2.1': 'HMAC-SHA256', '3.0': 'AES-CMAC', '3.0.2': 'AES-CMAC', '3.1.1': ''}
ORDER = list(ONE_WAY)
LOGONS = 'ntlmv2,ntlmv1,guest,anonymous'
WHOLE = 'matrix'  # the profile that takes every logon over both transports
SIGNING_NAMES = {'AES-GMAC': 'aes-128-gmac', 'AES-CMAC': 'aes-128-cmac', 'HMAC-SHA256': 'hmac-sha256'}


def must_work(profile, cell):
    """Whether a server of this kind has to do this."""
    settings = PROFILES[profile]
    dialect, cipher, signing = cell['dialect'], cell['cipher'].lower(), cell['signing']
    if profile == 'nontlm' or ORDER.index(dialect) > ORDER.index(DIALECTS.get(profile, '3.1.1')):
        return False
    if cell['logon'] == 'ntlmv1' and settings.get('ntlm auth') != 'ntlmv1-permitted':
        return False
    if cell['logon'] in ('guest', 'anonymous') and profile != WHOLE:
        return False
    ciphers = settings.get(CIPHERS, 'aes-128-ccm aes-128-gcm aes-256-ccm aes-256-gcm').split()
    if dialect != '3.1.1':  # it has one cipher
        ciphers = [name for name in ciphers if name == 'aes-128-ccm' and dialect.startswith('3')]
    if settings.get(ENCRYPT) == 'off':
        ciphers = []
    if (cipher and cipher not in ciphers) or (settings.get(ENCRYPT) == 'required' and not ciphers):
        return False
    signing = signing or ONE_WAY[dialect]  # smbd refuses a dialect whose one way is not allowed
    signings = settings.get(SIGNING, ' '.join(SIGNING_NAMES.values())).split()
    return not signing or SIGNING_NAMES[signing] in signings


def visit(program, profile):
    """Every combination on one server.  Returns the cells, or a text that says why there are none."""
    share, extra = 'data', ['--logons', 'ntlmv2,ntlmv1']
    if profile in NETBIOS:
        extra += ['--transports', 'nbt']
    if profile == WHOLE:
        share, extra = 'open', ['--logons', LOGONS, '--transports', 'tcp,nbt']
    with lab.Samba(profile) as samba, tempfile.NamedTemporaryFile() as out:
        url = samba.url(share=share)
        if profile == WHOLE:  # which takes both; NetBIOS sessions have their usual port
            url = url.replace(':139', ':445')
        done = subprocess.run([program, *extra, '--json', out.name, url], env=samba.environment(),
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        try:
            return json.load(open(out.name)), done.stdout
        except ValueError:
            return None, done.stdout


def protection(cell):
    return ' '.join(filter(None, (cell['dialect'], cell['signing'], cell['cipher'])))


class Table:
    """What worked, by row and column; what did not has a number that is explained below."""

    def __init__(self, width):
        self.width, self.rows, self.columns, self.cells, self.reasons = width, [], [], {}, []

    def add(self, row, column, cell):
        for name, names in ((row, self.rows), (column, self.columns)):
            if name not in names:
                names.append(name)
        mark = 'ok' if cell['outcome'] == 'ok' else 'FAILED'
        if cell['outcome'] == 'skipped':
            reason = cell['reason'].split(': ', 1)[-1].split(';')[0]
            if reason not in self.reasons:
                self.reasons.append(reason)
            mark = f'[{self.reasons.index(reason) + 1}]'
        self.cells[row, column] = mark

    def show(self, title):
        print(f'#\n# {title}')
        for at in range(0, len(self.columns), 12):
            columns = self.columns[at:at + 12]
            print('# ' + ' ' * 24 + ''.join(f'{name:{self.width}}' for name in columns))
            for row in self.rows:
                marks = (self.cells.get((row, name), '.') for name in columns)
                print(f'# {row:24}' + ''.join(f'{mark:{self.width}}' for mark in marks))
        for number, reason in enumerate(self.reasons):
            print(f'# [{number + 1}] {reason}')


def judge(profile, cells, said, tables):
    """(passed, failed) of one server."""
    if cells is None:
        print(f'not ok - {profile}: the program gave no results: {said}')
        return 0, 1
    passed = failed = 0
    for cell in cells:
        wanted = 'ok' if must_work(profile, cell) else 'skipped'
        label = f'{profile}: {protection(cell)}, {cell["logon"]}, {cell["transport"]}'
        if cell['outcome'] == wanted:
            passed += 1
        else:
            failed += 1
            print(f'not ok - {label}: {cell["outcome"]} instead of {wanted}: {cell["step"]}: {cell["reason"]}')
        if profile == WHOLE:
            tables[0].add(protection(cell), f'{cell["transport"]} {cell["logon"]}', cell)
        elif cell['logon'] == 'ntlmv2':
            tables[1].add(protection(cell), profile, cell)
    return passed, failed


def main():
    parser = argparse.ArgumentParser(description='the conformance matrix over the lab')
    parser.add_argument('-k', default='', metavar='WORD', help='only profiles with WORD in their name')
    parser.add_argument('-j', type=int, default=3, metavar='N', help='servers at a time')
    arguments = parser.parse_args()
    program = os.path.abspath(os.environ.get('CONFORMANCE', 'build/conformance'))
    lab.end_on_sigterm()
    names = [name for name in PROFILES if arguments.k in name and name not in APART]
    passed = failed = 0
    tables = Table(15), Table(12)
    with concurrent.futures.ThreadPoolExecutor(arguments.j) as pool:
        for name, work in [(name, pool.submit(visit, program, name)) for name in names]:
            try:
                well, ill = judge(name, *work.result(), tables)
                passed, failed = passed + well, failed + ill
            except lab.Unavailable as why:
                print(f'{name}: skipped, {why}')
    tables[0].show('one server, every logon and transport ("." does not exist: no keys)')
    tables[1].show('every server, NTLMv2')
    print(f'{passed} passed, {failed} failed')
    return 1 if failed or not passed else 0


if __name__ == '__main__':
    sys.exit(main())

#!/usr/bin/env python3
"""A long link to a server of this machine: what link.c models, for a while.

    with link.Link(samba.port, rtt_ms=20, rate='1G') as far:
        run([tool, 'get', far.url(samba, 'file'), ...])

    test/lab/link.py run --rtt-ms 20 --profile plain -- CMD      # the same variables as lab.py run
"""
import argparse
import os
import subprocess
import sys

import lab

PROGRAM = os.path.join('test', 'lab', 'link')


class Link:
    """One link, with as many connections as anybody makes.  Ends with its owner."""

    def __init__(self, port, rtt_ms=20, rate=None, queue=None, beside=None):
        """To `port` on loopback; `rate` in bits, `queue` in bytes; `beside` which tool it was built."""
        tool = os.path.abspath(beside or os.environ.get('LAVA_SMB', 'build/lava-smb'))
        self.argv = [os.path.join(os.path.dirname(tool), PROGRAM), '--to', str(port), '--rtt-ms', str(rtt_ms)]
        for name, value in (('--rate', rate), ('--queue', queue)):
            self.argv += [name, str(value)] if value else []
        self.process = None
        self.port = None

    def url(self, samba, path='', share='data'):
        """A location of the server's, at the other end of the link."""
        return samba.url(path, share).replace(f':{samba.port}/', f':{self.port}/')

    def __enter__(self):
        if not os.path.exists(self.argv[0]):
            raise lab.Unavailable(f'{PROGRAM} is not built beside the tool')
        self.process = subprocess.Popen(self.argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.port = int(self.process.stdout.readline() or 0)
        if not self.port:
            self.__exit__()
            raise lab.LabError(f'{PROGRAM} does not start')
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()


def main():
    parser = argparse.ArgumentParser(description='a private Samba at the end of a long link')
    run = parser.add_subparsers(required=True).add_parser('run', help='run a command beside it')
    run.add_argument('--profile', default='plain', choices=lab.PROFILES)
    run.add_argument('--rtt-ms', type=float, default=20)
    run.add_argument('--rate', help='bits per second, such as 1G')
    run.add_argument('--queue', help='bytes before the link')
    run.add_argument('argv', nargs='+', metavar='-- CMD')
    wanted = parser.parse_args()
    lab.end_on_sigterm()
    try:
        with lab.Samba(wanted.profile) as samba, Link(samba.port, wanted.rtt_ms, wanted.rate, wanted.queue) as far:
            environment = dict(samba.environment(), LAVA_LAB_PORT=str(far.port), LAVA_LAB_URL=far.url(samba))
            return subprocess.run(wanted.argv, env=environment).returncode
    except lab.LabError as error:
        print(f'link: {error}', file=sys.stderr)
        return 77 if isinstance(error, lab.Unavailable) else 1


if __name__ == '__main__':
    sys.exit(main())

#!/usr/bin/env python3
"""lava-smb beside smbclient on private Sambas: wall time, client CPU and peak memory, and their ratios.

    LAVA_SMB=build/lava-smb bench/bench.py [--mib N] [--rounds N]

Both move the same file to and from the same server, turn about, with both ends in memory where there is
room; contents are compared, medians are printed.  A ratio below 1 means that we are faster.
"""
import argparse
import filecmp
import os
import shutil
import statistics
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'test', 'lab'))
import lab  # noqa: E402

PROFILES = ('plain', 'gmac', 'gcm128')
TOOL = os.path.abspath(os.environ.get('LAVA_SMB', 'build/lava-smb'))


def measure(argv, environment):
    """Run a program by exec; (wall s, CPU s, peak MiB)."""
    began = time.monotonic()
    pid = os.fork()
    if pid == 0:
        silent = os.open(os.devnull, os.O_RDWR)
        os.dup2(silent, 1)
        os.dup2(silent, 2)
        os.execvpe(argv[0], argv, environment)
    _, status, usage = os.wait4(pid, 0)
    if status:
        raise SystemExit(f'bench: {" ".join(argv)} ended with {os.waitstatus_to_exitcode(status)}')
    return time.monotonic() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def commands(samba, source, target):
    """What is compared: (direction, ours, theirs)."""
    url = samba.url('bench')
    theirs = ['smbclient', '//127.0.0.1/data', '-p', str(samba.port), '-U', f'alice%{samba.password}', '-c']
    return (('put', [TOOL, 'put', source, url], theirs + [f'put {source} bench']),
            ('get', [TOOL, 'get', url, target], theirs + [f'get bench {target}']))


def compare(profile, source, target, rounds):
    rows = {}
    with lab.Samba(profile) as samba:
        environment = dict(os.environ, LAVA_SMB_PASSWORD=samba.password)
        for _ in range(rounds):
            for direction, ours, theirs in commands(samba, source, target):
                for who, argv in (('lava-smb', ours), ('smbclient', theirs)):
                    rows.setdefault((direction, who), []).append(measure(argv, environment))
                    if direction == 'get' and not filecmp.cmp(source, target, shallow=False):
                        raise SystemExit(f'bench: {who} brought back something else')
    return {key: [statistics.median(column) for column in zip(*runs)] for key, runs in rows.items()}


def show(profile, medians):
    for direction in ('put', 'get'):
        ours, theirs = medians[direction, 'lava-smb'], medians[direction, 'smbclient']
        print(f'{profile:8} {direction}  wall {ours[0]:6.2f} s  CPU {ours[1]:5.2f} s  peak {ours[2]:4.0f} MiB'
              f'   smbclient {theirs[0]:6.2f} s {theirs[1]:5.2f} s {theirs[2]:4.0f} MiB'
              f'   ratio {ours[0] / theirs[0]:.2f} / {ours[1] / theirs[1]:.2f}')


def main():
    parser = argparse.ArgumentParser(description='lava-smb beside smbclient')
    parser.add_argument('--mib', type=int, default=1024)
    parser.add_argument('--rounds', type=int, default=3)
    arguments = parser.parse_args()
    lab.end_on_sigterm()
    memory = '/dev/shm'
    enough = os.path.isdir(memory) and shutil.disk_usage(memory).free > 4 * arguments.mib << 20
    with tempfile.TemporaryDirectory(prefix='lava-bench-', dir=memory if enough else None) as folder:
        source, target = os.path.join(folder, 'source'), os.path.join(folder, 'target')
        with open(source, 'wb') as out:
            for _ in range(arguments.mib):
                out.write(os.urandom(1 << 20))
        print(f'{arguments.mib} MiB, medians of {arguments.rounds}; ratio: wall / client CPU to smbclient')
        for profile in PROFILES:
            show(profile, compare(profile, source, target, arguments.rounds))
    return 0


if __name__ == '__main__':
    sys.exit(main())

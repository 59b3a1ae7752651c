#!/usr/bin/env python3
"""lava-smb beside others, and beside what the machine can do: time, CPU, memory and system calls.

    LAVA_SMB=build/lava-smb bench/bench.py [--only near-plain,small,...] [--rounds N] [--mib N]

Everything is in memory where there is room (/dev/shm), servers are private (test/lab) and on loopback.
Every copy is compared with its original.  Results go to build/bench: results.json, table.md, bench.svg,
after each section; with --publish, at the end, also into doc/performance.md.  A ratio below 1 means that lava-smb needs less.
"""
import argparse
import json
import os
import shutil
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'test', 'lab'))
import lab  # noqa: E402
import machine  # noqa: E402
import plot  # noqa: E402
import table  # noqa: E402
from measure import BUILD, TOOL, warm  # noqa: E402
from sections import SECTIONS, Bench  # noqa: E402

MEMORY = '/dev/shm'
DOCUMENT = os.path.join(HERE, '..', 'doc', 'performance.md')
PICTURE = os.path.join(HERE, '..', 'doc', 'performance.svg')
RESULTS = os.path.join(BUILD, 'bench')
COPIES = 4  # of the large file that may exist at a time
SMOKE = ('near-plain', 'near-gcm128', 'small', 'list', 'far', 's3')


def arguments():
    parser = argparse.ArgumentParser(description='lava-smb beside others')
    parser.add_argument('--only', metavar='SECTION,...', help='some of: ' + ', '.join([*SECTIONS, 'ciphers']))
    parser.add_argument('--clients', metavar='NAME,...', help='only clients whose names begin so')
    parser.add_argument('--libraries', action='store_true', help='clients on other libraries, too')
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--mib', type=int, default=1024, help='of the large file')
    parser.add_argument('--trees', type=int, default=2, help='how many: 1 leaves out the one of 10,000 files')
    parser.add_argument('--no-calls', action='store_true', help='do not count system calls')
    parser.add_argument('--publish', action='store_true', help='put the tables into doc/performance.md')
    parser.add_argument('--smoke', action='store_true', help='only try that it works')
    wanted = parser.parse_args()
    wanted.trees, wanted.names = ((2000, 4096), (10000, 1024))[:wanted.trees], 50000
    if wanted.smoke:
        wanted.rounds, wanted.mib, wanted.trees, wanted.names = 1, 1, ((5, 1024),), 20
        wanted.only, wanted.no_calls = wanted.only or ','.join(SMOKE), True
        wanted.clients = wanted.clients or 'lava-smb,smbclient,no protocol'
    wanted.only = wanted.only.split(',') if wanted.only else [*SECTIONS, 'ciphers']
    wanted.clients = wanted.clients.split(',') if wanted.clients else []
    unknown = [name for name in wanted.only if name not in SECTIONS and name != 'ciphers']
    if unknown:
        parser.error(f'no such section: {", ".join(unknown)}')
    return wanted


def is_ours(row):
    return row['client'].startswith(table.US)


def say(text):
    print(text, flush=True)


def measure(bench, names, rows, keep):
    """Add the rows of these sections, shown as they come; `keep` is called after each section."""
    began = time.monotonic()
    for name in names:
        title = None
        say(f'--- {name}, {time.monotonic() - began:.0f} s after the start')
        try:
            for row in SECTIONS[name](bench):
                if row['title'] != title:
                    title, mine = row['title'], None
                    say(f'  {title}')
                mine = row if row['client'] == table.US and row['wall'] is not None else mine
                say(table.line(row, mine))
                rows.append(row)
        except lab.Unavailable as why:
            say(f'  left out: {why}')
        keep()


def roomy(mib):
    """A folder for everything, in memory if it fits."""
    enough = os.path.isdir(MEMORY) and shutil.disk_usage(MEMORY).free > (COPIES + 1) * mib << 20
    return MEMORY if enough else None


def write(results, folder):
    os.makedirs(folder, exist_ok=True)
    for name, text in (('results.json', json.dumps(results, indent=1)), ('table.md', table.markdown(results)),
                       ('bench.svg', plot.svg(results))):
        with open(os.path.join(folder, name), 'w', encoding='utf-8') as out:
            out.write(text)


def main():
    wanted = arguments()
    if shutil.which(TOOL) is None:
        sys.exit(f'bench: {TOOL} is not there: run make, or set LAVA_SMB')
    lab.end_on_sigterm()
    with tempfile.TemporaryDirectory(prefix='lava-bench-', dir=roomy(wanted.mib)) as folder:
        os.chmod(folder, 0o755)  # the servers' users must get through
        if os.path.dirname(folder) == MEMORY and not wanted.smoke:
            say(f'touching memory for {COPIES} copies of {wanted.mib} MiB')
            warm(folder, COPIES * wanted.mib)
        results = {'facts': machine.facts(os.path.dirname(folder)), 'rounds': wanted.rounds, 'rows': [], 'ciphers': []}
        target = folder if wanted.smoke else RESULTS
        measure(Bench(folder, wanted), [name for name in wanted.only if name in SECTIONS], results['rows'],
                lambda: write(results, target))
        if 'ciphers' in wanted.only:
            results['ciphers'] = machine.ciphers(say)
        write(results, target)
    if wanted.publish:
        table.publish(DOCUMENT, table.markdown(results))
        shutil.copy(os.path.join(RESULTS, 'bench.svg'), PICTURE)
    return 1 if any((row['note'] or '').startswith('failed') for row in results['rows'] if is_ours(row)) else 0


if __name__ == '__main__':
    sys.exit(main())

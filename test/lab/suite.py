#!/usr/bin/env python3
"""The lab suite: the tool against private Samba servers of every kind, a hostile wire, and AWS on loopback.

    LAVA_SMB=build/lava-smb test/lab/suite.py [-k WORD] [-j N] [--list]

Cases are in cases_*.py here and in test/aws.  Each job has a server of its own and runs its cases one after
the other; N jobs run side by side.  Closes with `N passed, N failed, N skipped`.
"""
import argparse
import concurrent.futures
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import traceback

import lab
from trial import CASES, Failure, Skip, Trial

sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'aws'))
from aws_gate import AwsGate, GateError  # noqa: E402
from aws_trial import AwsTrial           # noqa: E402

import cases_cold        # noqa: F401  (importing registers the cases)
import cases_connection  # noqa: F401
import cases_cp          # noqa: F401
import cases_errors      # noqa: F401
import cases_examples    # noqa: F401
import cases_files       # noqa: F401
import cases_follow      # noqa: F401
import cases_foreign     # noqa: F401
import cases_full        # noqa: F401
import cases_hostile     # noqa: F401
import cases_link        # noqa: F401
import cases_logon       # noqa: F401
import cases_metadata    # noqa: F401
import cases_names       # noqa: F401
import cases_netbios     # noqa: F401
import cases_odd         # noqa: F401
import cases_open        # noqa: F401
import cases_places      # noqa: F401
import cases_profiles    # noqa: F401
import cases_shares      # noqa: F401
import cases_stop        # noqa: F401
import cases_store       # noqa: F401
import cases_temps       # noqa: F401
import cases_transfer    # noqa: F401
import cases_trees       # noqa: F401
import cases_unicode     # noqa: F401
import cases_watched     # noqa: F401

import cases_boto         # noqa: F401
import cases_credentials  # noqa: F401
import cases_gateway      # noqa: F401
import cases_https        # noqa: F401
import cases_lava         # noqa: F401
import cases_s3           # noqa: F401
import cases_s3_faults    # noqa: F401
import cases_s3_stop      # noqa: F401
import cases_s3_trees     # noqa: F401

CASES_PER_JOB = 12


class Report:
    """Prints one line per case as it ends, from any thread, and counts."""

    def __init__(self):
        self.lock = threading.Lock()
        self.counts = {'ok': 0, 'not ok': 0, 'skip': 0}

    def add(self, verdict, label, seconds=0.0, why=''):
        with self.lock:
            self.counts[verdict] += 1
            number = sum(self.counts.values())
            slow = f' ({seconds:.1f} s)' if seconds > 2 else ''
            print(f'{verdict} {number} - {label}{slow}' + (f': {why}' if verdict == 'skip' else ''))
            if verdict == 'not ok':
                print('    # ' + why.replace('\n', '\n    # '))
            sys.stdout.flush()

    def close(self):
        print(f'{self.counts["ok"]} passed, {self.counts["not ok"]} failed, {self.counts["skip"]} skipped')
        return 1 if self.counts['not ok'] or not self.counts['ok'] else 0


def _label(function, profile):
    return f'{profile}: {" ".join((function.__doc__ or function.__name__).split())}'


def _one(function, tool, samba, gate, report):
    label = _label(function, samba.profile)
    began = time.monotonic()
    trial = AwsTrial(tool, samba, gate, function.__name__) if gate else Trial(tool, samba, function.__name__)
    try:
        function(trial)
        report.add('ok', label, time.monotonic() - began)
    except Skip as skip:
        report.add('skip', label, why=str(skip))
    except Failure as failure:
        report.add('not ok', label, time.monotonic() - began, str(failure))
    except Exception:  # a case that cannot even judge must not stop the others
        report.add('not ok', label, time.monotonic() - began, traceback.format_exc())
    finally:
        trial.close()


def _job(profile, group, functions, tool, report):
    try:
        with contextlib.ExitStack() as stack:
            samba = stack.enter_context(lab.Samba(profile))
            gate = stack.enter_context(AwsGate()) if group == 'aws' else None
            for function in functions:
                _one(function, tool, samba, gate, report)
    except lab.Unavailable as why:
        for function in functions:
            report.add('skip', _label(function, profile), why=str(why))
    except (lab.LabError, GateError) as error:
        for function in functions:
            report.add('not ok', _label(function, profile), why=str(error))


def _jobs(word):
    """(profile, group, [case...]): the hostile ones and those with AWS apart, in pieces of equal size."""
    groups = {}
    for function, profiles, group in CASES:
        for profile in profiles:
            if word in _label(function, profile) + ' ' + function.__name__:
                groups.setdefault((profile, group), []).append(function)
    for (profile, group), functions in groups.items():
        for at in range(0, len(functions), CASES_PER_JOB):
            yield profile, group, functions[at:at + CASES_PER_JOB]


def _tool():
    tool = os.path.abspath(os.environ.get('LAVA_SMB', 'build/lava-smb'))
    if shutil.which(tool) is None:
        sys.exit(f'suite: {tool} is not there: run make, or set LAVA_SMB')
    subprocess.run([tool, '--version'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return tool


def main():
    parser = argparse.ArgumentParser(description='the tool against private Samba servers')
    parser.add_argument('-k', default='', metavar='WORD', help='only cases with WORD in name or profile')
    parser.add_argument('-j', type=int, default=4, metavar='N', help='servers at a time')
    parser.add_argument('--list', action='store_true', help='list the cases')
    arguments = parser.parse_args()
    jobs = sorted(_jobs(arguments.k), key=lambda job: (-len(job[2]), job[1] != 'aws'))  # the longest first
    if arguments.list:
        for profile, _, functions in jobs:
            print('\n'.join(_label(function, profile) for function in functions))
        return 0
    # Whoever started us in the background may have switched SIGINT off, which our children would inherit.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    lab.end_on_sigterm()
    tool, report = _tool(), Report()
    pool = concurrent.futures.ThreadPoolExecutor(arguments.j)
    try:
        for done in [pool.submit(_job, *job, tool, report) for job in jobs]:
            done.result()
    except BaseException as stop:  # a signal: end the servers, and with them what their cases wait for
        pool.shutdown(wait=False, cancel_futures=True)
        lab.stop_all()
        os._exit(stop.code if isinstance(stop, SystemExit) else 130)
    return report.close()


if __name__ == '__main__':
    sys.exit(main())

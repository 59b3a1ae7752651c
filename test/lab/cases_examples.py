"""The programs in examples/: each takes HOST PORT SHARE USER, and must succeed."""
import glob
import os
import subprocess

from trial import Failure, Result, Skip, case


@case('plain', 'seal', 'smb21')
def examples(t):
    """every example runs"""
    programs = sorted(glob.glob(os.path.join(os.path.dirname(t.tool), 'examples', '*[!.d]')))
    if not programs:
        raise Skip('no examples are built beside the tool')
    for program in programs:
        done = subprocess.run([program, '127.0.0.1', str(t.port), 'data', 'alice'], cwd=t.home,
                              env=t.environment(), capture_output=True, timeout=60)
        if done.returncode != 0:
            raise Failure(str(Result([program], done.returncode, done.stdout, done.stderr)))

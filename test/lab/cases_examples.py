"""The programs in examples/: each takes HOST PORT SHARE USER, those with S3 a bucket, too, and must succeed."""
import glob
import os
import subprocess

from trial import Failure, Result, Skip, case


def run_all(t, pattern, *more):
    programs = sorted(glob.glob(os.path.join(os.path.dirname(t.tool), 'examples', pattern + '[!.d]')))
    if not programs:
        raise Skip('no examples are built beside the tool')
    for program in programs:
        done = subprocess.run([program, '127.0.0.1', str(t.port), 'data', 'alice', *more], cwd=t.home,
                              env=t.environment(), capture_output=True, timeout=60)
        if done.returncode != 0:
            raise Failure(str(Result([program], done.returncode, done.stdout, done.stderr)))


@case('plain', 'seal', 'smb21')
def examples(t):
    """every example runs"""
    run_all(t, '[!s]*')


@case(aws=True)
def examples_with_s3(t):
    """every example with S3 runs"""
    run_all(t, 's3_*', t.s3.name)
    t.equal(t.s3.keys(), ['lsmb/s3-roundtrip.txt'])

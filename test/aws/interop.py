#!/usr/bin/env python3
"""The cases with AWS once more, with others' code in every place: moto for the services, the newest boto3, lava.

    LAVA_SMB=build/lava-smb test/aws/interop.py [-k WORD] [-j N] [--list]

Makes a virtual environment with packages of PyPI in build/interop (or LAVA_INTEROP) and goes on in it.
"""
import os
import subprocess
import sys
import venv

HERE = os.path.dirname(os.path.abspath(__file__))
PACKAGES = ('jinlava==8.3.0', 'moto[server]==5.2.5')
FOLDER = os.path.abspath(os.environ.get('LAVA_INTEROP', 'build/interop'))
PYTHON = os.path.join(FOLDER, 'bin', 'python')
DONE = os.path.join(FOLDER, 'installed')


def _install():
    """The environment, once."""
    try:
        with open(DONE, encoding='ascii') as done:
            if done.read().split() == list(PACKAGES):
                return
    except OSError:
        pass
    venv.create(FOLDER, with_pip=True, clear=True)
    subprocess.run([PYTHON, '-m', 'pip', 'install', '--quiet', *PACKAGES], check=True)
    with open(DONE, 'w', encoding='ascii') as done:
        print(*PACKAGES, file=done)


def main():
    if os.path.realpath(sys.prefix) != os.path.realpath(FOLDER):
        _install()
        os.execve(PYTHON, [PYTHON, os.path.abspath(__file__), *sys.argv[1:]],
                  dict(os.environ, LAVA_GATE='moto', LAVA_BOTO_PYTHON=PYTHON))
    sys.path[:0] = [os.path.join(HERE, '..', 'lab')]
    import suite
    import trial
    import cases_interop  # noqa: F401  (importing registers the cases)
    trial.CASES[:] = [each for each in trial.CASES if each[2] == 'aws']
    return suite.main()


if __name__ == '__main__':
    sys.exit(main())

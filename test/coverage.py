#!/usr/bin/env python3
"""Line coverage of the library by its unit tests: per file, with the lines nothing reaches, and per room.

    test/coverage.py BUILD SOURCE...      (called by `make coverage`)
"""
import os
import subprocess
import sys


def lines_of(build, source):
    """(lines with code, those that were never run) as gcov's report `count:number:text` has them."""
    report = subprocess.run(['gcov', '-t', os.path.join(build, source[:-2] + '.gcno')], check=False, text=True,
                            errors='replace', stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    code, missed, ours = 0, [], False
    for line in report.splitlines():
        count, number, text = (line.split(':', 2) + ['', ''])[:3]
        count, number = count.strip(), number.strip()
        if number == '0' and text.startswith('Source:'):
            ours = text == 'Source:' + source  # headers come along
        elif ours and count != '-' and number != '0':
            code += 1
            if count.startswith(('#', '=')):
                missed.append(number)
    return code, missed


def main():
    build, sources = sys.argv[1], sys.argv[2:]
    rooms = {}
    for source in sources:
        code, missed = lines_of(build, source)
        room = rooms.setdefault(source.split('/')[0], [0, 0])
        room[0] += code
        room[1] += len(missed)
        rest = ', not ' + ' '.join(missed) if missed else ''
        print(f'{source:28} {100 - 100 * len(missed) / max(code, 1):5.1f} % of {code}{rest}')
    for room, (code, missed) in rooms.items():
        print(f'{room + "/":28} {100 - 100 * missed / max(code, 1):5.1f} % of {code}')


if __name__ == '__main__':
    main()

#!/usr/bin/env python3
"""Write base/upcase_table.h: python3 base/upcase_gen.py >base/upcase_table.h"""
import unicodedata


def simple_upper(c):
    """The simple upper-case mapping; str.upper() gives the full one."""
    upper = c.upper()
    if len(upper) > 1:
        # Greek letters with iota subscript: their simple upper case is their title case.
        upper = c.title()
    return upper if len(upper) == 1 and ord(upper) < 0x10000 else c


def mappings():
    for code in range(0x10000):
        if not 0xD800 <= code < 0xE000:
            upper = ord(simple_upper(chr(code)))
            if upper != code:
                yield code, upper - code


def ranges():
    """Runs of equal delta with a stride of 1 or 2."""
    run = None
    for code, delta in mappings():
        if run and delta == run[3]:
            step = code - run[1]
            if run[0] == run[1] and step <= 2:
                run[1:3] = [code, step]
                continue
            if step == run[2]:
                run[1] = code
                continue
        if run:
            yield run
        run = [code, code, 1, delta]
    yield run


print(f"""/* upcase_table.h: simple upper-case mappings of Unicode {unicodedata.unidata_version}, UTF-16 units only.
 *
 * Generated: python3 base/upcase_gen.py >base/upcase_table.h */
/* clang-format off */
/* X(first, last, stride, delta modulo 2^16) */""")
for first, last, stride, delta in ranges():
    print(f"X(0x{first:04X}, 0x{last:04X}, {stride}, 0x{delta % 0x10000:04X})")
print("/* clang-format on */")

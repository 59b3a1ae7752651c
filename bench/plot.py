"""The results as a picture: bars, written as SVG by hand.

One panel for files (GB/s), one for trees and lists (names per second, each factor of ten as wide).
"""
import math
from xml.sax.saxutils import escape

from table import grouped, number, speed

COLOURS = {'lava-smb': '#c2410c', 'lava-smb, 1 connection': '#fb923c', 'smbclient': '#475569', 'rclone': '#94a3b8',
           'rclone, 32 at a time': '#cbd5e1', 'smb2 (Rust)': '#0f766e', 'go-smb2': '#14b8a6',
           'smbprotocol (Python)': '#0369a1', 'pysmb (Python)': '#38bdf8'}
OTHER = '#d6d3d1'
WIDTH, LEFT, BAR, GAP, HEAD = 860, 250, 11, 9, 34
RIGHT = 96  # for the numbers behind the bars


class Canvas:
    """Text that grows downwards."""

    def __init__(self):
        self.parts = []
        self.y = 0

    def text(self, x, words, size=11, anchor='start', weight='normal'):
        self.parts.append(f'<text x="{x:.1f}" y="{self.y:.1f}" font-size="{size}" text-anchor="{anchor}" '
                          f'font-weight="{weight}">{escape(words)}</text>')

    def bar(self, width, colour):
        self.parts.append(f'<rect x="{LEFT}" y="{self.y - BAR + 2:.1f}" width="{max(width, 1):.1f}" '
                          f'height="{BAR - 1}" fill="{colour}"/>')

    def document(self):
        return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {self.y + GAP:.0f}" '
                f'font-family="sans-serif" fill="#1c1917">\n<rect width="100%" height="100%" fill="#ffffff"/>\n'
                + '\n'.join(self.parts) + '\n</svg>\n')


def _legend(canvas, names):
    canvas.y += HEAD / 2
    x = 10
    for name in names:
        colour = COLOURS.get(name, OTHER)
        if x + 6.2 * len(name) > WIDTH - RIGHT:
            canvas.y += BAR + GAP / 2
            x = 10
        canvas.parts.append(f'<rect x="{x}" y="{canvas.y - 9}" width="10" height="10" fill="{colour}"/>')
        canvas.text(x + 14, name)
        x += 26 + 6.2 * len(name)


def _panel(canvas, title, groups, scaled):
    """`scaled` makes a speed a part of the width."""
    canvas.y += HEAD
    canvas.text(10, title, size=14, weight='bold')
    for (_, name), rows in groups.items():
        canvas.y += GAP
        for at, row in enumerate(rows):
            fast, unit = speed(row)
            canvas.y += BAR
            if at == 0:
                canvas.text(LEFT - 8, name, anchor='end')
            if fast is None:
                continue
            width = (WIDTH - LEFT - RIGHT) * scaled(fast)
            canvas.bar(width, COLOURS.get(row['client'], OTHER))
            canvas.text(LEFT + width + 4, f'{number(fast)}' + (f' {unit}' if at == 0 else ''), size=9)


def _fastest(groups):
    return max((speed(row)[0] or 0 for rows in groups.values() for row in rows), default=0)


def svg(results):
    groups = grouped(results['rows'])
    files = {key: rows for key, rows in groups.items() if rows[0]['unit'] == 'MiB'}
    names = {key: rows for key, rows in groups.items() if rows[0]['unit'] != 'MiB'}
    canvas = Canvas()
    _legend(canvas, list(dict.fromkeys(row['client'] for row in results['rows'])))
    if _fastest(files):
        top = _fastest(files)
        _panel(canvas, 'One file, GB/s', files, lambda fast: fast / top)
    if _fastest(names):
        decades = math.log10(max(_fastest(names), 10))
        _panel(canvas, 'Trees and lists, names per second (logarithmic)', names,
               lambda fast: max(math.log10(max(fast, 1)) / decades, 0))
    return canvas.document()

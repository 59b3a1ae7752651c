"""The results as text: for people while it runs, as Markdown for doc/performance.md."""
BEGIN, END = '<!-- measured: begin -->', '<!-- measured: end -->'
PICTURE = '![bars of all that is in the table](performance.svg)'
US = 'lava-smb'
COLUMNS = ('', 'client', 'wall, s', '', 'CPU, s', 'smbd, s', 'store, s', 'peak, MiB', 'calls', 'wall ratio', 'CPU ratio')
EXPLAINED = '''All of it, with the shortest and longest run. CPU is that of the client, that of all of smbd, and that of
the store where one end is S3: for each GiB of one file, else in all. Calls are system calls for each MiB. The ratios are lava-smb to that client, in wall
time and in CPU: below 1 lava-smb is better.'''


def number(value, digits=2):
    """Two digits that mean something, or a dash."""
    if value is None:
        return '–'
    if value >= 100:
        return f'{value:.0f}'
    return f'{value:.1f}' if value >= 10 else f'{value:.{digits}f}'


def grouped(rows):
    """{(section, title): [row...]} in the order of measuring."""
    groups = {}
    for row in rows:
        groups.setdefault((row['section'], row['title']), []).append(row)
    return groups


def ours(group):
    """The row of the tool as it is by itself, or None."""
    return next((row for row in group if row['client'] == US and row['wall'] is not None), None)


def ratio(mine, theirs):
    return mine / theirs if mine is not None and theirs else None


def speed(row):
    """(per second, of what)."""
    if row['wall'] is None:
        return None, row['unit']
    if row['unit'] == 'MiB':
        return row['amount'] * (1 << 20) / row['wall'] / 1e9, 'GB/s'
    return row['amount'] / row['wall'], f'{row["unit"]}/s'


def line(row, mine):
    """One row for a terminal."""
    if row['wall'] is None:
        return f'    {row["client"]:24} {row["note"]}'
    fast, unit = speed(row)
    text = (f'    {row["client"]:24} {row["wall"]:8.3f} s  {number(fast):>6} {unit:8} CPU {row["cpu"]:7.3f} s'
            f'  server {row["server"]:6.2f} s' + (f'  store {row["store"]:6.2f} s' if row['store'] else '')
            + f'  peak {row["peak"]:5.0f} MiB')
    if row['calls'] is not None:
        text += f'  {number(row["calls"])} calls/{row["unit"]}'
    if mine is not None and row is not mine:
        text += f'  ratio {number(ratio(mine["wall"], row["wall"]))} / {number(ratio(mine["cpu"], row["cpu"]))}'
    return text + (f'  ({row["note"]})' if row['note'] else '')


def _cells(words):
    return '| ' + ' | '.join(str(word) for word in words) + ' |'


def _per_gib(row, name):
    """CPU seconds for each GiB; for trees and lists, in all."""
    value = row[name]
    return value * 1024 / row['amount'] if value is not None and row['unit'] == 'MiB' else value


def _wall(row):
    """The median, and between what it lies."""
    if row['spread'] is None or row['spread'][0] == row['spread'][1]:
        return number(row['wall'])
    return f'{number(row["wall"])} ({number(row["spread"][0])}–{number(row["spread"][1])})'


def _markdown_row(title, row, mine):
    fast, unit = speed(row)
    compared = (None, None) if row is mine or mine is None else (
        ratio(mine['wall'], row['wall']), ratio(mine['cpu'], row['cpu']))
    name = row['client'] + (f' ({row["note"]})' if row['note'] else '')
    return _cells([title, name, _wall(row), f'{number(fast)} {unit}' if fast else '–',
                   number(_per_gib(row, 'cpu')), number(_per_gib(row, 'server')), number(_per_gib(row, 'store') or None),
                   number(row['peak'], 1),
                   number(row['calls']), *map(number, compared)])


def _summary(groups):
    """What anybody wants to know: how much faster than each of the others."""
    names = dict.fromkeys(row['client'] for group in groups.values() for row in group)
    others = sorted((name for name in names if not name.startswith(US)), key=lambda name: name.startswith('no '))
    yield _cells(['', US, *(f'{name} takes' for name in others)])
    yield '| --- ' * (len(others) + 2) + '|'
    for (_, title), group in groups.items():
        mine = ours(group)
        if mine is None:
            continue
        times = {row['client']: ratio(row['wall'], mine['wall']) for row in group}
        yield _cells([title, f'{number(mine["wall"])} s',
                      *(f'{number(times[name])} ×' if times.get(name) else '–' for name in others)])


def markdown(results):
    groups = grouped(results['rows'])
    text = [f'{name}: {value}  ' for name, value in results['facts']]
    text += ['', f'Medians of {results["rounds"]}, turn about. How many times as long the others take:', '']
    text += list(_summary(groups))
    text += ['', EXPLAINED, '', _cells(COLUMNS), '| --- | --- ' + '| ---: ' * (len(COLUMNS) - 2) + '|']
    for (_, title), group in groups.items():
        mine = ours(group)
        text += [_markdown_row(title if at == 0 else '', row, mine) for at, row in enumerate(group)]
    if results['ciphers']:
        text += ['', 'One core with OpenSSL, blocks of 1 MiB, GB/s: '
                 + ', '.join(f'{name} {number(rate)}' for name, rate in results['ciphers']) + '.']
    return '\n'.join(text) + '\n'


def publish(path, text):
    """Put the text between the marks of a document."""
    with open(path, encoding='utf-8') as old:
        before, _, rest = old.read().partition(BEGIN)
    _, mark, after = rest.partition(END)
    if not mark:
        raise SystemExit(f'bench: {path} has no {BEGIN} ... {END}')
    with open(path, 'w', encoding='utf-8') as new:
        new.write(f'{before}{BEGIN}\n{PICTURE}\n\n{text}{END}{after}')

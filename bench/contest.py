"""A task, and a contest: every client does the task in turn, round after round; medians count.

What each brings home is compared with the original, every time.
"""
import os
import shutil
import statistics
import subprocess
from typing import Callable, NamedTuple, Optional

from measure import Failed, Sample


SLOW = 4         # times the fastest:
SLOW_ROUNDS = 2  # such a client does no more rounds


class Task(NamedTuple):
    """Something to do once.  `there` and `here` are where it comes from and goes to, or the other way."""
    section: str
    title: str
    what: str                    # a method of Client
    there: str
    here: str
    amount: float                # of what is moved,
    unit: str                    # in these: MiB, files or names
    check: Callable              # of what the client printed: raises Failed
    clean: Callable = lambda: None  # takes away what was made


def same_file(one, other):
    if subprocess.run(['cmp', '-s', one, other]).returncode:
        raise Failed(f'{other} is not what {one} is')


def same_tree(one, other):
    if subprocess.run(['diff', '-r', '-q', one, other], stdout=subprocess.DEVNULL).returncode:
        raise Failed(f'{other} does not hold what {one} does')


def remove(path):
    """A file or a tree, if it is there."""
    if os.path.isdir(path):
        shutil.rmtree(path)
    elif os.path.exists(path):
        os.unlink(path)


def slow(client, taken):
    """Whether a client needs so much longer than the fastest that more runs would tell nothing new."""
    best = {other: min(sample.wall for sample in samples) for other, samples in taken.items() if samples}
    return client in best and best[client] > SLOW * min(best.values())


class Contest:
    """Clients against each other, at one place."""

    def __init__(self, meter, place, rounds, count_calls):
        self.meter = meter
        self.place = place
        self.rounds = rounds
        self.count_calls = count_calls
        self.environments = {}

    def _command(self, client, task):
        if client.name not in self.environments:
            self.environments[client.name] = client.environment(self.place)
        task.clean()
        argv = client.argv(task.what, self.place, task.there, task.here)
        return argv and (argv, self.environments[client.name])

    def once(self, client, task) -> Optional[Sample]:
        """One run, compared; None if the client has no such thing."""
        command = self._command(client, task)
        if command is None:
            return None
        sample = self.meter.run(*command)
        task.check(self.meter.output)
        return sample

    def _calls(self, client, task):
        """System calls for each unit of what is moved."""
        command = self._command(client, task) if self.count_calls else None
        total = self.meter.system_calls(*command) if command else None
        return total and total / task.amount

    def between(self, task, clients):
        """Rows of the clients that can do it, and of the others with the reason."""
        taken = {client: [] for client in clients}
        notes = {client: client.absent() for client in clients}
        for turn in range(self.rounds if clients else 0):
            first = turn % len(clients)
            for client in clients[first:] + clients[:first]:
                if notes[client] is None and not (turn >= SLOW_ROUNDS and slow(client, taken)):
                    self._attempt(client, task, taken[client], notes)
        for client in clients:
            yield self._row(client, task, taken, notes[client])
        task.clean()

    def _attempt(self, client, task, samples, notes):
        try:
            sample = self.once(client, task)
        except Failed as why:
            notes[client] = f'failed: {why}'
            samples.clear()
            return
        if sample is None:
            notes[client] = 'has no such command'
        else:
            samples.append(sample)

    def _row(self, client, task, taken, note):
        samples = taken[client]
        if not samples:
            return row(task, client, None, note=note)
        medians = Sample(*map(statistics.median, zip(*samples)))
        spread = [min(sample.wall for sample in samples), max(sample.wall for sample in samples)]
        calls = None if slow(client, taken) else self._calls(client, task)
        return row(task, client, medians, calls=calls, spread=spread)

    def estimated(self, task, client, parts):
        """The row of a client that would need minutes: two parts of the work, and the line through them."""
        if client.absent():
            return row(task, client, None, note=client.absent())
        try:
            small, large = (self.once(client, part) for part in parts)
        except Failed as why:
            return row(task, client, None, note=f'failed: {why}')
        steps = (task.amount - parts[0].amount) / (parts[1].amount - parts[0].amount)
        whole = Sample(*(a + (b - a) * steps for a, b in zip(small[:3], large[:3])), large.peak)
        for part in parts:
            part.clean()
        amounts = ' and '.join(f'{part.amount:.0f}' for part in parts)
        return row(task, client, whole, note=f'from {amounts} {task.unit}')


def row(task, client, sample, calls=None, note=None, spread=None):
    """What a table has in a line, also as JSON."""
    return {'section': task.section, 'title': task.title, 'client': client.name, 'amount': task.amount,
            'unit': task.unit, 'calls': calls, 'note': note, 'spread': spread,
            **(sample._asdict() if sample else dict.fromkeys(Sample._fields))}

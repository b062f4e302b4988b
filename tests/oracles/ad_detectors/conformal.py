"""The tail of raw scores in plain Python: a counter of buckets, looked through from end to end."""

import math
from collections import Counter

LAST = 127


def bucket(raw):
    """Sixteen buckets an octave, 1 from 1/4 on; 0 below, and 127 for all that is larger."""
    if raw < 0.25:
        return 0
    mantissa, exponent = math.frexp(raw)
    return min(1 + 16 * (exponent + 1) + math.floor((mantissa - 0.5) * 32), LAST)


def upper_edge(number):
    if number == LAST:
        return math.inf
    octave, part = divmod(number - 1, 16)
    return (0.5 + (part + 1) / 32) * 2.0 ** (octave - 1)


class Tail:
    """Counts raw scores and tells how probable one as large is."""

    def __init__(self, history):
        self.history, self.counts, self.largest = history, Counter(), 0.0

    @property
    def total(self):
        return sum(self.counts.values())

    def probability(self, raw):
        if raw > self.largest:
            return max((self.largest / raw) ** 2, 1e-6) / (self.total + 1)
        as_large = sum(count for number, count in self.counts.items() if number >= bucket(raw))
        return min((as_large + 1) / (self.total + 1), 1.0)

    def radius(self, level):
        if self.total == 0:
            return math.nan
        if level * (self.total + 1) <= 1:
            return self.largest / math.sqrt(level * (self.total + 1))
        for number in range(LAST + 1):
            above = sum(count for other, count in self.counts.items() if other > number)
            if above + 1 < level * (self.total + 1):
                return min(upper_edge(number), self.largest)
        raise AssertionError("the highest bucket has nothing above it")

    def count(self, raw, rows):
        """Count a raw score; say whether all counts lost half."""
        self.counts[bucket(raw)] += 1
        self.largest = max(self.largest, raw)
        doubled = rows in {2**power for power in range(6, 40)}
        if self.total < self.history and not doubled:
            return False
        halves = {number: count / 2 for number, count in self.counts.items()}
        self.counts = Counter({number: count for number, count in halves.items() if count >= 1 / 16})
        highest = max(self.counts, default=0)
        self.largest = min(self.largest, upper_edge(highest))
        return True

"""Counts of edges and their p-values in plain Python: every count of every tick is kept."""

from collections import Counter, defaultdict

from tests.oracles.ad_detectors.conformal import LAST, bucket, upper_edge


class Keys:
    """All counts of one kind of key."""

    def __init__(self, share):
        self.share, self.counts = share, defaultdict(Counter)

    def mean(self, key, tick):
        """The exponentially weighted mean count of the ticks before this one."""
        parts = (
            count * (1 - self.share) ** (tick - 1 - at) for at, count in self.counts[key].items() if at < tick
        )
        return self.share * sum(parts)

    def add(self, key, tick):
        self.counts[key][tick] += 1
        return self.counts[key][tick]


def counted(sources, destinations, ticks, share):
    """Seen, expected and new of each edge; ticks count from 1 and never fall."""
    kinds = [Keys(share) for _ in range(5)]
    for source, destination, tick in zip(sources, destinations, ticks, strict=True):
        keys = [(source, destination), source, destination, source, destination]
        new = kinds[0].counts[keys[0]][tick] == 0 and kinds[0].mean(keys[0], tick) < share / 8
        past = 1 - (1 - share) ** (tick - 1)
        seen, expected = [], []
        for kind, key in list(zip(kinds, keys, strict=True))[: 5 if new else 3]:
            expected.append(kind.mean(key, tick) / past if past else 0.0)
            seen.append(kind.add(key, tick))
        yield seen, expected, new


class Tail:
    """Raw scores of the ticks that ended, in the buckets of the conformal tail."""

    def __init__(self, history):
        self.history, self.counts, self.waiting, self.largest = history, Counter(), [], 0.0

    def end_tick(self):
        self.counts.update(bucket(raw) for raw in self.waiting)
        self.largest = max([self.largest, *self.waiting])
        self.waiting = []
        if sum(self.counts.values()) >= self.history:
            halved = {number: count / 2 for number, count in self.counts.items()}
            self.counts = Counter({number: count for number, count in halved.items() if count >= 1 / 16})
            top = max(self.counts)
            self.largest = self.largest if top == LAST else min(self.largest, upper_edge(top))

    def probability(self, raw):
        total = sum(self.counts.values()) + 1
        if raw > self.largest:
            return max((self.largest / raw) ** 2, 1e-6) / total
        as_large = sum(count for number, count in self.counts.items() if number >= bucket(raw))
        return min((as_large + 1) / total, 1.0)

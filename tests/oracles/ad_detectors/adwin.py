"""ADWIN in plain Python: a bucket is the list of its values."""

import math


class Window:
    """The window of one feature, oldest bucket first."""

    def __init__(self, delta, every, most, value_range, fewest=5):
        self.delta, self.every, self.most = delta, every, most
        self.value_range, self.fewest = value_range, fewest
        self.buckets, self.row, self.values = [], -1, 0

    def update(self, value):
        """The drift that this value reveals, as (row, since, statistic, threshold, p, before, after), or None."""
        self.row += 1
        if math.isnan(value):
            return None
        self.buckets.append([(self.row, value)])
        self.values += 1
        self.merge()
        if self.values % self.every:
            return None
        cut = self.strongest_cut()
        if cut is None:
            return None
        self.buckets = [bucket for bucket in self.buckets if bucket[0][0] >= cut[0]]
        return self.row, *cut

    def merge(self):
        size = 1
        while len(same := [place for place, b in enumerate(self.buckets) if len(b) == size]) > self.most:
            first = same[0]
            self.buckets[first : first + 2] = [self.buckets[first] + self.buckets[first + 1]]
            size *= 2

    def strongest_cut(self):
        every = [value for bucket in self.buckets for _, value in bucket]
        n, mean = len(every), math.fsum(every) / len(every)
        variance = math.fsum((value - mean) ** 2 for value in every) / n
        reach = self.value_range or max(every) - min(every)
        trials = 2 * max(math.log(n), 1)
        strict = math.log(trials / self.delta)
        best = None
        for place in range(1, len(self.buckets)):
            old = [value for bucket in self.buckets[:place] for _, value in bucket]
            new = every[len(old) :]
            if min(len(old), len(new)) < self.fewest:
                continue
            before, after = math.fsum(old) / len(old), math.fsum(new) / len(new)
            m = 1 / (1 / len(old) + 1 / len(new))
            bound = math.sqrt(2 / m * variance * strict) + 2 / (3 * m) * reach * strict
            apart = abs(before - after)
            if apart > bound and (best is None or apart / bound > best[0]):
                since = self.buckets[place][0][0]
                best = (apart / bound, since, apart, bound, m, before, after)
        if best is None:
            return None
        _, since, apart, bound, m, before, after = best
        return since, apart, bound, trials * math.exp(-self.reached(apart, m, variance, reach)), before, after

    def reached(self, apart, m, variance, reach):
        """The logarithm at which the bound is the difference, by bisection."""
        low, high = 0.0, 1e6
        for _ in range(200):
            middle = (low + high) / 2
            bound = math.sqrt(2 / m * variance * middle) + 2 / (3 * m) * reach * middle
            low, high = (middle, high) if bound < apart else (low, middle)
        return low

"""KSWIN in plain Python: lists, and distribution functions by counting."""

import math


def distance(first, second):
    def share(sample, value):
        return sum(x <= value for x in sample) / len(sample)

    return max(abs(share(first, value) - share(second, value)) for value in [*first, *second])


def size(first, second):
    root = math.sqrt(first * second / (first + second))
    return root + 0.12 + 0.11 / root


def tail(scaled):
    """Kolmogorov's distribution."""
    terms = (2 * (-1) ** (k - 1) * math.exp(-2 * (k * scaled) ** 2) for k in range(1, 200))
    return min(max(math.fsum(terms), 1e-300), 1.0)


class Window:
    """The window of one feature."""

    def __init__(self, older, recent, every, level, trials):
        self.older, self.recent, self.every = older, recent, every
        self.level, self.trials = level, trials
        self.window, self.row, self.values = [], -1, 0

    def update(self, value):
        """The drift that this value reveals, as (row, since, statistic, p, before, after), or None."""
        self.row += 1
        if math.isnan(value):
            return None
        self.values += 1
        self.window = [*self.window, (self.row, value)][-self.older - self.recent :]
        if len(self.window) < self.older + self.recent or self.values % self.every:
            return None
        old = [value for _, value in self.window[: self.older]]
        new = [value for _, value in self.window[self.older :]]
        far = distance(old, new)
        probability = tail(far * size(self.older, self.recent))
        if probability >= self.level:
            return None
        self.window = self.window[self.older :]
        before, after = sum(old) / len(old), sum(new) / len(new)
        return self.row, self.window[0][0], far, min(probability * self.trials, 1.0), before, after

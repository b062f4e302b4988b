"""Page-Hinkley in plain Python: the sums are formed anew from the steps at every value."""

import math


class Feature:
    """One feature: the values since the last drift, each with its row and its step."""

    def __init__(self, delta, threshold, warm_up):
        self.delta, self.threshold, self.warm_up = delta, threshold, warm_up
        self.row, self.known = -1, []

    def update(self, value):
        """The drift that this value reveals, as (row, since, statistic, p, before, after), or None."""
        self.row += 1
        if math.isnan(value):
            return None
        self.known.append((self.row, value, self.step(value)))
        for side in (1, -1):
            steps = [side * step - self.delta for _, _, step in self.known[self.warm_up :]]
            sums = [sum(steps[start:]) for start in range(len(steps))]
            start = self.start_of(steps)
            if start is not None and max(sums) > self.threshold:
                return self.note(start + self.warm_up, sums[start])
        return None

    def step(self, value):
        if len(self.known) < self.warm_up:
            return 0.0
        values = [value for _, value, _ in self.known]
        mean = math.fsum(values) / len(values)
        scale = math.sqrt(math.fsum((x - mean) ** 2 for x in values) / len(values))
        scale = max(scale, 1e-9 * max(abs(mean), 1e-3))
        return min(max((value - mean) / scale, -5.0), 5.0)

    @staticmethod
    def start_of(steps):
        """Where the sum last left zero."""
        start, total = None, 0.0
        for place, step in enumerate(steps):
            start = place if total == 0.0 else start
            total = max(total + step, 0.0)
        return start if total > 0.0 else None

    def note(self, start, excess):
        old = [value for _, value, _ in self.known[:start]]
        new = [value for _, value, _ in self.known[start:]]
        since = self.known[start][0]
        self.known = []
        probability = math.exp(-2 * self.delta * (excess + 1.166))
        return self.row, since, excess, probability, sum(old) / len(old), sum(new) / len(new)

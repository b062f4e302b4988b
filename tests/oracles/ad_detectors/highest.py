"""The list of the largest raw scores in plain Python: every row since the list was begun, with its weight."""

import numpy as np

LISTED = 64


def listed(raw):
    """The score as the list remembers it."""
    return float(np.float32(min(raw, 3e38)))


class Highest:
    """Scores and their weights; only those above the floor are known one by one."""

    def __init__(self):
        self.weights, self.rows, self.floor = {}, 0.0, 0.0

    def probability(self, raw):
        if listed(raw) <= self.floor:
            return 1.0
        return (sum(w for s, w in self.weights.items() if s >= listed(raw)) + 1) / (self.rows + 1)

    def radius(self, level):
        """The largest score that is listed, or the floor, from which on up the level is not undercut."""
        if level * (self.rows + 1) <= 1:
            return np.inf
        often = [score for score in self.weights if self.probability(score) >= level]
        return max(often, default=self.floor)

    def count(self, raw):
        self.rows += 1
        if listed(raw) > self.floor:
            self.weights[listed(raw)] = self.weights.get(listed(raw), 0) + 1
        while len(self.weights) > LISTED:
            self.floor = min(self.weights)
            del self.weights[self.floor]

    def fade(self):
        self.rows /= 2
        self.weights = {score: w / 2 for score, w in self.weights.items() if w / 2 >= 1 / 16}
        if self.floor > 0 and len(self.weights) < LISTED / 2:
            self.weights, self.rows, self.floor = {}, 0.0, 0.0

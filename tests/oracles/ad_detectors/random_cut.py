"""The streaming detector `random_cut_forest` in plain Python, over trees of objects."""

import math

import numpy as np

from tests.oracles.ad_detectors.alerts import Judge
from tests.oracles.ad_detectors.draws import mixed, uniform
from tests.oracles.ad_detectors.ewma import Level
from tests.oracles.ad_detectors.random_cut_tree import Leaf, box, delete, insert, score


class Entity:
    """Scores and learns row after row."""

    def __init__(self, width, p):
        self.p, self.judge, self.width = p, Judge(p), width
        self.levels = [Level(p.sample / p.renewal) for _ in range(width)]
        self.origin = [0.0] * width
        self.recent = [np.float32(0)] * (p.shingle * width)
        self.trees, self.seen = [None] * p.trees, 0

    def bounds(self):
        if self.seen < 2:
            return [[math.nan] * self.width] * 3
        corners = [corner[-self.width :].tolist() for corner in box(self.trees[0])]
        lower, upper = ([a + b for a, b in zip(self.origin, corner, strict=True)] for corner in corners)
        means = [level.mean for level in self.levels]
        return [[min(max(m, a), b) for m, a, b in zip(means, lower, upper, strict=True)], lower, upper]

    def arrive(self, row):
        newest = self.recent[-self.width :]
        for feature, value in enumerate(row):
            if not math.isnan(value):
                if self.levels[feature].known == 0:
                    self.origin[feature] = value
                newest[feature] = np.float32(value - self.origin[feature])
        self.recent = self.recent[self.width :] + newest
        spreads = [1.0 if self.width == 1 else min(1 / level.spread, 1e30) for level in self.levels]
        return np.array(self.recent, np.float32), np.array(spreads * self.p.shingle)

    def update(self, row, time_ms):
        bounds = self.bounds()
        if all(math.isnan(value) for value in row):
            return self.judge.skip(self.width, bounds)
        point, weight = self.arrive(row)
        parts, raw = [0.0] * self.width, math.nan
        size = min(self.seen, self.p.sample)
        if size >= 8:
            total = sum(score(tree, point, weight, parts) for tree in self.trees)
            raw = (total / self.p.trees * math.log2(size + 1)) ** 2
        whole = self.judge.rows >= self.p.shingle - 1
        said = self.judge.update(raw, parts, bounds)
        for level, value in zip(self.levels, row, strict=True):
            level.learn(value)
        if whole:
            self.learn(point, weight)
        return said

    def learn(self, point, weight):
        row_key = mixed(self.p.seed, self.seen)
        for number, tree in enumerate(self.trees):
            key, name = mixed(row_key, number), self.seen
            if self.seen >= self.p.sample:
                if uniform(key, -1) >= max(self.p.sample / (self.seen + 1), self.p.renewal):
                    continue
                name = int(uniform(key, -2) * self.p.sample)
                self.trees[number] = delete(tree, name)
            rest, leaf = self.trees[number], Leaf(name, point)
            self.trees[number] = leaf if rest is None else insert(rest, leaf, weight, key)
        self.seen += 1

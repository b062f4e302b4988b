"""The streaming detector `nearest_neighbor` in plain Python: a list of rows, each with its last use."""

import math

from tests.oracles.ad_detectors.alerts import Judge
from tests.oracles.ad_detectors.ewma import Level


def distance(row, kept, scale):
    """Over the features that both have, scaled up to all."""
    steps = [(a - b) * by for a, b, by in zip(row, kept, scale, strict=True)]
    there = [step**2 for step in steps if not math.isnan(step)]
    return math.sqrt(sum(there) * len(row) / len(there)) if there else math.inf


class Entity:
    """Scores and learns row after row."""

    def __init__(self, width, p):
        self.p, self.judge = p, Judge(p)
        self.levels = [Level(p.half_life) for _ in range(width)]
        self.kept, self.usual, self.novelties = [], 0.0, 0
        self.gain = 1 - 0.5 ** (1 / p.half_life)

    def update(self, row, time_ms):
        scale = [min(1 / level.spread, 1e100) for level in self.levels]
        reach = self.judge.radius * self.usual
        if all(math.isnan(value) for value in row):
            last = max(self.kept, key=lambda entry: entry["used"], default=None)
            return self.judge.skip(len(row), self.bounds(last, reach, scale))
        near = min(self.kept, key=lambda entry: distance(row, entry["row"], scale), default=None)
        novelty = distance(row, near["row"], scale) if near else math.inf
        if math.isinf(novelty):
            near = None
        parts = [0.0] * len(row)
        if near:
            steps = [(a - b) * by for a, b, by in zip(row, near["row"], scale, strict=True)]
            parts = [0.0 if math.isnan(step) else step**2 for step in steps]
        now = self.judge.rows
        said = self.judge.update(self.ratio(novelty), parts, self.bounds(near, reach, scale))
        self.keep(row, near, novelty, now)
        for level, value in zip(self.levels, row, strict=True):
            level.learn(value)
        return said

    def bounds(self, entry, reach, scale):
        if entry is None:
            return [[math.nan] * len(scale)] * 3
        row = entry["row"]
        lower = [value - reach / by for value, by in zip(row, scale, strict=True)]
        return [row, lower, [value + reach / by for value, by in zip(row, scale, strict=True)]]

    def ratio(self, novelty):
        if self.novelties < 8 or math.isinf(novelty):
            return math.nan
        return min(novelty / (self.usual + 1e-300), 1e12) if novelty > 0 else 0.0

    def keep(self, row, near, novelty, now):
        entry = {"row": row, "used": now}
        if len(self.kept) < self.p.memory and (near is None or novelty > 0):
            self.kept.append(entry)
        elif near is None or novelty > 3 * self.usual:
            places = range(len(self.kept))
            self.kept[min(places, key=lambda place: self.kept[place]["used"])] = entry
        else:
            self.kept[self.kept.index(near)] = entry
        if near and now >= 8:
            counted = novelty
            if self.novelties >= 8 and self.usual > 0:
                counted = min(novelty, 4 * self.usual)
            self.usual += max(self.gain, 1 / (self.novelties + 1)) * (counted - self.usual)
            self.novelties += 1

"""The streaming detector `ewma` in plain Python: one object per feature."""

import math

from tests.oracles.ad_detectors.alerts import Judge

UNKNOWN = math.nan


class Level:
    """Exponentially weighted mean and variance of one feature, with steps cut at four deviations."""

    def __init__(self, half_life):
        self.gain = 1 - 0.5 ** (1 / half_life)
        self.mean = self.variance = 0.0
        self.known = 0

    @property
    def spread(self):
        return math.sqrt(self.variance) + 1e-9 * abs(self.mean) + 1e-300

    def deviation(self, value):
        if self.known < 8 or math.isnan(value):
            return math.nan
        return max(-1e12, min((value - self.mean) / self.spread, 1e12))

    def bounds(self, far):
        if self.known == 0:
            return UNKNOWN, UNKNOWN, UNKNOWN
        return self.mean, self.mean - far * self.spread, self.mean + far * self.spread

    def learn(self, value):
        if math.isnan(value):
            return
        gain, step = max(self.gain, 1 / (self.known + 1)), value - self.mean
        limit = 4 * math.sqrt(self.variance)
        if self.known >= 8 and limit > 0:
            step = max(-limit, min(step, limit))
        self.mean += gain * step
        self.variance = (1 - gain) * (self.variance + gain * step * step)
        self.known += 1


class Entity:
    """Scores and learns row after row."""

    def __init__(self, width, p):
        self.judge = Judge(p)
        self.levels = [Level(p.half_life) for _ in range(width)]

    def update(self, row, time_ms):
        bounds = list(zip(*(level.bounds(self.judge.radius) for level in self.levels), strict=True))
        if all(math.isnan(value) for value in row):
            return self.judge.skip(len(row), bounds)
        pairs = zip(self.levels, row, strict=True)
        deviations = [abs(level.deviation(value)) for level, value in pairs]
        there = [deviation for deviation in deviations if not math.isnan(deviation)]
        parts = [0.0 if math.isnan(deviation) else deviation**2 for deviation in deviations]
        said = self.judge.update(max(there, default=math.nan), parts, bounds)
        for level, value in zip(self.levels, row, strict=True):
            level.learn(value)
        return said

"""The streaming detector `mahalanobis` in plain NumPy: the covariance itself, inverted for each row."""

import math

import numpy as np

from tests.oracles.ad_detectors.alerts import Judge
from tests.oracles.ad_detectors.draws import uniform
from tests.oracles.ad_detectors.ewma import Level


class Entity:
    """Scores and learns row after row."""

    def __init__(self, width, p):
        self.judge = Judge(p)
        self.levels = [Level(p.half_life) for _ in range(width)]
        self.covariance, self.joint = np.eye(width), 0
        self.gain = 1 - 0.5 ** (1 / p.half_life)

    def update(self, row, time_ms):
        bounds = list(zip(*(level.bounds(self.judge.radius) for level in self.levels), strict=True))
        if all(math.isnan(value) for value in row):
            return self.judge.skip(len(row), bounds)
        pairs = zip(self.levels, row, strict=True)
        deviations = np.array([level.deviation(value) for level, value in pairs])
        raw, parts = self.distance(deviations)
        said = self.judge.update(raw, parts, bounds)
        self.learn(deviations)
        for level, value in zip(self.levels, row, strict=True):
            level.learn(value)
        return said

    def distance(self, deviations):
        if np.isnan(deviations).all():
            return math.nan, [0.0] * len(deviations)
        there = np.nan_to_num(deviations)
        terms = there * (np.linalg.inv(self.covariance) @ there)
        return min(math.sqrt(terms.sum()), 1e12), list(np.maximum(terms, 0.0))

    def learn(self, deviations):
        if np.isnan(deviations).any():
            return
        signs = np.array([1 if uniform(self.joint, i) < 0.5 else -1 for i in range(len(deviations))])
        step = np.clip(deviations, -4, 4) + 0.03 * signs
        gain = max(self.gain, 1 / (self.joint + len(step) + 1))
        self.covariance = (1 - gain) * self.covariance + gain * np.outer(step, step)
        self.joint += 1

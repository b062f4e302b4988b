"""The streaming detector `seasonal` in plain Python: four predictors as objects with dictionaries."""

import math

from tests.oracles.ad_detectors.alerts import Judge
from tests.oracles.ad_detectors.period import find_period


class Predictor:
    """A level and, but for the plain level, a profile by bin; both follow what they predict."""

    def __init__(self, gain, level=0.0):
        self.gain, self.level, self.error, self.tested = gain, level, 0.0, 0
        self.profile, self.visits = {}, {}

    def predict(self, place):
        if place is None:
            return self.level if self.tested else math.nan
        return self.profile[place] + self.level if place in self.profile else math.nan

    def learn(self, place, value):
        """Return the value as it counts."""
        predicted = self.predict(place)
        known = not math.isnan(predicted)
        step = value - predicted if known else 0.0
        limit = 4 * 1.2533 * self.error
        if self.tested >= 8 and limit > 0:
            step = max(-limit, min(step, limit))
        counted = predicted + step if known else value
        if place is not None:
            visits, old = self.visits.get(place, 0), self.profile.get(place, 0.0)
            self.profile[place] = old + max(0.02, 1 / (visits + 1)) * (counted - self.level - old)
            self.visits[place] = visits + 1
        if known:
            rate = max(self.gain, 1 / (self.tested + 1))
            self.error += rate * (abs(step) - self.error)
            self.level += (rate if place is None else self.gain) * step
            self.tested += 1
        elif place is None:
            self.level, self.tested = value, 1
        return counted


class Feature:
    """Four predictors, the last values and their period."""

    def __init__(self, gain):
        self.gain, self.predictors = gain, [Predictor(gain) for _ in range(4)]
        self.values, self.period = [], 0

    def look(self, hour):
        self.places = [None, hour % 24, hour % 168, len(self.values) % self.period if self.period else None]
        self.predicted = [p.predict(place) for p, place in zip(self.predictors, self.places, strict=True)]
        if not self.period:
            self.predicted[3] = math.nan
        usable = [
            (predictor.error * (0.9 if kind == 0 else 1.0), kind)
            for kind, predictor in enumerate(self.predictors)
            if not math.isnan(self.predicted[kind]) and (kind == 0 or predictor.tested >= 8)
        ]
        self.chosen = min(usable, default=(0, 0))[1]
        expected = self.predicted[self.chosen]
        error = self.predictors[self.chosen].error
        return expected, 1.2533 * error + 1e-9 * abs(expected) + 1e-300

    def learn(self, value):
        counted = self.predicted[self.chosen]
        if not math.isnan(value):
            for kind, predictor in enumerate(self.predictors):
                if kind == 3 and not self.period:
                    continue
                taken = predictor.learn(self.places[kind], value)
                counted = taken if kind == self.chosen else counted
        self.values.append(0.0 if math.isnan(counted) else counted)
        if len(self.values) % 64 == 0 and len(self.values) >= 256:
            self.seek()

    def seek(self):
        plain, seasonal = self.predictors[0], self.predictors[3]
        useful = seasonal.tested >= 8 and seasonal.error < 0.9 * plain.error
        period = 0 if useful or seasonal.tested < 2 * self.period else find_period(self.values[-256:])
        if period not in {0, self.period}:
            self.period = period
            self.predictors[3] = Predictor(self.gain, plain.level)


class Entity:
    """Scores and learns row after row."""

    def __init__(self, width, p):
        self.judge = Judge(p)
        self.features = [Feature(1 - 0.5 ** (1 / p.half_life)) for _ in range(width)]

    def update(self, row, time_ms):
        looks = [feature.look(time_ms // 3_600_000) for feature in self.features]
        far, deviations = self.judge.radius, []
        for feature, value, (expected, wide) in zip(self.features, row, looks, strict=True):
            settled = feature.predictors[0].tested >= 8 and not math.isnan(value)
            deviations.append(min(abs(value - expected) / wide, 1e12) if settled else math.nan)
        bounds = [
            [expected for expected, _ in looks],
            [expected - far * wide for expected, wide in looks],
            [expected + far * wide for expected, wide in looks],
        ]
        there = [deviation for deviation in deviations if not math.isnan(deviation)]
        parts = [0.0 if math.isnan(deviation) else deviation**2 for deviation in deviations]
        if all(math.isnan(value) for value in row):
            said = self.judge.skip(len(row), bounds)
        else:
            said = self.judge.update(max(there, default=math.nan), parts, bounds)
        for feature, value in zip(self.features, row, strict=True):
            feature.learn(value)
        return said

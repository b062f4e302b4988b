"""From raw score to score, probability and alert in plain Python."""

import math
from dataclasses import dataclass

from tests.oracles.ad_detectors.conformal import Tail
from tests.oracles.ad_detectors.highest import Highest


@dataclass
class Said:
    """What a detector says of one row."""

    score: float
    probability: float
    anomaly: bool
    cold: bool
    contributions: list
    expected: list
    lower: list
    upper: list


class Judge:
    """One entity's raw scores, rows and pause."""

    def __init__(self, p):
        self.p, self.tail, self.highest = p, Tail(p.history), Highest()
        self.rows = self.pause = 0
        self.alerted = 0.0

    @property
    def radius(self):
        level = self.p.alert_probability
        return min(self.tail.radius(level), self.highest.radius(level))

    def skip(self, width, bounds):
        return Said(0.0, 1.0, False, self.rows < self.p.warm_up, [0.0] * width, *bounds)

    def update(self, raw, parts, bounds):
        rows, self.rows = self.rows, self.rows + 1
        cold = rows < self.p.warm_up or math.isnan(raw)
        probability = 1.0 if cold else min(self.tail.probability(raw), self.highest.probability(raw))
        score = -math.log10(probability)
        anomaly = not cold and self.alert(raw, probability)
        if rows >= self.p.warm_up // 4 and not math.isnan(raw):
            self.highest.count(raw)
            if self.tail.count(raw, self.rows):
                self.highest.fade()
        total = sum(parts)
        shares = [part / total if total > 0 else 1 / len(parts) for part in parts]
        return Said(score, probability, anomaly, cold, [score * share for share in shares], *bounds)

    def alert(self, raw, probability):
        improbable = probability < self.p.alert_probability
        if self.pause > 0:
            self.pause -= 1
            improbable = improbable and raw > self.p.breakthrough * self.alerted
        if improbable:
            self.alerted = raw
            self.pause = min(int(self.p.pause_share * self.rows), self.p.longest_pause)
        return improbable

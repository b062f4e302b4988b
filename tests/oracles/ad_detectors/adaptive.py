"""The streaming detector `adaptive` in plain Python: one object per entity, lists instead of arrays."""

import math
from collections import Counter


def bucket(novelty):
    """Half octaves, counted from 2^-97; 0 for a value seen before. And the position within, from 0 to 1."""
    if novelty <= 0:
        return 0, 0.0
    mantissa, exponent = math.frexp(novelty)
    middle = math.sqrt(0.5)
    low, high, upper = (middle, 1.0, 1) if mantissa >= middle else (0.5, middle, 0)
    number = 1 + 2 * (exponent + 96) + upper
    if number < 1:
        return 1, 0.0
    if number > 383:
        return 383, 1.0
    return number, (mantissa - low) / (high - low)


class Feature:
    """What is known of one feature of one entity."""

    def __init__(self, memory, history):
        self.memory, self.history = memory, history
        self.known, self.counts, self.largest = [], Counter(), 0.0

    @property
    def seen(self):
        return sum(self.counts.values())

    def expected(self, value):
        value = self.known[len(self.known) // 2] if math.isnan(value) else value
        return min(self.known, key=lambda known: (abs(known - value), known))

    def novelty(self, value):
        return 0.0 if math.isnan(value) or not self.known else abs(value - self.expected(value))

    def probability(self, novelty):
        if not self.known:
            return 1.0
        if novelty > self.largest:
            return max(self.largest / novelty, 1e-3) / (self.seen + 1)
        number, part = bucket(novelty)
        if number == 0:
            return 1.0
        above = sum(count for other, count in self.counts.items() if other > number)
        return min((above + self.counts[number] * (1 - part) + 1) / (self.seen + 1), 1.0)

    def learn(self, value, novelty):
        if math.isnan(value):
            return
        first = not self.known
        if not first:
            self.counts[bucket(novelty)[0]] += 1
            self.largest = max(self.largest, novelty)
            if self.seen >= self.history:
                self.counts = Counter({number: count // 2 for number, count in self.counts.items()})
        if first or novelty > 0:
            self.known = sorted([*self.known, value])
        if len(self.known) > self.memory:
            self.give_one_up()

    def give_one_up(self):
        known, last = self.known, len(self.known) - 1
        right = min(range(1, last + 1), key=lambda place: known[place] - known[place - 1])
        left = right - 1
        if right == last or (left > 0 and known[right] - known[left - 1] < known[right + 1] - known[left]):
            del known[left]
        else:
            del known[right]


class Entity:
    """Scores and learns row after row."""

    def __init__(self, width, p):
        self.p, self.rows, self.pause = p, 0, 0
        self.features = [Feature(p.memory, p.history) for _ in range(width)]
        self.alerted = [0.0] * width

    def update(self, row):
        novelties = [feature.novelty(value) for feature, value in zip(self.features, row, strict=True)]
        pairs = zip(self.features, novelties, strict=True)
        smallest = min(feature.probability(novelty) for feature, novelty in pairs)
        cold = self.rows < self.p.warm_up
        probability = 1.0 if cold else min(smallest * len(row), 1.0)
        anomaly = False if cold else self.alert(probability, novelties)
        self.rows += 1
        for feature, value, novelty in zip(self.features, row, novelties, strict=True):
            feature.learn(value, novelty)
        return -math.log10(probability), probability, anomaly

    def alert(self, probability, novelties):
        improbable = probability < self.p.alert_probability
        if self.pause > 0:
            self.pause -= 1
            pairs = zip(novelties, self.alerted, strict=True)
            improbable = improbable and any(new > self.p.breakthrough * old for new, old in pairs)
        if improbable:
            self.alerted = novelties
            self.pause = min(int(self.p.pause_share * self.rows), self.p.longest_pause)
        return improbable

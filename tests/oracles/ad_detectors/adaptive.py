"""The streaming detector `adaptive` in plain Python: one object per entity, lists instead of arrays."""

import math
from collections import Counter

import numpy as np

from tests.oracles.ad_detectors.excess import Excess

BUCKETS = 64
NONE = -(10**6)
"""The number under which novelties are counted that are none, or too small for the window."""


def single(value):
    """The nearest number of 32 bits."""
    return float(np.float32(value))


def half_octave(novelty):
    """Half octaves, counted from 2^-1, and the position within, from 0 to 1."""
    mantissa, exponent = math.frexp(novelty)
    middle = math.sqrt(0.5)
    low, high, upper = (middle, 1.0, 1) if mantissa >= middle else (0.5, middle, 0)
    return 2 * exponent + upper, (mantissa - low) / (high - low)


def eight_digits(value):
    """The value with eight significant binary digits, halves upwards; tiny ones are zero."""
    if abs(value) < 2.0**-127:
        return 0.0
    step = 2.0 ** (math.frexp(abs(value))[1] - 8)
    return math.copysign(math.floor(abs(value) / step + 0.5) * step, value)


class Channel:
    """One view of a value: what was seen, and how novel it was."""

    def __init__(self, memory, history):
        self.memory, self.history = memory, history
        self.known, self.counts, self.top, self.largest = [], Counter(), 0, 0.0

    @property
    def seen(self):
        return sum(self.counts.values())

    def closest(self, position):
        return min(self.known, key=lambda known: (abs(known - position), known))

    def placed(self, novelty):
        if novelty <= 0:
            return NONE, 0.0
        number, part = half_octave(novelty)
        if number > self.top:
            return self.top, 1.0
        return (number, part) if number > self.top - BUCKETS + 1 else (NONE, 0.0)

    def probability(self, novelty):
        if novelty > self.largest:
            return max(self.largest / novelty, 1e-3) / (self.seen + 1)
        number, part = self.placed(novelty)
        if number == NONE:
            return 1.0
        above = sum(count for other, count in self.counts.items() if other > number)
        return min((above + self.counts[number] * (1 - part) + 1) / (self.seen + 1), 1.0)

    def raise_top(self, novelty):
        if novelty <= 0:
            return
        number, _ = half_octave(novelty)
        positive = self.seen - self.counts[NONE]
        if positive == 0:
            self.top = number + 8
            return
        lowest = self.top - BUCKETS + 2
        shift = 0
        while shift < min(number - self.top, BUCKETS - 1):
            lost = sum(self.counts[lowest + step] for step in range(shift + 1))
            if 10 * lost > positive:
                break
            shift += 1
        for step in range(shift):
            self.counts[NONE] += self.counts.pop(lowest + step, 0)
        self.top += shift

    def learn(self, position):
        novelty = abs(position - self.closest(position)) if self.known else 0.0
        if self.known:
            self.raise_top(novelty)
            self.counts[self.placed(novelty)[0]] += 1
            self.largest = max(self.largest, single(novelty))
            if self.seen >= self.history:
                self.counts = Counter({number: count // 2 for number, count in self.counts.items()})
        if not self.known or novelty > 0:
            self.known = sorted([*self.known, position])
        if len(self.known) > self.memory:
            self.give_one_up()

    def give_one_up(self):
        known, last = self.known, len(self.known) - 1
        right = min(
            range(1, last + 1), key=lambda place: np.float32(known[place]) - np.float32(known[place - 1])
        )
        left = right - 1
        wider = left > 0 and (
            np.float32(known[right]) - np.float32(known[left - 1])
            < np.float32(known[right + 1 if right < last else right]) - np.float32(known[left])
        )
        del known[left if right == last or wider else right]


class Feature:
    """The channels of one feature, and what they need."""

    def __init__(self, size, history):
        self.channels = [Channel(size.memory, history) for _ in range(size.channels)]
        self.smooth = [0.0] * (size.channels - 2)
        self.profile, self.hour, self.in_hour, self.mean = {}, None, 0, 0.0
        self.origin = None

    def positions(self, value, rows):
        offset = value - self.origin
        usual = self.profile.get(self.hour, self.mean if self.in_hour else offset)
        found = [offset, offset - usual]
        for number, level in enumerate(self.smooth):
            found.append(level + max(0.25 ** (number + 1), 1 / (rows + 1)) * (offset - level))
        return [single(position) for position in found]

    def turn(self, hour):
        if self.hour != hour and self.in_hour:
            old = self.profile.get(self.hour)
            mean = self.mean if old is None else old + 0.2 * (self.mean - old)
            self.profile[self.hour] = eight_digits(mean)
        if self.hour != hour:
            self.hour, self.in_hour = hour, 0

    def surprise(self, positions):
        """The sum of fourth powers; the smoothed channels share one place."""
        total = 0.0
        for number, (channel, position) in enumerate(zip(self.channels, positions, strict=True)):
            evidence = math.log10(channel.probability(abs(position - channel.closest(position)))) ** 4
            total += evidence / len(self.smooth) if number > 1 else evidence
        return total

    def learn(self, value, positions):
        for channel, position in zip(self.channels, positions, strict=True):
            channel.learn(position)
        self.smooth = positions[2:]
        self.in_hour += 1
        if self.in_hour == 1:
            self.mean = 0.0 if self.mean is None else self.mean
        self.mean = single(self.mean + (value - self.origin - self.mean) / self.in_hour)


class Entity:
    """Scores and learns row after row."""

    def __init__(self, width, size, p):
        self.p, self.rows, self.last = p, 0, None
        self.features = [Feature(size, p.history) for _ in range(width)]
        self.excess = Excess(p.history, single)

    def update(self, row, time_ms):
        hour = time_ms // 3_600_000 % 168
        largest, learnt, looked = 0.0, [], False
        for feature, value in zip(self.features, row, strict=True):
            if math.isnan(value):
                continue
            if feature.origin is None:
                feature.origin, feature.hour = value, hour
                learnt.append((feature, value, [0.0] * len(feature.channels)))
                continue
            looked = True
            feature.turn(hour)
            positions = feature.positions(value, self.rows)
            largest = max(largest, feature.surprise(positions))
            learnt.append((feature, value, positions))
        cold = self.rows < self.p.warm_up
        score = 0.0 if cold else max(largest**0.25 - math.log10(len(row)), 0.0)
        anomaly = not cold and self.alert(score)
        probability = 1.0
        if looked and not cold:
            self.excess.rows = self.rows - self.p.warm_up
            probability = self.excess.probability(score)
            self.excess.learn(score)
        for feature, value, positions in learnt:
            feature.learn(value, positions)
        self.rows += 1
        return score, probability, anomaly

    def alert(self, score):
        level = -math.log10(self.p.alert_probability)
        surprise = score - 0.4 * max(math.log10(max(min(self.rows, self.p.history), 1) / 200), 0.0)
        bar = level
        pause = min(self.p.pause_share * self.rows, self.p.longest_pause)
        if self.last is not None and self.rows - self.last[0] < pause:
            part = (self.rows - self.last[0]) / pause
            height = self.last[1] + math.log10(self.p.breakthrough) - level
            bar += max(-math.log10(part), height * (1 - 2 * part))
        if surprise > bar:
            self.last = (self.rows, single(surprise))
        return surprise > bar

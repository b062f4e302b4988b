"""Distances from an interval, value by value."""

import math


def distance(value, low, high, scale):
    if math.isnan(value):
        return 0.0
    value = max(-1e30, min(value, 1e30))
    return min(max(low - value, value - high, 0.0) / scale, 1e100)


def distances(row, low, high, scale):
    return [distance(*each) for each in zip(row, low, high, scale, strict=True)]


def norm(row, low, high, scale):
    return math.sqrt(sum(far**2 for far in distances(row, low, high, scale)))

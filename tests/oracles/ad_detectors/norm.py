"""Distances from an interval, value by value."""

import math


def distances(row, low, high, scale):
    return [min(max(a - x, x - b, 0.0) / s, 1e100) for x, a, b, s in zip(row, low, high, scale, strict=True)]


def norm(row, low, high, scale):
    return math.sqrt(sum(far**2 for far in distances(row, low, high, scale)))

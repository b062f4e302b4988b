"""A one-class support vector machine with radial kernel, vector by vector."""

import math


def squared(first, second):
    return sum((one - other) ** 2 for one, other in zip(first, second, strict=True))


def score(row, vectors, weights, gamma, offset):
    pairs = zip(vectors, weights, strict=True)
    return offset - math.fsum(weight * math.exp(-gamma * squared(row, vector)) for vector, weight in pairs)


def contributions(row, vectors, weights, gamma):
    """What each vector lacks of its weight, shared by the squared differences from it."""
    parts = [0.0] * len(row)
    for vector, weight in zip(vectors, weights, strict=True):
        whole = squared(row, vector)
        lacking = weight * (1 - math.exp(-gamma * whole))
        for feature, (value, other) in enumerate(zip(row, vector, strict=True)):
            parts[feature] += lacking * (value - other) ** 2 / whole if whole else 0.0
    return parts

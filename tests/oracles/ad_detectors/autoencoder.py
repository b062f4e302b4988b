"""A network of layers, unit by unit."""

import math


def layer(given, weights, bias):
    """`weights[i][j]` leads from unit i to unit j."""
    columns = zip(*weights, strict=True)
    return [
        own + sum(value * weight for value, weight in zip(given, column, strict=True))
        for own, column in zip(bias, columns, strict=True)
    ]


def residual(row, reach, coefs, intercepts):
    """Row minus reconstruction; the network sees the row clipped to `reach`, hidden units are never negative."""
    values = [max(-reach, min(reach, value)) for value in row]
    for at, (weights, bias) in enumerate(zip(coefs, intercepts, strict=True)):
        values = layer(values, weights, bias)
        if at < len(coefs) - 1:
            values = [max(value, 0.0) for value in values]
    return [value - known for value, known in zip(row, values, strict=True)]


def score(row, reach, coefs, intercepts):
    left = residual(row, reach, coefs, intercepts)
    return math.sqrt(sum(value**2 for value in left) / len(left))

"""Squared Mahalanobis distances and mixture densities, feature by feature."""

import math


def parts(row, centre, whitening):
    """Value times its row of the precision matrix W Wᵀ, per feature."""
    away = [x - c for x, c in zip(row, centre, strict=True)]
    white = [sum(a * w for a, w in zip(away, column, strict=True)) for column in zip(*whitening, strict=True)]
    return [
        a * sum(w * y for w, y in zip(line, white, strict=True))
        for a, line in zip(away, whitening, strict=True)
    ]


def squared(row, centre, whitening):
    return math.fsum(parts(row, centre, whitening))


def density(row, centres, whitenings, peaks):
    squares = [squared(row, c, w) for c, w in zip(centres, whitenings, strict=True)]
    return math.fsum(math.exp(peak - square / 2) for peak, square in zip(peaks, squares, strict=True))

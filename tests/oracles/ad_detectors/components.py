"""Weighted distances from the ends of components, one by one."""

import math


def score(row, standard, ends, factors):
    z = [(x - c) / s for x, c, s in zip(row, *standard, strict=True)]
    columns = zip(*ends, strict=True)
    return math.fsum(f * math.dist(z, end) for f, end in zip(factors, columns, strict=True))

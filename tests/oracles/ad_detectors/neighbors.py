"""Neighbours by looking at every point, and what is made of them, as the papers say it."""

import math
from collections.abc import Sequence

Row = Sequence[float]


def neighbors(points: Sequence[Row], row: Row, count: int, *, without: int = -1) -> list[tuple[float, int]]:
    """The nearest points with their distances, nearest first; `without` is not looked at."""
    apart = [(math.dist(row, point), at) for at, point in enumerate(points) if at != without]
    return sorted(apart)[:count]


def mean_distance(points: Sequence[Row], row: Row, first: int, last: int) -> float:
    """Of the neighbours number first to last, counted from 1."""
    far = [distance for distance, _ in neighbors(points, row, last)][first - 1 :]
    return sum(far) / len(far)


def density(points: Sequence[Row], found: Sequence[tuple[float, int]], count: int) -> float:
    """Definition 6 of Breunig et al.: the inverse of the mean reachability distance."""
    reach = [max(apart, neighbors(points, points[at], count, without=at)[-1][0]) for apart, at in found]
    return 1.0 / (sum(reach) / len(reach) + 1e-10)


def outlier_factor(points: Sequence[Row], row: Row, count: int, *, without: int = -1) -> float:
    """Definition 7: the mean density of the neighbours over one's own."""
    found = neighbors(points, row, count, without=without)
    around = [density(points, neighbors(points, points[at], count, without=at), count) for _, at in found]
    return sum(around) / len(around) / density(points, found, count)

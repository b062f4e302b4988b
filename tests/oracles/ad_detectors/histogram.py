"""The bin of a value, found by looking at every edge."""

import math


def part(value, edges, parts, tolerance):
    """As PyOD's HBOS looks a value up, with scores that grow outside of the bins."""
    last = len(parts)
    middle, half = (edges[0] + edges[last]) / 2, (edges[last] - edges[0]) / 2
    below = sum(edge < value for edge in edges)
    if below == 0 or below == last + 1:
        outside = edges[0] - value if below == 0 else value - edges[last]
        if outside > tolerance * (edges[last] - edges[0]) / last:
            return max(parts) + 2 * math.log2(max(abs(value - middle) / half, 1.0))
        return parts[0 if below == 0 else last - 1]
    return parts[below - 1]


def score(row, edges, parts, tolerance):
    return sum(part(x, e.tolist(), p.tolist(), tolerance) for x, e, p in zip(row, edges, parts, strict=True))

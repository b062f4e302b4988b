"""Tail probabilities by counting."""

import math
import statistics


def part(value, column, joined, skewness):
    """What `joined` makes of -log of both shares; beyond the column the share falls with the squared distance."""
    ordered = sorted(column)
    rows = len(ordered)
    at_most, at_least = sum(x <= value for x in ordered), sum(x >= value for x in ordered)
    left, right = (-math.log(max(count, 1) / rows) for count in (at_most, at_least))
    found = joined(left, right, skewness)
    if ordered[0] <= value <= ordered[-1]:
        return found
    median = statistics.median_low(ordered)
    end = ordered[0] if value < ordered[0] else ordered[-1]
    unit = max(abs(end - median), 1e-9 * max(abs(median), 1e-3))
    return found + 2 * math.log(1 + min(abs(value - end) / unit, 1e100))


def ecod(left, right, skewness):
    return left + right if skewness == 0 else max(left, right)


def copod(left, right, skewness):
    leaning = {-1: left, 0: left + right, 1: right}[skewness]
    return max(leaning, (left + right) / 2)

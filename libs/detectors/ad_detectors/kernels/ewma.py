"""Exponentially weighted level and variance, and the update of the streaming detector `ewma`."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ad_detectors.kernels.alerts import Output, Policy, Tail, has_value, judge, radius, skip
from ad_detectors.kernels.compile import kernel

SETTLED = 8
FARTHEST_STEP = 4.0
LARGEST_DEVIATION = 1e12

Floats = NDArray[np.float64]


class Table(NamedTuple):
    """The state: one row of each array per entity, one column per feature."""

    level: Floats
    variance: Floats
    known: NDArray[np.int64]


@kernel
def spread_of(level: float, variance: float) -> float:
    """The standard deviation; for a constant it is what rounding makes of the level."""
    return math.sqrt(variance) + 1e-9 * abs(level) + 1e-300


@kernel
def follow(level: float, variance: float, known: int, gain: float, value: float) -> tuple[float, float]:
    """The level and variance after one more value.

    A step counts for four standard deviations at most, so that one spike hides nothing after it.
    """
    gain = max(gain, 1.0 / (known + 1))
    step = value - level
    limit = FARTHEST_STEP * math.sqrt(variance)
    if known >= SETTLED and limit > 0.0:
        step = min(max(step, -limit), limit)
    return level + gain * step, (1.0 - gain) * (variance + gain * step * step)


@kernel
def learn_levels(table: Table, slot: int, gain: float, values: Floats) -> None:
    """Follow every value that is there."""
    for feature in range(len(values)):
        if np.isnan(values[feature]):
            continue
        known = table.known[slot, feature]
        table.level[slot, feature], table.variance[slot, feature] = follow(
            table.level[slot, feature], table.variance[slot, feature], known, gain, values[feature]
        )
        table.known[slot, feature] = known + 1


@kernel
def deviation(table: Table, slot: int, feature: int, value: float) -> float:
    """The distance from the level in standard deviations, signed; NaN when missing or not yet settled."""
    if table.known[slot, feature] < SETTLED or np.isnan(value):
        return math.nan
    level = table.level[slot, feature]
    distance = (value - level) / spread_of(level, table.variance[slot, feature])
    return float(min(max(distance, -LARGEST_DEVIATION), LARGEST_DEVIATION))


@kernel
def expect_levels(table: Table, slot: int, far: float, row: int, output: Output) -> None:
    """Write the levels as expected values, with bounds so many standard deviations away."""
    for feature in range(table.level.shape[1]):
        if table.known[slot, feature] > 0:
            level = table.level[slot, feature]
            reach = far * spread_of(level, table.variance[slot, feature])
            output.expected[row, feature] = level
            output.lower[row, feature] = level - reach
            output.upper[row, feature] = level + reach


@kernel
def look(table: Table, slot: int, values: Floats, row: int, output: Output) -> float:
    """The largest deviation of the row; the squares of all are the features' parts."""
    raw = math.nan
    for feature in range(len(values)):
        distance = abs(deviation(table, slot, feature, values[feature]))
        if not np.isnan(distance):
            raw = distance if np.isnan(raw) else max(raw, distance)
            output.contributions[row, feature] = distance * distance
    return raw


@kernel
def update_rows(
    table: Table,
    tail: Tail,
    policy: Policy,
    gain: float,
    slots: NDArray[np.int64],
    matrix: Floats,
    output: Output,
) -> None:
    """Score each row by the state of its slot, decide on an alert, then learn from the row."""
    for row in range(len(slots)):
        slot = slots[row]
        expect_levels(table, slot, radius(tail, policy, slot), row, output)
        if not has_value(matrix[row]):
            skip(tail, policy, slot, row, output)
            continue
        judge(tail, policy, slot, look(table, slot, matrix[row], row, output), row, output)
        learn_levels(table, slot, gain, matrix[row])

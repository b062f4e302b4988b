"""Median and median absolute deviation of the last values, and the update of `robust_zscore`."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ad_detectors.kernels.alerts import Output, Policy, Tail, has_value, judge, radius, skip
from ad_detectors.kernels.compile import kernel
from ad_detectors.kernels.order import insert_sorted, remove_sorted

SETTLED = 8
MEDIAN_RATIO = 1.4826
MEAN_RATIO = 1.2533
LARGEST_DEVIATION = 1e12

Floats = NDArray[np.float64]


class Table(NamedTuple):
    """The state: median and spread by entity and feature, the last values as they came and sorted."""

    level: Floats
    spread: Floats
    arrived: Floats
    ordered: Floats
    known: NDArray[np.int64]


@kernel
def median(ordered: Floats, size: int) -> float:
    """The middle of the first values of a sorted list, or the mean of the two in the middle."""
    return float(0.5 * (ordered[(size - 1) // 2] + ordered[size // 2]))


@kernel
def median_deviation(ordered: Floats, size: int, middle: float) -> float:
    """The distance from `middle` that more than half of the values do not exceed, found from within."""
    right = size // 2
    left = right - 1
    distance = 0.0
    for _ in range(size // 2 + 1):
        if right == size or (left >= 0 and middle - ordered[left] <= ordered[right] - middle):
            distance = middle - ordered[left]
            left -= 1
        else:
            distance = ordered[right] - middle
            right += 1
    return distance


@kernel
def spread_of(ordered: Floats, size: int, middle: float) -> float:
    """The standard deviation of normal values with this median deviation.

    Where more than half of the values are equal, the mean absolute deviation takes its place.
    """
    spread = MEDIAN_RATIO * median_deviation(ordered, size, middle)
    if spread == 0.0:
        for place in range(size):
            spread += MEAN_RATIO * abs(ordered[place] - middle) / size
    return spread + 1e-9 * abs(middle) + 1e-300


@kernel
def look(table: Table, slot: int, values: Floats, far: float, row: int, output: Output) -> float:
    """The largest deviation from a median in spreads; the squares of all are the features' parts."""
    raw = math.nan
    for feature in range(len(values)):
        known = table.known[slot, feature]
        if known == 0:
            continue
        level, spread = table.level[slot, feature], table.spread[slot, feature]
        output.expected[row, feature] = level
        output.lower[row, feature] = level - far * spread
        output.upper[row, feature] = level + far * spread
        if known >= SETTLED and not np.isnan(values[feature]):
            distance = min(abs(values[feature] - level) / spread, LARGEST_DEVIATION)
            raw = distance if np.isnan(raw) else max(raw, distance)
            output.contributions[row, feature] = distance * distance
    return raw


@kernel
def learn(table: Table, slot: int, values: Floats) -> None:
    """Take each value into the window, for the oldest one when it is full."""
    window = table.arrived.shape[2]
    for feature in range(len(values)):
        if np.isnan(values[feature]):
            continue
        known, ordered = table.known[slot, feature], table.ordered[slot, feature]
        size = min(known, window)
        if size == window:
            size = remove_sorted(ordered, size, table.arrived[slot, feature, known % window])
        size = insert_sorted(ordered, size, values[feature])
        table.arrived[slot, feature, known % window] = values[feature]
        table.known[slot, feature] = known + 1
        table.level[slot, feature] = median(ordered, size)
        table.spread[slot, feature] = spread_of(ordered, size, table.level[slot, feature])


@kernel
def update_rows(
    table: Table, tail: Tail, policy: Policy, slots: NDArray[np.int64], matrix: Floats, output: Output
) -> None:
    """Score each row by the state of its slot, decide on an alert, then learn from the row."""
    for row in range(len(slots)):
        slot = slots[row]
        raw = look(table, slot, matrix[row], radius(tail, policy, slot), row, output)
        if has_value(matrix[row]):
            judge(tail, policy, slot, raw, row, output)
            learn(table, slot, matrix[row])
        else:
            skip(tail, policy, slot, row, output)

"""ADWIN's window: an exponential histogram of buckets, each with the moments of its values.

A bucket of level i holds 2^i values. A level keeps at most as many buckets as its arrays have places, less
one; the two oldest then become one of the next level. Place 0 of a level is its oldest bucket.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ad_detectors.kernels.compile import kernel
from ad_detectors.kernels.findings import (
    AFTER,
    BEFORE,
    FEATURE,
    PROBABILITY,
    ROW,
    SINCE,
    STATISTIC,
    THRESHOLD,
    no_findings,
    with_room,
)

LEVELS = 32

Floats = NDArray[np.float64]


class Table(NamedTuple):
    """The state: one row of each array per feature, then one per level, then one per bucket."""

    rows: NDArray[np.int64]
    values: NDArray[np.int64]
    origin: Floats
    buckets: NDArray[np.int64]
    means: Floats
    squares: Floats
    lows: Floats
    highs: Floats
    since: NDArray[np.int64]


class Policy(NamedTuple):
    """The parameters in the units of the kernel; `value_range` is 0 where the range seen is to be used."""

    delta: float
    every: int
    fewest: int
    value_range: float


@kernel
def update_features(table: Table, policy: Policy, matrix: Floats) -> Floats:
    """Learn from rows in their order; return the drifts, one row of `findings` each."""
    found = no_findings()
    size = 0
    for feature in range(matrix.shape[1]):
        for row in range(matrix.shape[0]):
            table.rows[feature] += 1
            value = matrix[row, feature]
            if math.isnan(value):
                continue
            insert(table, feature, value)
            if table.values[feature] % policy.every == 0:
                found = with_room(found, size)
                if shrink(table, policy, feature, found[size]):
                    found[size, FEATURE] = feature
                    found[size, ROW] = table.rows[feature] - 1
                    size += 1
    return found[:size].copy()


@kernel
def insert(table: Table, feature: int, value: float) -> None:
    """A bucket of its own for a value; then merge until no level has too many."""
    if table.values[feature] == 0:
        table.origin[feature] = value
    table.values[feature] += 1
    centred = value - table.origin[feature]
    append(table, feature, 0, centred, 0.0, centred, centred, table.rows[feature] - 1)
    places = table.means.shape[2]
    level = 0
    while table.buckets[feature, level] == places:
        if level + 1 < LEVELS:
            merge_oldest(table, feature, level)
            level += 1
        else:
            drop_oldest(table, feature, level)


@kernel
def append(
    table: Table, feature: int, level: int, mean: float, square: float, low: float, high: float, since: int
) -> None:
    """Add a bucket as the newest of a level."""
    place = table.buckets[feature, level]
    table.means[feature, level, place] = mean
    table.squares[feature, level, place] = square
    table.lows[feature, level, place] = low
    table.highs[feature, level, place] = high
    table.since[feature, level, place] = since
    table.buckets[feature, level] = place + 1


@kernel
def merge_oldest(table: Table, feature: int, level: int) -> None:
    """Make the two oldest buckets of a level the newest of the next."""
    means, squares = table.means[feature, level], table.squares[feature, level]
    lows, highs = table.lows[feature, level], table.highs[feature, level]
    apart = means[0] - means[1]
    square = squares[0] + squares[1] + apart * apart * (0.5 * (1 << level))
    mean, since = 0.5 * (means[0] + means[1]), table.since[feature, level, 0]
    low, high = min(lows[0], lows[1]), max(highs[0], highs[1])
    drop_oldest(table, feature, level)
    drop_oldest(table, feature, level)
    append(table, feature, level + 1, mean, square, low, high, since)


@kernel
def drop_oldest(table: Table, feature: int, level: int) -> None:
    """Forget the oldest bucket of a level."""
    count = table.buckets[feature, level] - 1
    for place in range(count):
        table.means[feature, level, place] = table.means[feature, level, place + 1]
        table.squares[feature, level, place] = table.squares[feature, level, place + 1]
        table.lows[feature, level, place] = table.lows[feature, level, place + 1]
        table.highs[feature, level, place] = table.highs[feature, level, place + 1]
        table.since[feature, level, place] = table.since[feature, level, place + 1]
    table.buckets[feature, level] = count


@kernel
def shrink(table: Table, policy: Policy, feature: int, finding: Floats) -> bool:
    """If two parts of the window differ, drop the older of those that differ most, and note the finding."""
    if not strongest_cut(table, policy, feature, finding):
        return False
    level = oldest_level(table, feature)
    while table.since[feature, level, 0] < finding[SINCE]:
        drop_oldest(table, feature, level)
        level = oldest_level(table, feature)
    return True


@kernel
def oldest_level(table: Table, feature: int) -> int:
    """The level of the oldest bucket; at least one bucket is there."""
    level = LEVELS - 1
    while table.buckets[feature, level] == 0:
        level -= 1
    return level


@kernel
def moments(table: Table, feature: int) -> tuple[float, float, float, float, float]:
    """Count, mean, squared deviations, least and greatest value of the window."""
    count, mean, squares, low, high = 0.0, 0.0, 0.0, math.inf, -math.inf
    for level in range(LEVELS - 1, -1, -1):
        weight = float(1 << level)
        for place in range(table.buckets[feature, level]):
            apart = table.means[feature, level, place] - mean
            total = count + weight
            mean += apart * weight / total
            squares += table.squares[feature, level, place] + apart * apart * (count * weight / total)
            count = total
            low = min(low, table.lows[feature, level, place])
            high = max(high, table.highs[feature, level, place])
    return count, mean, squares, low, high


@kernel
def strongest_cut(table: Table, policy: Policy, feature: int, finding: Floats) -> bool:
    """Of all cuts between buckets tell the one furthest beyond its bound; False when none is beyond it."""
    count, mean, squares, low, high = moments(table, feature)
    reach = policy.value_range if policy.value_range > 0.0 else high - low
    variance = squares / count
    trials = 2.0 * max(math.log(count), 1.0)
    strictness = math.log(trials / policy.delta)
    excess, harmonic_there, beside = 1.0, 0.0, False
    older, older_sum = 0.0, 0.0
    for level in range(LEVELS - 1, -1, -1):
        weight = float(1 << level)
        for place in range(table.buckets[feature, level]):
            if beside:
                finding[SINCE] = table.since[feature, level, place]
            beside = False
            older += weight
            older_sum += weight * table.means[feature, level, place]
            newer = count - older
            if older < policy.fewest or newer < policy.fewest:
                continue
            before, after = older_sum / older, (count * mean - older_sum) / newer
            apart, harmonic = abs(after - before), 1.0 / older + 1.0 / newer
            bound = math.sqrt(2.0 * harmonic * variance * strictness)
            bound += 2.0 / 3.0 * harmonic * reach * strictness
            if apart > excess * bound:
                excess, harmonic_there, beside = apart / bound, harmonic, True
                finding[STATISTIC], finding[THRESHOLD] = apart, bound
                finding[BEFORE], finding[AFTER] = before, after
    if harmonic_there == 0.0:
        return False
    reached = strictness_of(finding[STATISTIC], harmonic_there, variance, reach)
    finding[PROBABILITY] = min(max(trials * math.exp(-reached), 1e-300), 1.0)
    finding[BEFORE] += table.origin[feature]
    finding[AFTER] += table.origin[feature]
    return True


@kernel
def strictness_of(apart: float, harmonic: float, variance: float, reach: float) -> float:
    """The logarithmic term at which the bound equals a difference: the bound, quadratic in its root, solved."""
    half, square = 0.5 * math.sqrt(2.0 * harmonic * variance), 2.0 / 3.0 * harmonic * reach
    root = apart / (half + math.sqrt(half * half + square * apart))
    return root * root

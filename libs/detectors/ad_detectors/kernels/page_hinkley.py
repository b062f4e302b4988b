"""Page-Hinkley: sums of standardised deviations, upwards and downwards, that start again at zero."""

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

LARGEST_STEP = 5.0
"""No value counts for more standard deviations than this, so that an outlier is not a drift."""

OVERSHOOT = 1.166
"""How far a sum of normal steps passes a bound on both of its ends (Siegmund 1985)."""

Floats = NDArray[np.float64]


class Table(NamedTuple):
    """The state: one row of each array per feature; the last axis of four of them is up, down."""

    rows: NDArray[np.int64]
    counts: NDArray[np.int64]
    means: Floats
    squares: Floats
    excess: Floats
    since: NDArray[np.int64]
    totals: Floats
    terms: NDArray[np.int64]


class Policy(NamedTuple):
    """The parameters in the units of the kernel."""

    delta: float
    threshold: float
    warm_up: int


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
            if table.counts[feature] >= policy.warm_up:
                found = with_room(found, size)
                if add(table, policy, feature, value, found[size]):
                    size += 1
                    continue
            learn(table, feature, value)
    return found[:size].copy()


@kernel
def learn(table: Table, feature: int, value: float) -> None:
    """Take a value into the mean and the variance."""
    table.counts[feature] += 1
    apart = value - table.means[feature]
    table.means[feature] += apart / table.counts[feature]
    table.squares[feature] += apart * (value - table.means[feature])


@kernel
def add(table: Table, policy: Policy, feature: int, value: float, finding: Floats) -> bool:
    """Add a value to both sums; when one passes the threshold, note it and start anew."""
    mean = table.means[feature]
    scale = math.sqrt(table.squares[feature] / table.counts[feature])
    scale = max(scale, 1e-9 * max(abs(mean), 1e-3))
    step = min(max((value - mean) / scale, -LARGEST_STEP), LARGEST_STEP)
    for side in range(2):
        excess = table.excess[feature, side] + (step if side == 0 else -step) - policy.delta
        if excess <= 0.0:
            table.excess[feature, side] = 0.0
            table.terms[feature, side] = 0
            continue
        if table.terms[feature, side] == 0:
            table.since[feature, side] = table.rows[feature] - 1
            table.totals[feature, side] = 0.0
        table.excess[feature, side] = excess
        table.totals[feature, side] += value
        table.terms[feature, side] += 1
        if excess > policy.threshold:
            note(table, policy, feature, side, value, finding)
            forget(table, feature)
            return True
    return False


@kernel
def note(table: Table, policy: Policy, feature: int, side: int, value: float, finding: Floats) -> None:
    """Fill in the finding; the mean before is that of all values less those since the sum began."""
    excess, terms = table.excess[feature, side], table.terms[feature, side]
    learnt, total = table.counts[feature], table.totals[feature, side]
    before = learnt - (terms - 1)
    finding[FEATURE], finding[ROW] = feature, table.rows[feature] - 1
    finding[SINCE], finding[STATISTIC], finding[THRESHOLD] = (
        table.since[feature, side],
        excess,
        policy.threshold,
    )
    finding[PROBABILITY] = math.exp(-2.0 * policy.delta * (excess + OVERSHOOT))
    finding[BEFORE] = (table.means[feature] * learnt - (total - value)) / before
    finding[AFTER] = total / terms


@kernel
def forget(table: Table, feature: int) -> None:
    """Start anew: a new mean is learnt before anything is tested."""
    table.counts[feature] = 0
    table.means[feature] = 0.0
    table.squares[feature] = 0.0
    for side in range(2):
        table.excess[feature, side] = 0.0
        table.since[feature, side] = 0
        table.totals[feature, side] = 0.0
        table.terms[feature, side] = 0

"""KSWIN's sliding window and its two-sample Kolmogorov-Smirnov test."""

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

Floats = NDArray[np.float64]


class Table(NamedTuple):
    """The state: one row of each array per feature; `window` holds values oldest first, from place 0."""

    rows: NDArray[np.int64]
    values: NDArray[np.int64]
    sizes: NDArray[np.int64]
    window: Floats
    window_rows: NDArray[np.int64]


class Policy(NamedTuple):
    """The parameters in the units of the kernel; `level` is that of one test, which counts as `trials`."""

    recent: int
    every: int
    level: float
    trials: float


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
            push(table, feature, value)
            full = table.sizes[feature] == table.window.shape[1]
            if full and table.values[feature] % policy.every == 0:
                found = with_room(found, size)
                if compare(table, policy, feature, found[size]):
                    found[size, FEATURE] = feature
                    found[size, ROW] = table.rows[feature] - 1
                    size += 1
    return found[:size].copy()


@kernel
def push(table: Table, feature: int, value: float) -> None:
    """Add a value to the window; the oldest one leaves a full one."""
    window, rows = table.window[feature], table.window_rows[feature]
    if table.sizes[feature] == len(window):
        for place in range(len(window) - 1):
            window[place] = window[place + 1]
            rows[place] = rows[place + 1]
        table.sizes[feature] -= 1
    window[table.sizes[feature]] = value
    rows[table.sizes[feature]] = table.rows[feature] - 1
    table.sizes[feature] += 1
    table.values[feature] += 1


@kernel
def compare(table: Table, policy: Policy, feature: int, finding: Floats) -> bool:
    """Test the recent values against the older ones; after a drift only the recent ones are kept."""
    window = table.window[feature]
    older = len(window) - policy.recent
    distance = ks_distance(np.sort(window[:older]), np.sort(window[older:]))
    threshold = ks_threshold(policy.level, older, policy.recent)
    if distance <= threshold:
        return False
    probability = ks_probability(distance, older, policy.recent)
    finding[STATISTIC], finding[THRESHOLD] = distance, threshold
    finding[PROBABILITY] = min(probability * policy.trials, 1.0)
    finding[SINCE] = table.window_rows[feature, older]
    finding[BEFORE], finding[AFTER] = window[:older].mean(), window[older:].mean()
    window[: policy.recent] = window[older:].copy()
    table.window_rows[feature, : policy.recent] = table.window_rows[feature, older:].copy()
    table.sizes[feature] = policy.recent
    return True


@kernel
def ks_distance(first: Floats, second: Floats) -> float:
    """The largest distance of the distribution functions of two sorted samples."""
    i, j, largest = 0, 0, 0.0
    while i < len(first) and j < len(second):
        value = min(first[i], second[j])
        while i < len(first) and first[i] <= value:
            i += 1
        while j < len(second) and second[j] <= value:
            j += 1
        largest = max(largest, abs(i / len(first) - j / len(second)))
    return largest


@kernel
def ks_size(first: int, second: int) -> float:
    """What a distance is multiplied with before Kolmogorov's distribution is asked (Stephens 1970)."""
    root = math.sqrt(first * second / (first + second))
    return root + 0.12 + 0.11 / root


@kernel
def ks_probability(distance: float, first: int, second: int) -> float:
    """The probability of at least this distance between samples of one distribution, at least 1e-300."""
    scaled = distance * ks_size(first, second)
    if scaled < 0.3:
        return 1.0
    total, sign = 0.0, 1.0
    for k in range(1, 101):
        term = math.exp(-2.0 * k * k * scaled * scaled)
        total += sign * term
        if term < 1e-17 * total:
            break
        sign = -sign
    return min(max(2.0 * total, 1e-300), 1.0)


@kernel
def ks_threshold(level: float, first: int, second: int) -> float:
    """The distance that has this probability: for levels below 0.2 the first term of the series is enough."""
    return math.sqrt(-0.5 * math.log(0.5 * level)) / ks_size(first, second)

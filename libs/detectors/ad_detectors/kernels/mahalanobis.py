"""A covariance that follows the stream, as its Cholesky factor, and the update of `mahalanobis`.

The factor is stored by columns, each from its diagonal down: column k starts at k * d - k * (k - 1) / 2.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ad_detectors.kernels import ewma
from ad_detectors.kernels.alerts import Output, Policy, Tail, has_value, judge, radius, skip
from ad_detectors.kernels.compile import kernel
from ad_detectors.kernels.draws import uniform

JITTER = 0.03

Floats = NDArray[np.float64]


class Table(NamedTuple):
    """The state beside the levels: the factor and the number of complete rows in it."""

    factor: Floats
    joint: NDArray[np.int64]


class Work(NamedTuple):
    """Room for the deviations of one row, for a solution, and for what updates the factor."""

    deviations: Floats
    solution: Floats
    step: Floats


@kernel
def set_identity(factor: Floats, size: int) -> None:
    """Independent features of variance 1."""
    factor[:] = 0.0
    diagonal = 0
    for column in range(size):
        factor[diagonal] = 1.0
        diagonal += size - column


@kernel
def add_outer(factor: Floats, step: Floats, gain: float) -> None:
    """Make the factor that of (1 - gain) times its matrix plus gain times the step's outer product."""
    size = len(step)
    kept, root = math.sqrt(1.0 - gain), math.sqrt(gain)
    for row in range(size):
        step[row] *= root
    diagonal = 0
    for column in range(size):
        old = factor[diagonal] * kept
        new = math.sqrt(old * old + step[column] * step[column])
        cosine, sine = new / old, step[column] / old
        factor[diagonal] = new
        for row in range(column + 1, size):
            at = diagonal + row - column
            factor[at] = (factor[at] * kept + sine * step[row]) / cosine
            step[row] = cosine * step[row] - sine * factor[at]
        diagonal += size - column


@kernel
def solve(factor: Floats, right: Floats, solution: Floats) -> float:
    """Solve matrix times solution = right; return the product of right and solution, a squared distance."""
    size = len(right)
    solution[:] = right
    squared = 0.0
    diagonal = 0
    for column in range(size):
        solution[column] /= factor[diagonal]
        squared += solution[column] * solution[column]
        for row in range(column + 1, size):
            solution[row] -= factor[diagonal + row - column] * solution[column]
        diagonal += size - column
    for column in range(size - 1, -1, -1):
        diagonal -= size - column
        for row in range(column + 1, size):
            solution[column] -= factor[diagonal + row - column] * solution[row]
        solution[column] /= factor[diagonal]
    return squared


@kernel
def look(levels: ewma.Table, table: Table, slot: int, values: Floats, work: Work, parts: Floats) -> float:
    """The Mahalanobis distance of a row; a feature's part is its term of the squared distance, if positive."""
    settled = False
    for feature in range(len(values)):
        distance = ewma.deviation(levels, slot, feature, values[feature])
        settled = settled or not np.isnan(distance)
        work.deviations[feature] = 0.0 if np.isnan(distance) else distance
    if not settled:
        return math.nan
    if table.joint[slot] == 0:
        set_identity(table.factor[slot], len(values))
    squared = solve(table.factor[slot], work.deviations, work.solution)
    for feature in range(len(values)):
        parts[feature] = max(work.deviations[feature] * work.solution[feature], 0.0)
    return min(math.sqrt(squared), ewma.LARGEST_DEVIATION)


@kernel
def learn(levels: ewma.Table, table: Table, slot: int, gain: float, values: Floats, work: Work) -> None:
    """Follow the covariance of complete rows, and the levels of every value.

    A deviation counts for four standard deviations at most, and a jitter of 3 % keeps features that are sums
    of others from making the covariance singular.
    """
    size, joint = len(values), table.joint[slot]
    complete = True
    for feature in range(size):
        distance = ewma.deviation(levels, slot, feature, values[feature])
        complete = complete and not np.isnan(distance)
        distance = min(max(distance, -ewma.FARTHEST_STEP), ewma.FARTHEST_STEP)
        sign = 1.0 if uniform(np.uint64(joint), feature) < 0.5 else -1.0
        work.step[feature] = distance + sign * JITTER
    if complete:
        if joint == 0:
            set_identity(table.factor[slot], size)
        add_outer(table.factor[slot], work.step, max(gain, 1.0 / (joint + size + 1.0)))
        table.joint[slot] = joint + 1
    ewma.learn_levels(levels, slot, gain, values)


@kernel
def update_rows(
    levels: ewma.Table,
    table: Table,
    tail: Tail,
    policy: Policy,
    gain: float,
    slots: NDArray[np.int64],
    matrix: Floats,
    output: Output,
) -> None:
    """Score each row by the state of its slot, decide on an alert, then learn from the row."""
    width = matrix.shape[1]
    work = Work(np.zeros(width), np.zeros(width), np.zeros(width))
    for row in range(len(slots)):
        slot = slots[row]
        ewma.expect_levels(levels, slot, radius(tail, policy, slot), row, output)
        if not has_value(matrix[row]):
            skip(tail, policy, slot, row, output)
            continue
        raw = look(levels, table, slot, matrix[row], work, output.contributions[row])
        judge(tail, policy, slot, raw, row, output)
        learn(levels, table, slot, gain, matrix[row], work)

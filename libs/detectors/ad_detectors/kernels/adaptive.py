"""The update of the streaming detector `adaptive`: rows one after the other, entities in slots."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ad_detectors.kernels.compile import kernel
from ad_detectors.kernels.novelty import (
    count_novelty,
    insert_position,
    nearest,
    radius_of,
    remember,
    tail_probability,
)

Floats = NDArray[np.float64]


class Table(NamedTuple):
    """The state: one row of each array per entity."""

    known: Floats
    sizes: NDArray[np.int32]
    counts: NDArray[np.int32]
    seen: NDArray[np.int64]
    largest: Floats
    alerted: Floats
    rows: NDArray[np.int64]
    pause: NDArray[np.int64]


class Policy(NamedTuple):
    """The parameters in the units of the kernel."""

    warm_up: int
    level: float
    pause_share: float
    longest_pause: int
    breakthrough: float
    memory: int


class Output(NamedTuple):
    """What is written for each row."""

    score: Floats
    probability: Floats
    anomaly: NDArray[np.bool_]
    cold: NDArray[np.bool_]
    expected: Floats
    lower: Floats
    upper: Floats
    contributions: Floats


@kernel
def update_rows(
    table: Table, policy: Policy, slots: NDArray[np.int64], matrix: Floats, output: Output
) -> None:
    """Score each row by the state of its slot, decide on an alert, then learn from the row."""
    width = matrix.shape[1]
    novelty = np.zeros(width)
    for row in range(len(slots)):
        slot = slots[row]
        surprise = 0.0
        smallest = 1.0
        for feature in range(width):
            probability = look(table, policy, slot, feature, matrix[row, feature], novelty, row, output)
            output.contributions[row, feature] = -math.log10(probability)
            surprise += output.contributions[row, feature]
            smallest = min(smallest, probability)
        output.cold[row] = table.rows[slot] < policy.warm_up
        if output.cold[row]:
            output.contributions[row, :] = 0.0
        else:
            # Bonferroni: the least probable of d features is d times as probable by chance.
            output.probability[row] = min(smallest * width, 1.0)
            output.score[row] = -math.log10(output.probability[row]) + 0.0
            share = output.score[row] / surprise if surprise > 0.0 else 0.0
            for feature in range(width):
                output.contributions[row, feature] *= share
            output.anomaly[row] = alert(table, policy, slot, output.probability[row], novelty)
        learn(table, policy, slot, matrix[row], novelty)


@kernel
def look(
    table: Table,
    policy: Policy,
    slot: int,
    feature: int,
    value: float,
    novelty: Floats,
    row: int,
    output: Output,
) -> float:
    """Write the novelty of one value and what was expected instead; return its tail probability."""
    novelty[feature] = 0.0
    size = table.sizes[slot, feature]
    if size == 0:
        return 1.0
    known = table.known[slot, feature]
    at = value if not np.isnan(value) else known[size // 2]
    expected = nearest(known, size, insert_position(known, size, at), at)
    counts, seen, largest = (
        table.counts[slot, feature],
        table.seen[slot, feature],
        table.largest[slot, feature],
    )
    radius = radius_of(counts, seen, largest, policy.level / len(novelty))
    output.expected[row, feature] = expected
    output.lower[row, feature] = expected - radius
    output.upper[row, feature] = expected + radius
    novelty[feature] = abs(at - expected)
    return tail_probability(counts, seen, largest, novelty[feature])


@kernel
def alert(table: Table, policy: Policy, slot: int, probability: float, novelty: Floats) -> bool:
    """Alert, and pause, when improbable; within a pause only for something far more novel than its cause."""
    improbable = probability < policy.level
    if table.pause[slot] > 0:
        table.pause[slot] -= 1
        far = False
        for feature in range(len(novelty)):
            far = far or novelty[feature] > policy.breakthrough * table.alerted[slot, feature]
        improbable = improbable and far
    if improbable:
        table.alerted[slot, :] = novelty
        table.pause[slot] = min(int(policy.pause_share * table.rows[slot]), policy.longest_pause)
    return improbable


@kernel
def learn(table: Table, policy: Policy, slot: int, values: Floats, novelty: Floats) -> None:
    """Count the novelties and remember the values of one row; a missing value teaches nothing."""
    table.rows[slot] += 1
    for feature in range(len(values)):
        if np.isnan(values[feature]):
            continue
        size = table.sizes[slot, feature]
        if size > 0:
            table.seen[slot, feature] = count_novelty(
                table.counts[slot, feature], novelty[feature], table.seen[slot, feature], policy.memory
            )
            table.largest[slot, feature] = max(table.largest[slot, feature], novelty[feature])
        if size == 0 or novelty[feature] > 0.0:
            known = table.known[slot, feature]
            position = insert_position(known, size, values[feature])
            table.sizes[slot, feature] = remember(known, size, position, values[feature])

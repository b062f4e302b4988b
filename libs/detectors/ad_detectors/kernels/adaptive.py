"""The update of the streaming detector `adaptive`: rows one after the other, entities in slots."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ad_detectors.kernels.adaptive_season import LARGEST_COUNT, close_hour, hour_of_week, usual
from ad_detectors.kernels.alerts import Output, Policy
from ad_detectors.kernels.compile import kernel
from ad_detectors.kernels.excess import excess_probability, learn_excess, started
from ad_detectors.kernels.novelty import (
    count_novelty,
    insert_position,
    nearest,
    radius_of,
    raised_top,
    remember,
    tail_probability,
)

VALUE, SEASON, SMOOTH = 0, 1, 2
"""Channels: the value, its distance from what is usual at this hour of the week, then smoothed values."""

SETTLED, STRICTNESS = 200, 0.4
"""An alert must be less probable by (rows / SETTLED) to this power, so that a long history brings few."""

Floats = NDArray[np.float64]


class Table(NamedTuple):
    """The state: one row of each array per entity, then per feature, then per channel."""

    known: NDArray[np.float32]
    sizes: NDArray[np.int16]
    counts: NDArray[np.int16]
    tops: NDArray[np.int16]
    seen: NDArray[np.int16]
    largest: NDArray[np.float32]
    levels: NDArray[np.float32]
    origin: Floats
    profile: NDArray[np.uint16]
    hour: NDArray[np.uint8]
    within: NDArray[np.int16]
    rows: NDArray[np.int64]
    alert_row: NDArray[np.int64]
    alert_score: NDArray[np.float32]
    exceeded: NDArray[np.float32]
    excess: NDArray[np.float32]


class Scratch(NamedTuple):
    """What is known of one row, by feature and channel: reused from row to row."""

    position: Floats
    slope: Floats
    closest: Floats
    evidence: Floats


@kernel
def update_rows(
    table: Table,
    policy: Policy,
    slots: NDArray[np.int64],
    matrix: Floats,
    time_ms: NDArray[np.int64],
    output: Output,
) -> None:
    """Score each row by the state of its slot, decide on an alert, then learn from the row."""
    width = matrix.shape[1]
    shape = (width, table.known.shape[2])
    scratch = Scratch(np.zeros(shape), np.zeros(shape), np.zeros(shape), np.zeros(shape))
    penalty = math.log10(width)
    level = -math.log10(policy.level)
    for row in range(len(slots)):
        slot = slots[row]
        hour = hour_of_week(time_ms[row])
        total = 0.0
        largest = 0.0
        looked = False
        for feature in range(width):
            value = matrix[row, feature]
            surprise = 0.0
            if table.sizes[slot, feature, VALUE] > 0:
                if not np.isnan(value):
                    looked = True
                    turn_hour(table, slot, feature, hour)
                    surprise = look(table, slot, feature, hour, value, scratch)
                expect(table, level + penalty, slot, feature, row, value, surprise, scratch, output)
            output.contributions[row, feature] = surprise
            total += surprise
            largest = max(largest, surprise)
        score = 0.0
        output.cold[row] = table.rows[slot] < policy.warm_up
        if looked and not output.cold[row]:
            # Bonferroni: the least probable of d features is d times as probable by chance.
            score = max(math.sqrt(math.sqrt(largest)) - penalty, 0.0)
            output.anomaly[row] = alert(table, policy, slot, score)
            output.probability[row] = count_score(table, policy, slot, score)
        output.score[row] = score
        for feature in range(width):
            output.contributions[row, feature] *= score / total if score > 0.0 else 0.0
            if not np.isnan(matrix[row, feature]):
                learn(table, policy.history, slot, feature, hour, matrix[row, feature], scratch)
        table.rows[slot] += 1


@kernel
def count_score(table: Table, policy: Policy, slot: int, score: float) -> float:
    """The share of the entity's rows that score as high, which then counts this one too."""
    level, mean = started(float(table.exceeded[slot]), float(table.excess[slot]))
    rows = float(min(table.rows[slot] - policy.warm_up, policy.history))
    table.exceeded[slot], table.excess[slot] = learn_excess(level, mean, score, rows)
    return excess_probability(level, mean, score, rows)


@kernel
def turn_hour(table: Table, slot: int, feature: int, hour: int) -> None:
    """When the hour has changed, put the mean of the last one into the profile."""
    before = int(table.hour[slot, feature])
    if hour != before:
        if table.within[slot, feature] > 0:
            close_hour(table.profile[slot, feature], before, float(table.levels[slot, feature, SEASON]))
        table.hour[slot, feature] = hour
        table.within[slot, feature] = 0


@kernel
def look(table: Table, slot: int, feature: int, hour: int, value: float, scratch: Scratch) -> float:
    """The fourth power of the surprise of one value, a soft maximum of that of its channels.

    Each channel sees the value at a position, which moves by `slope` when the value moves by 1.
    """
    channels = table.known.shape[2]
    levels = table.levels[slot, feature]
    offset = value - table.origin[slot, feature]
    total = 0.0
    for channel in range(channels):
        position, slope, weight = offset, 1.0, 1.0
        if channel == SEASON:
            within = int(table.within[slot, feature])
            position -= usual(table.profile[slot, feature], hour, float(levels[SEASON]), within, offset)
        elif channel >= SMOOTH:
            slope = max(4.0 ** (SMOOTH - 1 - channel), 1.0 / (table.rows[slot] + 1))
            position = levels[channel] + slope * (offset - levels[channel])
            weight = 1.0 / (channels - SMOOTH)
        # Rounded as it will be remembered, so that the same value again is no novelty.
        scratch.position[feature, channel] = np.float32(position)
        position = scratch.position[feature, channel]
        known, size = table.known[slot, feature, channel], int(table.sizes[slot, feature, channel])
        closest = nearest(known, size, insert_position(known, size, position), position)
        probability = tail_probability(
            table.counts[slot, feature, channel],
            int(table.tops[slot, feature, channel]),
            int(table.seen[slot, feature, channel]),
            float(table.largest[slot, feature, channel]),
            abs(position - closest),
        )
        scratch.slope[feature, channel] = slope
        scratch.closest[feature, channel] = closest
        scratch.evidence[feature, channel] = weight * math.log10(probability) ** 4
        total += scratch.evidence[feature, channel]
    return total


@kernel
def expect(
    table: Table,
    level: float,
    slot: int,
    feature: int,
    row: int,
    value: float,
    surprise: float,
    scratch: Scratch,
    output: Output,
) -> None:
    """Write the nearest value that would have been no surprise to the most surprised channel, and bounds.

    The bounds are where the surprise of the value reaches the level, the other channels staying as they are.
    """
    channels = table.known.shape[2]
    channel = VALUE
    closest = value
    slope = 1.0
    allowed = level**4
    if np.isnan(value):
        middle = int(table.sizes[slot, feature, VALUE]) // 2
        closest = table.origin[slot, feature] + table.known[slot, feature, VALUE, middle]
    else:
        for other in range(1, channels):
            if scratch.evidence[feature, other] > scratch.evidence[feature, channel]:
                channel = other
        slope = scratch.slope[feature, channel]
        closest += (scratch.closest[feature, channel] - scratch.position[feature, channel]) / slope
        allowed = max(allowed - (surprise - scratch.evidence[feature, channel]), 0.0)
        if channel >= SMOOTH:
            allowed *= channels - SMOOTH
    radius = radius_of(
        table.counts[slot, feature, channel],
        int(table.tops[slot, feature, channel]),
        int(table.seen[slot, feature, channel]),
        float(table.largest[slot, feature, channel]),
        10.0 ** -math.sqrt(math.sqrt(allowed)),
    )
    output.expected[row, feature] = closest
    output.lower[row, feature] = closest - radius / slope
    output.upper[row, feature] = closest + radius / slope


@kernel
def alert(table: Table, policy: Policy, slot: int, score: float) -> bool:
    """Whether the score is above a bar that rises with the number of rows and, for a time, after an alert."""
    rows = table.rows[slot]
    settled = min(rows, policy.history) / SETTLED
    surprise = score - (STRICTNESS * math.log10(settled) if settled > 1.0 else 0.0)
    level = -math.log10(policy.level)
    bar = level
    pause = min(policy.pause_share * rows, policy.longest_pause)
    elapsed = rows - table.alert_row[slot]
    if table.alert_row[slot] > 0 and elapsed < pause:
        height = table.alert_score[slot] + math.log10(policy.breakthrough) - level
        bar += max(math.log10(pause / elapsed), height * (1.0 - 2.0 * elapsed / pause))
    if surprise <= bar:
        return False
    table.alert_row[slot] = rows
    table.alert_score[slot] = surprise
    return True


@kernel
def learn(
    table: Table, history: int, slot: int, feature: int, hour: int, value: float, scratch: Scratch
) -> None:
    """Count the novelties of one value, remember its positions, move the smoothed values and the hour's mean."""
    levels = table.levels[slot, feature]
    first = table.sizes[slot, feature, VALUE] == 0
    if first:
        table.origin[slot, feature] = value
        table.hour[slot, feature] = hour
    for channel in range(table.known.shape[2]):
        position = 0.0 if first else scratch.position[feature, channel]
        novelty = 0.0 if first else abs(position - scratch.closest[feature, channel])
        if not first:
            counts, seen = table.counts[slot, feature, channel], int(table.seen[slot, feature, channel])
            top = raised_top(counts, int(table.tops[slot, feature, channel]), seen, novelty)
            table.tops[slot, feature, channel] = top
            table.seen[slot, feature, channel] = count_novelty(counts, top, novelty, seen, history)
            table.largest[slot, feature, channel] = max(table.largest[slot, feature, channel], novelty)
        if first or novelty > 0.0:
            known, size = table.known[slot, feature, channel], int(table.sizes[slot, feature, channel])
            place = insert_position(known, size, position)
            table.sizes[slot, feature, channel] = remember(known, size, place, position)
        if channel >= SMOOTH:
            levels[channel] = position
    within = int(table.within[slot, feature]) + 1
    levels[SEASON] += (value - table.origin[slot, feature] - levels[SEASON]) / within
    table.within[slot, feature] = min(within, LARGEST_COUNT)

"""Distance of a row from the nearest of those kept, and the update of `nearest_neighbor`."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ad_detectors.kernels import ewma
from ad_detectors.kernels.alerts import Output, Policy, Tail, has_value, judge, radius, skip
from ad_detectors.kernels.compile import kernel

NOVEL = 3.0
FARTHEST_STEP = 4.0
NOBODY = -1

Floats = NDArray[np.float64]


class Table(NamedTuple):
    """The state beside the levels: rows kept, when each was last nearest, usual novelty and its count."""

    kept: Floats
    used: NDArray[np.int64]
    usual: Floats
    held: NDArray[np.int64]
    novelties: NDArray[np.int64]


@kernel
def squared_distance(values: Floats, kept: Floats, scale: Floats) -> float:
    """Squared distance over the features that both have, scaled up to all; infinite where there are none."""
    total, shared = 0.0, 0
    for feature in range(len(values)):
        step = (values[feature] - kept[feature]) * scale[feature]
        if not np.isnan(step):
            total += step * step
            shared += 1
    return total * len(values) / shared if shared > 0 else np.inf


@kernel
def nearest(kept: Floats, held: int, values: Floats, scale: Floats) -> tuple[int, float]:
    """The first of the nearest rows and its distance; NOBODY where no row shares a feature."""
    best, lowest = NOBODY, np.inf
    for place in range(held):
        squared = squared_distance(values, kept[place], scale)
        if squared < lowest:
            best, lowest = place, squared
    return best, math.sqrt(lowest)


@kernel
def last_used(used: NDArray[np.int64], held: int) -> int:
    """The row that was nearest most recently; NOBODY where none is held."""
    best = NOBODY
    for place in range(held):
        if best == NOBODY or used[place] > used[best]:
            best = place
    return best


@kernel
def least_used(used: NDArray[np.int64]) -> int:
    """The row that has not been nearest for the longest time."""
    best = 0
    for place in range(len(used)):
        if used[place] < used[best]:
            best = place
    return best


@kernel
def expect_kept(
    table: Table, slot: int, place: int, reach: float, scale: Floats, row: int, output: Output
) -> None:
    """Write a kept row as the expected one, with bounds at a distance."""
    if place == NOBODY:
        return
    for feature in range(len(scale)):
        expected = table.kept[slot, place, feature]
        output.expected[row, feature] = expected
        output.lower[row, feature] = expected - reach / scale[feature]
        output.upper[row, feature] = expected + reach / scale[feature]


@kernel
def novelty_ratio(novelty: float, usual: float, known: int) -> float:
    """A novelty in units of the usual one; NaN while that is not settled."""
    if known < ewma.SETTLED or not np.isfinite(novelty):
        return math.nan
    if novelty == 0.0:
        return 0.0
    return min(novelty / (usual + 1e-300), ewma.LARGEST_DEVIATION)


@kernel
def keep(table: Table, slot: int, place: int, novelty: float, values: Floats, now: int) -> None:
    """Give the row a place: a free one, that of its nearest, or, if novel, that of the least used.

    So the places follow what is usual, and a region is forgotten only when others need its place.
    """
    held = table.held[slot]
    novel = place == NOBODY or novelty > NOVEL * table.usual[slot]
    if held < table.kept.shape[1] and (place == NOBODY or novelty > 0.0):
        place = held
        table.held[slot] = held + 1
    elif novel:
        place = least_used(table.used[slot])
    table.kept[slot, place] = values
    table.used[slot, place] = now


@kernel
def count_usual(table: Table, slot: int, gain: float, novelty: float) -> None:
    """Follow the mean novelty; one counts four times the mean at most."""
    usual, known = table.usual[slot], table.novelties[slot]
    if known >= ewma.SETTLED and usual > 0.0:
        novelty = min(novelty, FARTHEST_STEP * usual)
    table.usual[slot] = usual + max(gain, 1.0 / (known + 1.0)) * (novelty - usual)
    table.novelties[slot] = known + 1


@kernel
def look(table: Table, slot: int, place: int, values: Floats, scale: Floats, parts: Floats) -> None:
    """Write the squared differences from the nearest row as the parts."""
    for feature in range(len(values)):
        step = (values[feature] - table.kept[slot, place, feature]) * scale[feature]
        parts[feature] = 0.0 if np.isnan(step) else step * step


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
    scale = np.zeros(matrix.shape[1])
    for row in range(len(slots)):
        slot, values = slots[row], matrix[row]
        for feature in range(len(scale)):
            spread = ewma.spread_of(levels.level[slot, feature], levels.variance[slot, feature])
            scale[feature] = min(1.0 / spread, 1e100)
        reach = radius(tail, policy, slot) * table.usual[slot]
        if not has_value(values):
            expect_kept(table, slot, last_used(table.used[slot], table.held[slot]), reach, scale, row, output)
            skip(tail, policy, slot, row, output)
            continue
        place, novelty = nearest(table.kept[slot], table.held[slot], values, scale)
        expect_kept(table, slot, place, reach, scale, row, output)
        if place != NOBODY:
            look(table, slot, place, values, scale, output.contributions[row])
        now = tail.rows[slot]
        ratio = novelty_ratio(novelty, table.usual[slot], table.novelties[slot])
        judge(tail, policy, slot, ratio, row, output)
        keep(table, slot, place, novelty, values, now)
        # Before the scales have settled, a novelty says nothing, and could be off by any factor.
        if place != NOBODY and now >= ewma.SETTLED:
            count_usual(table, slot, gain, novelty)
        ewma.learn_levels(levels, slot, gain, values)

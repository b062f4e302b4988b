"""Half-space trees: masses of the last window in the cells of random halvings, and their update.

The halvings are drawn once for a number of features and shared by all entities; an entity has only its
window, the range of its values and the masses.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ad_detectors.kernels.alerts import Output, Policy, Tail, has_value, judge, skip
from ad_detectors.kernels.compile import kernel
from ad_detectors.kernels.order import insert_sorted

FIRST_WINDOW = 16
OUTSIDE = 0.02
SMALL = 0.1
WIDER = 0.5
FARTHEST = 1e12

Floats = NDArray[np.float64]


class Trees(NamedTuple):
    """Feature and threshold of the inner nodes by tree, breadth first; log2(i + 1/2) for masses i."""

    feature: NDArray[np.int64]
    threshold: Floats
    log_mass: Floats


class Table(NamedTuple):
    """The state: one row of each array per entity."""

    level: Floats
    low: Floats
    width: Floats
    window: Floats
    mass: NDArray[np.int16]
    held: NDArray[np.int64]
    seen: NDArray[np.int64]
    due: NDArray[np.int64]


class Work(NamedTuple):
    """Room for one row as the trees see it, and for one sorted column."""

    point: Floats
    column: Floats


@kernel
def place(table: Table, slot: int, values: Floats, point: Floats) -> None:
    """A row on the scale of its entity: 0 to 1 is where most values lie; a missing one is the median.

    A feature that had no value in any window yet is at 0: nothing can be said of it.
    """
    for feature in range(len(values)):
        value, width = values[feature], table.width[slot, feature]
        if np.isnan(value):
            value = table.level[slot, feature]
        point[feature] = (value - table.low[slot, feature]) / width if width > 0.0 else 0.0


@kernel
def add_point(trees: Trees, mass: NDArray[np.int16], point: Floats) -> None:
    """One more row in every cell that holds the point."""
    inner = trees.feature.shape[1]
    for tree in range(mass.shape[0]):
        node = 0
        while node < inner:
            mass[tree, node] += 1
            right = point[trees.feature[tree, node]] > trees.threshold[tree, node]
            node = 2 * node + 1 + right
        mass[tree, node] += 1


@kernel
def set_range(table: Table, slot: int, feature: int, held: int, column: Floats) -> None:
    """The median and the range of all but the outermost values of the window; as before where all lack."""
    size = 0
    for place_in_window in range(held):
        value = table.window[slot, place_in_window, feature]
        if not np.isnan(value):
            size = insert_sorted(column, size, value)
    if size > 0:
        cut = int(OUTSIDE * size)
        low, high = column[cut], column[size - 1 - cut]
        table.level[slot, feature] = column[size // 2]
        table.low[slot, feature] = low
        table.width[slot, feature] = max(high - low, 1e-9 * abs(table.level[slot, feature]) + 1e-300)


@kernel
def renew(trees: Trees, table: Table, slot: int, work: Work) -> None:
    """Make the window the reference: its range, and its masses in that range."""
    length = table.window.shape[1]
    held = min(table.seen[slot], length)
    for feature in range(table.level.shape[1]):
        set_range(table, slot, feature, held, work.column)
    table.mass[slot] = 0
    for row in range(held):
        place(table, slot, table.window[slot, row], work.point)
        add_point(trees, table.mass[slot], work.point)
    table.held[slot] = held
    table.due[slot] = table.seen[slot] + held


@kernel
def sparsity(trees: Trees, mass: NDArray[np.int16], held: int, point: Floats, parts: Floats) -> float:
    """-log2 of the density around a point relative to even, mean of the trees; parts: by feature of the cuts.

    A walk ends in the first cell with few rows, which holds half a row more than were counted: so an empty
    cell is the sparser the larger it is. One at the border is as large as to reach the point.
    """
    inner = trees.feature.shape[1]
    parts[:] = 0.0
    whole = trees.log_mass[held]
    total = 0.0
    for tree in range(mass.shape[0]):
        node, above = 0, whole
        while node < inner and mass[tree, node] > SMALL * held:
            feature = trees.feature[tree, node]
            node = 2 * node + 1 + (point[feature] > trees.threshold[tree, node])
            below = trees.log_mass[mass[tree, node]]
            parts[feature] += above - below - 1.0
            total += above - below - 1.0
            above = below
    for feature in range(len(parts)):
        farther = overshoot(point[feature]) * mass.shape[0]
        total += farther
        parts[feature] = max(parts[feature] + farther, 0.0)
    return float(total / mass.shape[0])


@kernel
def overshoot(position: float) -> float:
    """How much larger a cell is, in halvings, that reaches from the range 0 to 1 to a point outside of it."""
    beyond = min(max(-position, position - 1.0), FARTHEST)
    return math.log2(1.0 + beyond) if beyond > 0.0 else 0.0


@kernel
def look(
    trees: Trees, table: Table, slot: int, values: Floats, row: int, work: Work, output: Output
) -> float:
    """Twice the root of the relative sparsity around a row, which puts its range into the buckets."""
    held = table.held[slot]
    if held == 0:
        return math.nan
    place(table, slot, values, work.point)
    found = sparsity(trees, table.mass[slot], held, work.point, output.contributions[row])
    return 2.0 * math.sqrt(math.pow(2.0, found))


@kernel
def expect_range(table: Table, slot: int, row: int, output: Output) -> None:
    """Write the medians of the reference window, with its range widened as bounds."""
    for feature in range(table.level.shape[1]):
        low, width = table.low[slot, feature], table.width[slot, feature]
        if width == 0.0:
            continue
        output.expected[row, feature] = table.level[slot, feature]
        output.lower[row, feature] = low - WIDER * width
        output.upper[row, feature] = low + (1.0 + WIDER) * width


@kernel
def learn(trees: Trees, table: Table, slot: int, values: Floats, work: Work) -> None:
    """Put the row into the window, which becomes the reference when it is due."""
    seen = table.seen[slot]
    table.window[slot, seen % table.window.shape[1]] = values
    table.seen[slot] = seen + 1
    if table.seen[slot] >= max(table.due[slot], FIRST_WINDOW):
        renew(trees, table, slot, work)


@kernel
def update_rows(
    trees: Trees,
    table: Table,
    tail: Tail,
    policy: Policy,
    slots: NDArray[np.int64],
    matrix: Floats,
    output: Output,
) -> None:
    """Score each row by the state of its slot, decide on an alert, then learn from the row."""
    work = Work(np.zeros(matrix.shape[1]), np.zeros(table.window.shape[1]))
    for row in range(len(slots)):
        slot = slots[row]
        expect_range(table, slot, row, output)
        if not has_value(matrix[row]):
            skip(tail, policy, slot, row, output)
            continue
        judge(tail, policy, slot, look(trees, table, slot, matrix[row], row, work, output), row, output)
        learn(trees, table, slot, matrix[row], work)

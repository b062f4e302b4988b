"""The update of the streaming detector `random_cut_forest`."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ad_detectors.kernels import ewma
from ad_detectors.kernels.alerts import Output, Policy, Tail, has_value, judge, skip
from ad_detectors.kernels.compile import kernel
from ad_detectors.kernels.draws import mixed, uniform
from ad_detectors.kernels.random_cut_tree import NOBODY, Forest, delete, insert, score_point

LARGEST_WEIGHT = 1e30

Floats = NDArray[np.float64]


class Table(NamedTuple):
    """The rest of the state: origin of the coordinates, the last rows, points seen."""

    origin: Floats
    recent: NDArray[np.float32]
    seen: NDArray[np.int64]


class Rule(NamedTuple):
    """Parameters: trees per entity, share of points that a full one takes, seed, gain of the scales."""

    trees: int
    renewal: float
    seed: int
    gain: float


class Work(NamedTuple):
    """Room for one point and the weights of its axes."""

    point: NDArray[np.float32]
    weight: Floats


@kernel
def arrive(levels: ewma.Table, table: Table, slot: int, values: Floats, work: Work) -> None:
    """Make the point of a row: the last rows and this one; a missing value is the last one of its feature.

    The axes are weighted by their features' spread, since cuts are drawn in proportion to extent.
    """
    width, axes = len(values), len(work.point)
    recent = table.recent[slot]
    for axis in range(axes - width):
        work.point[axis] = recent[axis + width]
    for feature in range(width):
        if np.isnan(values[feature]):
            work.point[axes - width + feature] = recent[axes - width + feature]
            continue
        if levels.known[slot, feature] == 0:
            table.origin[slot, feature] = values[feature]
        work.point[axes - width + feature] = values[feature] - table.origin[slot, feature]
    for axis in range(axes):
        level, variance = levels.level[slot, axis % width], levels.variance[slot, axis % width]
        work.weight[axis] = 1.0 if width == 1 else min(1.0 / ewma.spread_of(level, variance), LARGEST_WEIGHT)
    recent[:] = work.point


@kernel
def look(forest: Forest, trees: int, slot: int, size: int, work: Work, parts: Floats) -> float:
    """The mean score of the trees, 1 or so for a usual point, squared."""
    if size < ewma.SETTLED:
        return math.nan
    total = 0.0
    for tree in range(slot * trees, (slot + 1) * trees):
        total += score_point(forest, tree, work.point, work.weight, parts)
    score = total / trees * math.log2(size + 1.0)
    return score * score


@kernel
def learn(forest: Forest, slot: int, seen: int, rule: Rule, work: Work) -> None:
    """Each tree takes the point, at its own chance once it is full, for a point drawn at random."""
    sample = forest.points.shape[1]
    chance = max(sample / (seen + 1.0), rule.renewal)
    row_key = mixed(np.uint64(rule.seed), seen)
    for number in range(rule.trees):
        tree, key = slot * rule.trees + number, mixed(row_key, number)
        leaf, cut = seen, sample + seen - 1
        if seen >= sample:
            if uniform(key, -1) >= chance:
                continue
            leaf = int(uniform(key, -2) * sample)
            cut = delete(forest, tree, leaf)
        forest.points[tree, leaf, :] = work.point
        if seen == 0:
            forest.root[tree], forest.parent[tree, 0] = 0, NOBODY
        else:
            insert(forest, tree, leaf, cut, work.weight, key)


@kernel
def expect_sample(
    forest: Forest, tree: int, levels: ewma.Table, table: Table, slot: int, row: int, output: Output
) -> None:
    """Write the levels, with the range of the newest values in the first tree's sample as bounds."""
    if table.seen[slot] < 2:
        return
    sample, axes = forest.points.shape[1:3]
    width = levels.level.shape[1]
    root = forest.root[tree] - sample
    for feature in range(width):
        axis = axes - width + feature
        origin = table.origin[slot, feature]
        output.lower[row, feature] = origin + forest.low[tree, root, axis]
        output.upper[row, feature] = origin + forest.high[tree, root, axis]
        middle = max(levels.level[slot, feature], output.lower[row, feature])
        output.expected[row, feature] = min(middle, output.upper[row, feature])


@kernel
def update_rows(
    forest: Forest,
    levels: ewma.Table,
    table: Table,
    tail: Tail,
    policy: Policy,
    rule: Rule,
    slots: NDArray[np.int64],
    matrix: Floats,
    output: Output,
) -> None:
    """Score each row by the state of its slot, decide on an alert, then learn from the row."""
    axes = forest.points.shape[2]
    work = Work(np.zeros(axes, np.float32), np.zeros(axes))
    filled = axes // matrix.shape[1] - 1
    for row in range(len(slots)):
        slot = slots[row]
        expect_sample(forest, slot * rule.trees, levels, table, slot, row, output)
        if not has_value(matrix[row]):
            skip(tail, policy, slot, row, output)
            continue
        arrive(levels, table, slot, matrix[row], work)
        seen = table.seen[slot]
        whole = tail.rows[slot] >= filled
        size = min(seen, forest.points.shape[1])
        raw = look(forest, rule.trees, slot, size, work, output.contributions[row])
        judge(tail, policy, slot, raw, row, output)
        ewma.learn_levels(levels, slot, rule.gain, matrix[row])
        if whole:
            learn(forest, slot, seen, rule, work)
            table.seen[slot] = seen + 1

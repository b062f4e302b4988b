"""Robust random cut trees over samples of points: score, insert and delete in plain arrays.

Nodes 0 to sample - 1 are leaves, one point each; the others, from `sample` on, are cuts. A tree of one point
has that leaf as its root. Where all points below a node are equal, its box has no extent and its cut means
nothing: walks end there.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ad_detectors.kernels.compile import kernel
from ad_detectors.kernels.draws import uniform

NOBODY = -1

Point = NDArray[np.float32]
Floats = NDArray[np.float64]


class Forest(NamedTuple):
    """All trees, one row of each array per tree: points by leaf; box, cut, children and mass by cut."""

    points: NDArray[np.float32]
    low: NDArray[np.float32]
    high: NDArray[np.float32]
    cut_value: NDArray[np.float32]
    cut_at: NDArray[np.int32]
    left: NDArray[np.int16]
    right: NDArray[np.int16]
    mass: NDArray[np.int16]
    parent: NDArray[np.int16]
    root: NDArray[np.int16]


# Arrays are indexed by tree and node throughout: a slice for each tree or box would cost more than its use.


@kernel
def extents(forest: Forest, tree: int, node: int, point: Point, weight: Floats) -> tuple[float, float]:
    """The weighted extent of a node's box, and how much it would grow by a point."""
    inside, outside = 0.0, 0.0
    here = node - forest.points.shape[1]
    if here < 0:
        for axis in range(len(point)):
            outside += abs(point[axis] - forest.points[tree, node, axis]) * weight[axis]
        return 0.0, outside
    for axis in range(len(point)):
        low, high = forest.low[tree, here, axis], forest.high[tree, here, axis]
        inside += (high - low) * weight[axis]
        outside += max(low - point[axis], point[axis] - high, np.float32(0.0)) * weight[axis]
    return inside, outside


@kernel
def corners(forest: Forest, tree: int, node: int, axis: int) -> tuple[np.float32, np.float32]:
    """The range of all points below a node in one axis."""
    here = node - forest.points.shape[1]
    if here < 0:
        return forest.points[tree, node, axis], forest.points[tree, node, axis]
    return forest.low[tree, here, axis], forest.high[tree, here, axis]


@kernel
def mass_of(forest: Forest, tree: int, node: int) -> int:
    """The number of points below a node."""
    here = node - forest.points.shape[1]
    return 1 if here < 0 else int(forest.mass[tree, here])


@kernel
def score_point(forest: Forest, tree: int, point: Point, weight: Floats, parts: Floats) -> float:
    """The expected 1 / (depth + 1) at which a point would be cut off, over all cuts that are possible.

    Add to the parts of the features what their axes have in it; axis i belongs to feature i mod features.
    """
    node, depth, reach, total = int(forest.root[tree]), 0, 1.0, 0.0
    while True:
        inside, outside = extents(forest, tree, node, point, weight)
        if outside > 0.0:
            gain = reach * (outside / (inside + outside)) / (depth + 1.0)
            total += gain
            if len(parts) > 1:
                blame(forest, tree, node, point, weight, gain / outside, parts)
        if inside == 0.0:
            if outside == 0.0:
                total += reach / (depth + math.log2(mass_of(forest, tree, node) + 1.0))
            return total
        reach *= inside / (inside + outside)
        node = child(forest, tree, node, point)
        depth += 1


@kernel
def child(forest: Forest, tree: int, node: int, point: Point) -> int:
    """The node below, on the side of a cut where the point is."""
    here = node - forest.points.shape[1]
    if point[forest.cut_at[tree, here]] <= forest.cut_value[tree, here]:
        return int(forest.left[tree, here])
    return int(forest.right[tree, here])


@kernel
def blame(
    forest: Forest, tree: int, node: int, point: Point, weight: Floats, unit: float, parts: Floats
) -> None:
    """Add the part of each axis that lies outside of a box."""
    features = len(parts)
    for first in range(0, len(point), features):
        for feature in range(features):
            axis = first + feature
            low, high = corners(forest, tree, node, axis)
            beyond = max(low - point[axis], point[axis] - high, np.float32(0.0))
            parts[feature] += unit * weight[axis] * beyond


@kernel
def insert(forest: Forest, tree: int, leaf: int, cut: int, weight: Floats, key: np.uint64) -> None:
    """Put the point of a free leaf into a tree with other points, with a free node for the cut above it."""
    point, sample = forest.points[tree, leaf], forest.points.shape[1]
    node, step = int(forest.root[tree]), 0
    while True:
        inside, outside = extents(forest, tree, node, point, weight)
        drawn = uniform(key, step)
        target = drawn * (inside + outside)
        if target < outside:
            at, value = choose_cut(forest, tree, node, point, weight, target)
            join(forest, tree, node, leaf, cut, at, value)
            return
        if node < sample:
            join(forest, tree, node, leaf, cut, 0, point[0])
            return
        here = node - sample
        forest.mass[tree, here] += 1
        if inside == 0.0:
            node = int(forest.left[tree, here] if drawn < 0.5 else forest.right[tree, here])
        else:
            stretch(forest, tree, here, point)
            node = child(forest, tree, node, point)
        step += 1


@kernel
def choose_cut(
    forest: Forest, tree: int, node: int, point: Point, weight: Floats, target: float
) -> tuple[int, np.float32]:
    """The axis and place, `target` far into all that lies between a box and a point outside of it."""
    chosen = 0
    for axis in range(len(point)):
        low, high = corners(forest, tree, node, axis)
        beyond = max(low - point[axis], point[axis] - high, np.float32(0.0)) * weight[axis]
        if beyond > 0.0:
            chosen = axis
            if target < beyond:
                break
            target -= beyond
    far = target / weight[chosen]
    low, high = corners(forest, tree, node, chosen)
    if point[chosen] < low:
        value = np.float32(point[chosen] + far)
        return chosen, value if value < low else point[chosen]
    value = np.float32(high + far)
    return chosen, value if value < point[chosen] else high


@kernel
def join(forest: Forest, tree: int, node: int, leaf: int, cut: int, at: int, value: np.float32) -> None:
    """Put a cut in the place of a node, with the node and a new leaf below it."""
    here, point = cut - forest.points.shape[1], forest.points[tree, leaf]
    for axis in range(len(point)):
        low, high = corners(forest, tree, node, axis)
        forest.low[tree, here, axis], forest.high[tree, here, axis] = low, high
    stretch(forest, tree, here, point)
    forest.cut_at[tree, here], forest.cut_value[tree, here] = at, value
    new_left = point[at] <= value
    forest.left[tree, here], forest.right[tree, here] = (leaf, node) if new_left else (node, leaf)
    forest.mass[tree, here] = 1 + mass_of(forest, tree, node)
    replace(forest, tree, int(forest.parent[tree, node]), node, cut)
    forest.parent[tree, node] = forest.parent[tree, leaf] = cut


@kernel
def stretch(forest: Forest, tree: int, here: int, point: Point) -> None:
    """Make the box of a cut hold a point."""
    for axis in range(len(point)):
        forest.low[tree, here, axis] = min(forest.low[tree, here, axis], point[axis])
        forest.high[tree, here, axis] = max(forest.high[tree, here, axis], point[axis])


@kernel
def replace(forest: Forest, tree: int, parent: int, old: int, new: int) -> None:
    """Make `new` the child of a parent, or the root, where `old` was."""
    forest.parent[tree, new] = parent
    here = parent - forest.points.shape[1]
    if parent == NOBODY:
        forest.root[tree] = new
    elif forest.left[tree, here] == old:
        forest.left[tree, here] = new
    else:
        forest.right[tree, here] = new


@kernel
def delete(forest: Forest, tree: int, leaf: int) -> int:
    """Take a leaf out of a tree of at least two points; return the cut that is free now."""
    sample = forest.points.shape[1]
    cut = int(forest.parent[tree, leaf])
    here = cut - sample
    sibling = int(forest.right[tree, here] if forest.left[tree, here] == leaf else forest.left[tree, here])
    replace(forest, tree, int(forest.parent[tree, cut]), cut, sibling)
    node, touches = int(forest.parent[tree, sibling]), True
    while node != NOBODY:
        here = node - sample
        forest.mass[tree, here] -= 1
        touches = touches and on_border(forest, tree, here, leaf)
        if touches:
            enclose(forest, tree, here)
        node = int(forest.parent[tree, node])
    return cut


@kernel
def on_border(forest: Forest, tree: int, here: int, leaf: int) -> bool:
    """Whether a box could be smaller without a point: if not, no box around it either."""
    for axis in range(forest.points.shape[2]):
        value = forest.points[tree, leaf, axis]
        if value == forest.low[tree, here, axis] or value == forest.high[tree, here, axis]:
            return True
    return False


@kernel
def enclose(forest: Forest, tree: int, here: int) -> None:
    """Make the box of a cut hold its two children and no more."""
    left, right = int(forest.left[tree, here]), int(forest.right[tree, here])
    for axis in range(forest.points.shape[2]):
        low, high = corners(forest, tree, left, axis)
        other_low, other_high = corners(forest, tree, right, axis)
        forest.low[tree, here, axis] = min(low, other_low)
        forest.high[tree, here, axis] = max(high, other_high)

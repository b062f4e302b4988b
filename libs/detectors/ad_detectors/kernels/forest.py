"""Walks through isolation trees: several rows, or several trees, at once.

Nodes lie breadth first with the children of a node side by side, so that a step is `left + (x > threshold)`
without a branch; a leaf points to itself and its threshold is the largest of all. Values and thresholds are
float32 as whole numbers in the same order, so that threshold and feature are one load of 64 bits. The walks of
one group do not depend on each other, so the processor overlaps their memory accesses.
"""

import numpy as np
from numpy.typing import NDArray

from ad_detectors.kernels.compile import kernel

TILE = 512
FEATURE = 0xFFFFFFFF


@kernel
def step(
    splits: NDArray[np.int64], left: NDArray[np.int32], node: int, rows: NDArray[np.int32], row: int
) -> int:
    """From a node to the child on the side of the row."""
    split = splits[node]
    return int(left[node] + np.int64(np.int64(rows[row, split & FEATURE]) > (split >> 32)))


@kernel
def forest_depths(
    rows: NDArray[np.int32],
    splits: NDArray[np.int64],
    left: NDArray[np.int32],
    lengths: NDArray[np.float64],
    roots: NDArray[np.int64],
    depths: NDArray[np.int64],
) -> NDArray[np.float64]:
    """The sum of the path lengths of each row, added in the order of the trees."""
    count = rows.shape[0]
    totals = np.zeros(count)
    for start in range(0, count, TILE):
        stop = min(start + TILE, count)
        grouped = start + (stop - start) // 8 * 8
        for tree in range(len(roots)):
            for row in range(start, grouped, 8):
                a = b = c = d = e = f = g = h = roots[tree]
                for _ in range(depths[tree]):
                    a = step(splits, left, a, rows, row)
                    b = step(splits, left, b, rows, row + 1)
                    c = step(splits, left, c, rows, row + 2)
                    d = step(splits, left, d, rows, row + 3)
                    e = step(splits, left, e, rows, row + 4)
                    f = step(splits, left, f, rows, row + 5)
                    g = step(splits, left, g, rows, row + 6)
                    h = step(splits, left, h, rows, row + 7)
                totals[row] += lengths[a]
                totals[row + 1] += lengths[b]
                totals[row + 2] += lengths[c]
                totals[row + 3] += lengths[d]
                totals[row + 4] += lengths[e]
                totals[row + 5] += lengths[f]
                totals[row + 6] += lengths[g]
                totals[row + 7] += lengths[h]
        for row in range(grouped, stop):
            totals[row] = row_depth(rows, row, splits, left, lengths, roots, depths)
    return totals


@kernel
def row_depth(
    rows: NDArray[np.int32],
    row: int,
    splits: NDArray[np.int64],
    left: NDArray[np.int32],
    lengths: NDArray[np.float64],
    roots: NDArray[np.int64],
    depths: NDArray[np.int64],
) -> float:
    """The same for one row: eight trees at once, added in the order of the trees."""
    total = 0.0
    grouped = len(roots) // 8 * 8
    for tree in range(0, grouped, 8):
        a, b, c, d = roots[tree], roots[tree + 1], roots[tree + 2], roots[tree + 3]
        e, f, g, h = roots[tree + 4], roots[tree + 5], roots[tree + 6], roots[tree + 7]
        for _ in range(depths[tree : tree + 8].max()):
            a = step(splits, left, a, rows, row)
            b = step(splits, left, b, rows, row)
            c = step(splits, left, c, rows, row)
            d = step(splits, left, d, rows, row)
            e = step(splits, left, e, rows, row)
            f = step(splits, left, f, rows, row)
            g = step(splits, left, g, rows, row)
            h = step(splits, left, h, rows, row)
        total = total + lengths[a] + lengths[b] + lengths[c] + lengths[d]
        total = total + lengths[e] + lengths[f] + lengths[g] + lengths[h]
    for tree in range(grouped, len(roots)):
        node = roots[tree]
        for _ in range(depths[tree]):
            node = step(splits, left, node, rows, row)
        total += lengths[node]
    return total


@kernel
def forest_scores(
    rows: NDArray[np.int32],
    splits: NDArray[np.int64],
    left: NDArray[np.int32],
    lengths: NDArray[np.float64],
    roots: NDArray[np.int64],
    depths: NDArray[np.int64],
    normal_depth: float,
) -> NDArray[np.float64]:
    """Isolation scores 2^(-depth / normal depth); one half where the normal depth is 0."""
    scores = forest_depths(rows, splits, left, lengths, roots, depths)
    for row in range(len(scores)):
        scores[row] = 2.0 ** -(scores[row] / normal_depth) if normal_depth > 0.0 else 0.5
    return scores


@kernel
def forest_contributions(
    rows: NDArray[np.int32],
    splits: NDArray[np.int64],
    left: NDArray[np.int32],
    lengths: NDArray[np.float64],
    roots: NDArray[np.int64],
    depths: NDArray[np.int64],
) -> NDArray[np.float64]:
    """By how much the splits on each feature shortened the expected path, summed over the trees."""
    shortened = np.zeros(rows.shape)
    for row in range(rows.shape[0]):
        for tree in range(len(roots)):
            node = roots[tree]
            for _ in range(depths[tree]):
                child = step(splits, left, node, rows, row)
                shortened[row, splits[node] & FEATURE] += lengths[node] - lengths[child]
                node = child
    return shortened

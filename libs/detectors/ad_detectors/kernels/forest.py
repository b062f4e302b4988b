"""Walks through isolation trees: several rows, or several trees, at once.

Nodes lie breadth first with the children of a node side by side, so that a step is `left + (x > threshold)`
without a branch; a leaf points to itself and its threshold is infinite. The walks of one group do not depend
on each other, so the processor overlaps their memory accesses.
"""

import numpy as np
from numpy.typing import NDArray

from ad_detectors.kernels.compile import kernel

NODE = np.dtype([("threshold", "f4"), ("feature", "i4"), ("left", "i4"), ("padding", "i4")])
TILE = 512


@kernel
def step(nodes: NDArray[np.void], node: int, rows: NDArray[np.float32], row: int) -> int:
    """From a node to the child on the side of the row."""
    at = nodes[node]
    return int(at["left"] + np.int64(rows[row, at["feature"]] > at["threshold"]))


@kernel
def forest_depths(
    rows: NDArray[np.float32],
    nodes: NDArray[np.void],
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
                    a = step(nodes, a, rows, row)
                    b = step(nodes, b, rows, row + 1)
                    c = step(nodes, c, rows, row + 2)
                    d = step(nodes, d, rows, row + 3)
                    e = step(nodes, e, rows, row + 4)
                    f = step(nodes, f, rows, row + 5)
                    g = step(nodes, g, rows, row + 6)
                    h = step(nodes, h, rows, row + 7)
                totals[row] += lengths[a]
                totals[row + 1] += lengths[b]
                totals[row + 2] += lengths[c]
                totals[row + 3] += lengths[d]
                totals[row + 4] += lengths[e]
                totals[row + 5] += lengths[f]
                totals[row + 6] += lengths[g]
                totals[row + 7] += lengths[h]
        for row in range(grouped, stop):
            totals[row] = row_depth(rows, row, nodes, lengths, roots, depths)
    return totals


@kernel
def row_depth(
    rows: NDArray[np.float32],
    row: int,
    nodes: NDArray[np.void],
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
            a = step(nodes, a, rows, row)
            b = step(nodes, b, rows, row)
            c = step(nodes, c, rows, row)
            d = step(nodes, d, rows, row)
            e = step(nodes, e, rows, row)
            f = step(nodes, f, rows, row)
            g = step(nodes, g, rows, row)
            h = step(nodes, h, rows, row)
        total = total + lengths[a] + lengths[b] + lengths[c] + lengths[d]
        total = total + lengths[e] + lengths[f] + lengths[g] + lengths[h]
    for tree in range(grouped, len(roots)):
        node = roots[tree]
        for _ in range(depths[tree]):
            node = step(nodes, node, rows, row)
        total += lengths[node]
    return total


@kernel
def forest_scores(
    rows: NDArray[np.float32],
    nodes: NDArray[np.void],
    lengths: NDArray[np.float64],
    roots: NDArray[np.int64],
    depths: NDArray[np.int64],
    normal_depth: float,
) -> NDArray[np.float64]:
    """Isolation scores 2^(-depth / normal depth); one half where the normal depth is 0."""
    scores = forest_depths(rows, nodes, lengths, roots, depths)
    for row in range(len(scores)):
        scores[row] = 2.0 ** -(scores[row] / normal_depth) if normal_depth > 0.0 else 0.5
    return scores


@kernel
def forest_contributions(
    rows: NDArray[np.float32],
    nodes: NDArray[np.void],
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
                child = step(nodes, node, rows, row)
                shortened[row, nodes[node]["feature"]] += lengths[node] - lengths[child]
                node = child
    return shortened

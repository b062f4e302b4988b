"""What detectors by neighbours share: the rows that are kept, and the tree over them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ad_detectors.base import Arrays, Detector, take
from ad_detectors.errors import DataError
from ad_detectors.explain.shares import as_shares
from ad_detectors.kernels.neighbors import LEAF, NeighborTree, neighbor_lists
from ad_detectors.kernels.scaling import FARTHEST
from ad_detectors.kernels.shares import squared_differences
from ad_detectors.matrix import LARGEST, Floats, as_matrix
from ad_detectors.tabular.scaling import chosen_rows, scale_of, scaled, usable

WITNESSES = 20
"""So many neighbours say in which features a row differs; with fewer their own noise is in the answer."""

Places = NDArray[np.int64]


class NeighborDetector(Detector):
    """Keeps training rows, at most `reference`, in a tree."""

    _tree: NeighborTree
    _kept: Places

    def _keep(self, matrix: Floats, reference: int, seed: int, *, scale: bool) -> None:
        """Build the tree; `_kept` tells the training row of each of its points."""
        units = scale_of(matrix, self.bounds, scale=scale)
        chosen = chosen_rows(len(matrix), reference, seed)
        points = scaled(matrix if len(chosen) == len(matrix) else matrix[chosen], units)
        order = leaf_order(points)
        self._kept = chosen[order]
        self._tree = tree_of(np.ascontiguousarray(points[order]), units, self.bounds[0])

    def score(self, data: ArrayLike) -> Floats:
        """See `FittedDetector.score`; the tree knows what is missing, which saves a pass over the rows."""
        return self._score(as_matrix(data, self.bounds.shape[1]))

    def _shares(self, matrix: Floats) -> Floats:
        """Which share each feature has in what sets rows apart from their neighbours: (n, d)."""
        return shares_of_distance(self._tree, matrix, scaled(matrix, self._tree.frame[0]))

    def _possible(self, neighbors: int) -> int:
        """As many neighbours as asked for, or as a kept row has."""
        return max(min(neighbors, len(self._tree.points) - 1), 1)

    def _to_arrays(self) -> Arrays:
        return {"points": self._tree.points, "scale": self._tree.frame[0]}

    def _from_arrays(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        features = len(self.feature_names)
        points = take(arrays, "points", np.float64, (None, features))
        if not len(points) or not (np.abs(points) <= FARTHEST).all():
            raise DataError(
                f"array 'points' is damaged: it must hold at least one row, and magnitudes up to {FARTHEST:g}"
            )
        scale = usable(take(arrays, "scale", np.float64, (features,)))
        self._tree = tree_of(points, scale, self.bounds[0])


def leaf_order(points: Floats) -> Places:
    """The order in which the points of each leaf lie side by side: split along the widest feature.

    The first part of a split has a power of two of full leaves, so that the binary digits of a leaf's number
    are its path through the tree.
    """
    waiting, done = [np.arange(len(points))], []
    while waiting:
        part = waiting.pop()
        leaves = -(-len(part) // LEAF)
        if leaves == 1:
            done.append(part)
            continue
        middle = LEAF * 2 ** ((leaves - 1).bit_length() - 1)
        widest = int(np.argmax(np.ptp(points[part], axis=0)))
        ordered = part[np.argsort(points[part, widest], kind="stable")]
        waiting += [ordered[middle:], ordered[:middle]]
    return np.concatenate(done)


def shares_of_distance(tree: NeighborTree, given: Floats, rows: Floats) -> Floats:
    """The squared difference in each feature from the nearest points, as shares of their sum: (n, d).

    Parameters
    ----------
    tree : NeighborTree
    given : float64 of shape (n, d)
        Rows as the tree takes them.
    rows : float64 of shape (n, d)
        The same in units of the points.
    """
    _, ids = neighbor_lists(*tree, given, min(WITNESSES, len(tree.points)))
    return as_shares(squared_differences(rows, tree.points, ids))


def tree_of(points: Floats, scale: Floats, expected: Floats | None = None) -> NeighborTree:
    """The tree over points in units of scale that lie in `leaf_order`.

    With expected values it takes rows as they come: those stand for missing values, and magnitudes are limited.
    """
    starts = range(0, len(points), LEAF)
    center = np.median(points, axis=0)
    farthest = max(float(((points[at : at + LEAF] - center) ** 2).sum(axis=1).max()) for at in starts) ** 0.5
    unit = 1.0 / max(farthest, 1e-150) if farthest > 0.0 else 1.0
    blocks = np.empty((len(starts), points.shape[1] + 1, LEAF), np.float32)
    for block, at in zip(blocks, starts, strict=True):
        # The last leaf is filled up with its last point.
        near = (points[np.minimum(np.arange(at, at + LEAF), len(points) - 1)] - center) * unit
        block[:-1], block[-1] = near.T, 0.5 * (near**2).sum(axis=1)
    limit = np.inf if expected is None else LARGEST
    filling = np.zeros(len(scale)) if expected is None else expected
    frame = np.stack([scale, center, np.full(len(scale), unit), filling, np.full(len(scale), limit)])
    return NeighborTree(frame, points, blocks, _boxes(points))


def _boxes(points: Floats) -> Floats:
    """Boxes of the leaves by group, and of the groups: (g + 1, 2, d, w) with g of at most w."""
    starts, features = np.arange(0, len(points), LEAF), points.shape[1]
    leaves = len(starts)
    width = 1
    while width * width < leaves:
        width *= 2
    groups = -(-leaves // width)
    boxes = np.full((groups + 1, 2, features, width), np.inf)
    every = np.arange(groups * width)
    there = (every < leaves)[:, None]
    for side, choose, absent in ((0, np.minimum, np.inf), (1, np.maximum, -np.inf)):
        leaf = np.where(there, choose.reduceat(points, starts, axis=0)[np.minimum(every, leaves - 1)], absent)
        by_group = leaf.reshape(groups, width, features)
        boxes[:groups, side] = by_group.transpose(0, 2, 1)
        boxes[groups, side, :, :groups] = choose.reduce(by_group, axis=1).T
    return boxes

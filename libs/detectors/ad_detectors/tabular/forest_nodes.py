"""The trees of a forest as flat arrays, and the packing that the kernels walk."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ad_detectors.errors import DataError
from ad_detectors.matrix import Floats

LONGEST = 1e9
"""No path is longer, and sums of longer ones could overflow."""

LARGEST_KEY = np.int32(0x7FFFFFFF)


@dataclass(frozen=True, eq=False)
class ForestNodes:
    """All trees one after the other, each breadth first.

    Attributes
    ----------
    threshold : float32 of shape (m,)
        A row goes right when its value is above; infinite in a leaf.
    feature : int32 of shape (m,)
        The column that is compared; 0 in a leaf.
    left : int32 of shape (m,)
        The left child, the right one follows it; a leaf points to itself.
    length : float64 of shape (m,)
        The path length of a leaf; elsewhere the expected one, weighted by training rows.
    roots, depths : int64 of shape (t,)
        First node and depth of each tree.
    """

    threshold: NDArray[np.float32]
    feature: NDArray[np.int32]
    left: NDArray[np.int32]
    length: Floats
    roots: NDArray[np.int64]
    depths: NDArray[np.int64]

    @classmethod
    def join(cls, trees: Sequence["ForestNodes"]) -> "ForestNodes":
        """One after the other."""
        roots = np.concatenate([[0], np.cumsum([len(tree.left) for tree in trees])[:-1]]).astype(np.int64)
        return cls(
            np.concatenate([tree.threshold for tree in trees]),
            np.concatenate([tree.feature for tree in trees]),
            np.concatenate([tree.left + root for tree, root in zip(trees, roots, strict=True)]).astype(
                np.int32
            ),
            np.concatenate([tree.length for tree in trees]),
            roots,
            np.concatenate([tree.depths for tree in trees]),
        )

    def splits(self) -> NDArray[np.int64]:
        """Threshold and feature of each node in one number, so that a step loads them at once."""
        keys = np.where(np.isinf(self.threshold), LARGEST_KEY, ordered_keys(self.threshold))
        return (keys.astype(np.int64) << 32) | self.feature

    def check(self, features: int) -> None:
        """Refuse arrays that would lead a walk outside of them."""
        count, trees = len(self.left), len(self.roots)
        own = np.arange(count, dtype=np.int64)
        leaf = self.left == own
        sound = (
            all(len(a) == count for a in (self.threshold, self.feature, self.length))
            and count > 0
            and len(self.depths) == trees > 0
            and bool(((self.feature >= 0) & (self.feature < features)).all())
            and bool((leaf | ((self.left > own) & (self.left < count - 1))).all())
            and bool((leaf <= np.isposinf(self.threshold)).all())
            and bool((np.abs(self.length) <= LONGEST).all())
            and bool(((self.roots >= 0) & (self.roots < count)).all())
            and bool(((self.depths >= 0) & (self.depths <= count)).all())
        )
        if not sound:
            raise DataError(
                "the forest arrays are damaged: a node points outside of its tree or has an impossible length"
            )


def flatten(tree: Any, leaf_length: Floats) -> ForestNodes:
    """Lay a fitted scikit-learn tree out breadth first.

    Parameters
    ----------
    tree : sklearn.tree._tree.Tree
        Its arrays children_left, children_right, feature, threshold, n_node_samples are read.
    leaf_length : float64 of shape (m,)
        The path length of each node, were it a leaf, in scikit-learn's numbering.
    """
    order, left, depth = _breadth_first(tree.children_left, tree.children_right)
    leaf = left == np.arange(len(order))
    threshold = np.where(leaf, np.float32(np.inf), round_down(tree.threshold[order]))
    feature = np.where(leaf, 0, tree.feature[order]).astype(np.int32)
    length = _expected_lengths(left, leaf, leaf_length[order], tree.n_node_samples[order])
    one = np.array([depth], np.int64)
    return ForestNodes(threshold, feature, left.astype(np.int32), length, np.zeros(1, np.int64), one)


def round_down(threshold: Floats) -> NDArray[np.float32]:
    """The largest float32 not above each threshold: x <= threshold stays the same for every float32 x."""
    near = threshold.astype(np.float32)
    lower = np.nextafter(near, np.float32(-np.inf))
    return np.where(near > threshold, lower, near)


def _breadth_first(
    left_child: NDArray[np.int64], right_child: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    levels, lefts, total, depth = [np.zeros(1, np.int64)], [], 1, 0
    while True:
        level = levels[-1]
        inner = left_child[level] >= 0
        own = np.arange(total - len(level), total)
        own[inner] = total + 2 * np.arange(inner.sum())
        lefts.append(own)
        if not inner.any():
            return np.concatenate(levels), np.concatenate(lefts), depth
        parents = level[inner]
        levels.append(np.stack([left_child[parents], right_child[parents]], axis=1).ravel())
        total += 2 * len(parents)
        depth += 1


def _expected_lengths(
    left: NDArray[np.int64], leaf: NDArray[np.bool_], length: Floats, rows: NDArray[np.int64]
) -> Floats:
    expected = np.where(leaf, length, 0.0)
    for node in np.flatnonzero(~leaf)[::-1]:
        child = left[node]
        weighted = rows[child] * expected[child] + rows[child + 1] * expected[child + 1]
        expected[node] = weighted / rows[node]
    return expected


def ordered_keys(values: NDArray[np.float32]) -> NDArray[np.int32]:
    """Whole numbers that compare as the finite values do.

    The bits of a positive float grow with it and those of a negative one fall, so the latter are turned round; the
    sum makes one zero of both.
    """
    bits: NDArray[np.int32] = (values + np.float32(0.0)).view(np.int32)
    return np.where(bits >= 0, bits, bits ^ LARGEST_KEY)

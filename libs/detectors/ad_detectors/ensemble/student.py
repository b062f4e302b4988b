"""A forest that learns from another detector what is strange, and how well it could."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ad_detectors.base import Arrays, take
from ad_detectors.explain.shares import as_shares
from ad_detectors.kernels.forest import forest_contributions, forest_depths
from ad_detectors.matrix import Floats
from ad_detectors.tabular.forest_nodes import ForestNodes, flatten, ordered_keys

TREES, LEAF_ROWS = 100, 10
MOST_FEATURES = 64
FEWEST_ROWS = 32


@dataclass(frozen=True, eq=False)
class Student:
    """Random trees that foretell another detector's opinion from the values of a row.

    What they cannot foretell is what that detector says of single rows; what they can is common to many: the
    features and ranges that matter. So the student is a smoother of its teacher.
    """

    nodes: ForestNodes
    splits: NDArray[np.int64]

    @classmethod
    def taught(cls, rows: Floats, opinion: Floats, seed: int) -> "tuple[Student, Floats, Floats]":
        """Learn; returns also what the trees say of each row that did not see it, and what all say without it.

        Parameters
        ----------
        rows : float64 of shape (n, d)
            All different, at least 32.
        opinion : float64 of shape (n,)
        """
        from sklearn.ensemble import ExtraTreesRegressor

        trees = ExtraTreesRegressor(
            n_estimators=TREES,
            min_samples_leaf=LEAF_ROWS,
            max_features=min(rows.shape[1], MOST_FEATURES),
            bootstrap=True,
            oob_score=True,
            random_state=seed,
            n_jobs=1,
        ).fit(rows.astype(np.float32), opinion)
        flat = [flatten(tree.tree_, tree.tree_.value[:, 0, 0]) for tree in trees.estimators_]
        foretold = np.asarray(trees.oob_prediction_, np.float64)
        return cls.of(ForestNodes.join(flat)), foretold, _without_own(trees, rows, opinion)

    @classmethod
    def of(cls, nodes: ForestNodes) -> "Student":
        """From the trees."""
        return cls(nodes, nodes.splits())

    def opinions(self, matrix: Floats) -> Floats:
        """float64 of shape (n,)."""
        nodes = self.nodes
        rows = ordered_keys(matrix.astype(np.float32))
        totals = forest_depths(rows, self.splits, nodes.left, nodes.length, nodes.roots, nodes.depths)
        return totals / len(nodes.roots)

    def shares(self, matrix: Floats) -> Floats:
        """Which share each feature has in what the splits made the opinion rise: (n, d)."""
        nodes = self.nodes
        rows = ordered_keys(matrix.astype(np.float32))
        walk = (rows, self.splits, nodes.left, nodes.length, nodes.roots, nodes.depths)
        return as_shares(-forest_contributions(*walk))

    def to_arrays(self) -> Arrays:
        """What was learnt."""
        nodes = self.nodes
        return {
            "threshold": nodes.threshold,
            "feature": nodes.feature,
            "left": nodes.left,
            "value": nodes.length,
            "roots": nodes.roots,
            "depths": nodes.depths,
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], features: int) -> "Student":
        """What `to_arrays` wrote."""
        nodes = ForestNodes(
            take(arrays, "threshold", np.float32, (None,), finite=False),
            take(arrays, "feature", np.int32, (None,)),
            take(arrays, "left", np.int32, (None,)),
            take(arrays, "value", np.float64, (None,)),
            take(arrays, "roots", np.int64, (None,)),
            take(arrays, "depths", np.int64, (None,)),
        )
        nodes.check(features)
        return cls.of(nodes)


def _without_own(trees: Any, rows: Floats, opinion: Floats) -> Floats:
    """What all trees say of each row when its own opinion is taken out of the leaves that it is in.

    The trees that did not see a row are too few to say how all of them vary: their mean varies more.
    """
    points, total = rows.astype(np.float32), np.zeros(len(rows))
    for tree, drawn in zip(trees.estimators_, trees.estimators_samples_, strict=True):
        leaf = tree.apply(points)
        size, mean = tree.tree_.weighted_n_node_samples[leaf], tree.tree_.value[leaf, 0, 0]
        own = np.bincount(drawn, minlength=len(rows))
        total += (size * mean - own * opinion) / np.maximum(size - own, 1.0)
    return total / len(trees.estimators_)


def explained(opinion: Floats, foretold: Floats) -> float:
    """The share of an opinion's variance that was foretold, 0 at least.

    >>> explained(np.array([0.0, 1.0, 2.0]), np.array([0.0, 1.0, 2.0]))
    1.0
    >>> explained(np.array([0.0, 1.0, 2.0]), np.array([2.0, 1.0, 0.0]))
    0.0
    """
    total = float(((opinion - opinion.mean()) ** 2).sum())
    missed = float(((opinion - foretold) ** 2).sum())
    return max(1.0 - missed / total, 0.0) if total > 0.0 else 0.0

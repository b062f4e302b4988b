"""Isolation forest: anomalies are cut off by few random splits."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ad_detectors.base import Arrays, Detector, take
from ad_detectors.errors import DataError
from ad_detectors.kernels.forest import forest_contributions, forest_scores
from ad_detectors.matrix import Floats
from ad_detectors.parameters import Parameters, option
from ad_detectors.tabular.forest_nodes import ForestNodes, flatten, ordered_keys


@dataclass(frozen=True, kw_only=True)
class IsolationForestParameters(Parameters):
    """Parameters of `IsolationForest`."""

    trees: int = option(100, "number of trees", low=1, high=10_000)
    sample: int = option(256, "training rows drawn for each tree", low=2, high=1_000_000)
    seed: int = option(
        0, "seed of the random splits; the same seed gives the same scores", low=0, high=2**32 - 1
    )


class IsolationForest(Detector):
    """Isolation forest, fitted by scikit-learn and scored by our own compiled walk.

    Idea: a tree of random splits isolates an unusual row after few splits; the score is
    2^(-mean path length / expected path length), from 0 to 1, where 0.5 is ordinary. Assumes that anomalies
    are few and different; scales of features do not matter. The scores agree with scikit-learn's
    `-score_samples` to 1e-9 and, like there, values are compared as float32. Fitting costs
    O(trees · sample · log sample), scoring O(trees · log sample) per row.

    Contributions: walking down a tree, every split changes the path length that is to be expected (weighted
    by training rows); the shortening belongs to the feature of the split. The sums per feature, scaled from
    path lengths to scores, add up to `score - baseline`; the baseline is the score of the expected
    path length.

    Parameters
    ----------
    trees : int, default 100
    sample : int, default 256
        Rows drawn per tree, fewer where the data has fewer.
    seed : int, default 0

    Source
    ------
    Liu, Ting and Zhou, Isolation Forest, ICDM 2008. Contributions: Saabas 2014, "Interpreting random
    forests", applied to expected path lengths.

    Examples
    --------
    >>> import numpy as np
    >>> rows = np.random.default_rng(1).normal(size=(500, 2))
    >>> detector = IsolationForest(seed=1).fit(rows)
    >>> ordinary, strange = detector.score([[0.0, 0.0], [0.0, 9.0]])
    >>> bool(ordinary < 0.5 < strange)
    True
    """

    name = "isolation_forest"
    parameters_type = IsolationForestParameters
    parameters: IsolationForestParameters

    def _fit(self, matrix: Floats) -> None:
        # scikit-learn takes a second to import: only those who fit pay for it.
        from sklearn.ensemble import IsolationForest as Forest

        chosen = self.parameters
        forest = Forest(
            n_estimators=chosen.trees,
            max_samples=min(chosen.sample, len(matrix)),
            random_state=chosen.seed,
            n_jobs=1,
        ).fit(matrix.astype(np.float32))
        trees = [estimator.tree_ for estimator in forest.estimators_]
        self._use(
            ForestNodes.join([flatten(tree, _path_lengths(tree)) for tree in trees]), forest.max_samples_
        )

    def _use(self, nodes: ForestNodes, sample: int) -> None:
        self._nodes, self._sample = nodes, sample
        self._splits = nodes.splits()
        self._normal_depth = len(nodes.roots) * float(average_path_length(np.array([sample]))[0])

    def _score(self, matrix: Floats) -> Floats:
        nodes = self._nodes
        return forest_scores(
            ordered_keys(matrix.astype(np.float32)),
            self._splits,
            nodes.left,
            nodes.length,
            nodes.roots,
            nodes.depths,
            self._normal_depth,
        )

    def _contributions(self, matrix: Floats) -> tuple[float, Floats]:
        nodes, normal = self._nodes, self._normal_depth
        expected = float(nodes.length[nodes.roots].sum())
        if normal == 0.0:
            return 0.5, np.zeros(matrix.shape)
        rows = ordered_keys(matrix.astype(np.float32))
        shortened = forest_contributions(
            rows, self._splits, nodes.left, nodes.length, nodes.roots, nodes.depths
        )
        baseline = float(2.0 ** -(expected / normal))
        total = shortened.sum(axis=1) * (math.log(2.0) / normal)
        # expm1(t)/t turns path lengths into score differences and tends to 1 for rows of ordinary length.
        ratio = np.divide(np.expm1(total), total, out=np.ones_like(total), where=total != 0.0)
        return baseline, shortened * (baseline * ratio * (math.log(2.0) / normal))[:, None]

    def _to_arrays(self) -> Arrays:
        nodes = self._nodes
        return {
            "node_threshold": nodes.threshold,
            "node_feature": nodes.feature,
            "node_left": nodes.left,
            "node_length": nodes.length,
            "tree_roots": nodes.roots,
            "tree_depths": nodes.depths,
            "sample": np.array([self._sample], np.int64),
        }

    def _from_arrays(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        nodes = ForestNodes(
            take(arrays, "node_threshold", np.float32, (None,), finite=False),
            take(arrays, "node_feature", np.int32, (None,)),
            take(arrays, "node_left", np.int32, (None,)),
            take(arrays, "node_length", np.float64, (None,)),
            take(arrays, "tree_roots", np.int64, (None,)),
            take(arrays, "tree_depths", np.int64, (None,)),
        )
        nodes.check(len(self.feature_names))
        if (nodes.length < 0.0).any():
            raise DataError("array 'node_length' is damaged: no path is shorter than 0")
        self._use(nodes, int(take(arrays, "sample", np.int64, (1,))[0]))


def average_path_length(rows: NDArray[Any]) -> Floats:
    """The mean depth of an unsuccessful search in a random tree over n rows (Liu et al., equation 1)."""
    count = np.maximum(np.asarray(rows, np.float64), 2.0)
    length = 2.0 * (np.log(np.maximum(count - 1.0, 1.0)) + np.euler_gamma) - 2.0 * (count - 1.0) / count
    return np.where(np.asarray(rows) > 2, length, np.where(np.asarray(rows) == 2, 1.0, 0.0))


def _path_lengths(tree: Any) -> Floats:
    """Per node: splits above it, and the expected further splits among the rows that it holds."""
    splits: Floats = tree.compute_node_depths().astype(np.float64) - 1.0
    return splits + average_path_length(tree.n_node_samples)

"""One-class support vector machine: anomalies lie outside of the smooth boundary around the training rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ad_detectors.base import Arrays, Detector, take
from ad_detectors.calibration.order import memory_of
from ad_detectors.errors import DataError
from ad_detectors.kernels.ocsvm import TILE, radial_contributions, radial_scores
from ad_detectors.matrix import Floats, as_matrix
from ad_detectors.parameters import Parameters, option
from ad_detectors.tabular.scaling import chosen_rows, scale_of, scaled, usable

WIDEST = 1e60
"""A gamma below the inverse of this would be lost in rounding."""


@dataclass(frozen=True, kw_only=True)
class OCSVMParameters(Parameters):
    """Parameters of `OCSVM`."""

    nu: float = option(0.5, "share of the training rows that may lie outside", low=1e-4, high=0.99)
    gamma: float = option(
        0.0, "inverse squared width of the kernel; 0 is 1 / total variance", low=0, high=1e9
    )
    scale: bool = option(True, "measure each feature in units of its normal range")
    reference: int = option(2500, "training rows that the machine is fitted to", low=10, high=100_000)
    seed: int = option(0, "seed of the choice of these rows", low=0, high=2**32 - 1)


class OCSVM(Detector):
    """One-class support vector machine with a radial kernel, fitted by scikit-learn, scored by our own kernel.

    Idea: a weighted sum of bells around the support vectors is high where training rows are; the score is the
    level of the boundary minus this sum, 0 on the boundary and at most the level, far away. Assumes that
    normal rows fill regions without thin parts, for the bells are equally wide everywhere. Agrees with
    PyOD's `OCSVM`, fitted to the same rows in the same units, to 1e-9. Fitting costs O(m² · d) for the m rows
    of the reference, scoring O(v · d) per row for v support vectors, at least nu · m.

    Tail probabilities come from the scores of the training rows, those of support vectors without their own bell.
    Contributions: what a support vector would add if the row stood on it and now does not, shared by the squared
    differences from it. They add up to the score above the baseline, that of a row on all vectors at once.

    Parameters
    ----------
    nu : float, default 0.5
    gamma : float, default 0
        The bells are exp(-gamma · squared distance). 0 stands for 1 / sum of the variances of the features, in
        units of scale; PyOD's default is 1 / number of features.
    scale : bool, default True
        Divide each feature by the width of its normal range, its middle 99 %.
    reference : int, default 2500
        Of more training rows so many are drawn.
    seed : int, default 0

    Source
    ------
    Schölkopf et al., Estimating the support of a high-dimensional distribution, Neural Computation 13, 2001, section 3.

    Examples
    --------
    >>> rows = np.random.default_rng(1).normal(size=(500, 2))
    >>> ordinary, strange = OCSVM().fit(rows).score([[0.0, 0.0], [0.0, 9.0]])
    >>> bool(ordinary < 0.0 < strange)
    True
    """

    name = "ocsvm"
    parameters_type = OCSVMParameters
    parameters: OCSVMParameters

    def _fit(self, matrix: Floats) -> None:
        # scikit-learn takes a second to import: only those who fit pay for it.
        from sklearn.svm import OneClassSVM

        chosen = self.parameters
        self._scale = scale_of(matrix, self.bounds, scale=chosen.scale)
        rows = chosen_rows(len(matrix), chosen.reference, chosen.seed)
        # Far from the origin libsvm's squared distances are all rounding.
        points = scaled(matrix[rows] - self.bounds[0], self._scale)
        self._gamma = chosen.gamma or 1.0 / (min(float(points.var(axis=0).sum()), WIDEST) or 1.0)
        machine = OneClassSVM(nu=chosen.nu, gamma=self._gamma).fit(points)
        self._support = rows[machine.support_]
        self._use(machine.support_vectors_, machine.dual_coef_[0], -float(machine.intercept_[0]))

    def _use(self, vectors: Floats, weights: Floats, offset: float) -> None:
        self._vectors, self._weights, self._offset = vectors, weights, offset
        self._origin = np.ascontiguousarray(self.bounds[0])
        self._tiles, self._tile_weights = tiled(vectors, weights)

    def score(self, data: ArrayLike) -> Floats:
        """See `FittedDetector.score`; the kernel knows what is missing, which saves a pass over the rows."""
        return self._score(as_matrix(data, self.bounds.shape[1]))

    def _score(self, matrix: Floats) -> Floats:
        learnt = (self._origin, self._scale, self._tiles, self._tile_weights, self._gamma)
        return radial_scores(matrix, *learnt, self._offset)

    def _unseen_scores(self, matrix: Floats) -> Floats:
        """Each row scored without its own weight and those of the rows that it hangs together with."""
        weights, scores = np.zeros(len(matrix)), self._score(matrix)
        weights[self._support] = self._weights
        points, memory = scaled(matrix - self.bounds[0], self._scale), memory_of(matrix)
        scores += weights
        for apart in range(1, memory + 1):
            alike = np.exp(-self._gamma * ((points[apart:] - points[:-apart]) ** 2).sum(axis=1))
            scores[apart:] += alike * weights[:-apart]
            scores[:-apart] += alike * weights[apart:]
        return scores

    def _contributions(self, matrix: Floats) -> tuple[float, Floats]:
        learnt = (self._origin, self._scale, self._tiles, self._tile_weights, self._gamma)
        parts = radial_contributions(matrix, *learnt)
        return self._offset - float(self._weights.sum()), parts

    def _to_arrays(self) -> Arrays:
        return {
            "scale": self._scale,
            "vectors": self._vectors,
            "weights": self._weights,
            "machine": np.array([self._gamma, self._offset]),
        }

    def _from_arrays(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        features = len(self.feature_names)
        self._scale = usable(take(arrays, "scale", np.float64, (features,)))
        weights = take(arrays, "weights", np.float64, (None,))
        vectors = take(arrays, "vectors", np.float64, (len(weights), features))
        machine = take(arrays, "machine", np.float64, (2,))
        if not all(np.isfinite(part).all() for part in (weights, vectors, machine)) or machine[0] <= 0.0:
            raise DataError(
                "the arrays of the support vectors are damaged: they must be finite, gamma above 0"
            )
        self._gamma = float(machine[0])
        self._use(vectors, weights, float(machine[1]))


def tiled(vectors: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Vectors of shape (v, d) and their weights as the kernel takes them: (t, d, TILE) and (t, TILE)."""
    spare = -len(weights) % TILE
    tiles = np.pad(vectors, ((0, spare), (0, 0))).reshape(-1, TILE, vectors.shape[1]).transpose(0, 2, 1)
    return np.ascontiguousarray(tiles), np.pad(weights, (0, spare)).reshape(-1, TILE)

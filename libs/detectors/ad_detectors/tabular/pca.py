"""Principal components: distances from them, weighted by how little the training rows vary."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ad_detectors.base import Arrays, Detector, take
from ad_detectors.errors import DataError
from ad_detectors.kernels.components import component_parts, component_scores
from ad_detectors.matrix import Floats
from ad_detectors.parameters import Parameters, option
from ad_detectors.tabular.standard import fit_standard, take_standard

SMALLEST_WEIGHT = 1e-100
"""A share of the variance below this is 0 but for rounding, and dividing by it would overflow."""


@dataclass(frozen=True, kw_only=True)
class PCAParameters(Parameters):
    """Parameters of `PCA`."""

    components: int = option(
        0, "components that count, those of least variance; 0 means all", low=0, high=100_000
    )


class PCA(Detector):
    """Principal component analysis: distances from the components, weighted by the variance they lack.

    Idea: features are standardised and principal components found; the score sums, over the components, the
    distance of the row from the end of the component's unit vector, divided by the share of the variance that
    the component explains. Assumes features that depend on each other linearly, and few outliers in training.
    This is PyOD's PCA with svd_solver="full", to 1e-9. Since distances are measured from the ends of the
    vectors and not along them, the score grows with the distance from the mean in every direction, and most
    where the components of least variance point; `gmm` with its one component measures along them. Components
    without any variance, where PyOD's scores are infinite, are left out. Fitting costs O(n · d²), scoring O(d²)
    per row.

    Contributions: each distance is as much larger than that of the mean row as z · (z - 2 v) / (|z - v| + |v|)
    says; the parts per feature add up to `score - baseline`, the score of the mean row.

    Parameters
    ----------
    components : int, default 0
        The components of least variance that count; 0, or more than there are, means all.

    Source
    ------
    Shyu, Chen, Sarinnapakorn and Chang, A Novel Anomaly Detection Scheme Based on Principal Component
    Classifier, 2003; Aggarwal, Outlier Analysis, 2017, section 3.3.

    Examples
    --------
    >>> import numpy as np
    >>> rows = np.random.default_rng(1).normal(size=(500, 2)) @ [[2.0, 1.0], [0.0, 1.0]]
    >>> near, far = PCA().fit(rows).score([[0.5, 0.0], [5.0, 0.0]])
    >>> bool(near < far)
    True
    """

    name = "pca"
    parameters_type = PCAParameters
    parameters: PCAParameters

    def _fit(self, matrix: Floats) -> None:
        self._standard, rows = fit_standard(matrix)
        ends, weights = _components(rows)
        chosen = slice(-self.parameters.components, None)
        usable = weights[chosen] > SMALLEST_WEIGHT
        if usable.any():
            self._use(ends[chosen][usable].T, weights[chosen][usable])
        else:
            self._use(np.zeros((matrix.shape[1], 1)), np.ones(1))

    def _use(self, ends: Floats, weights: Floats) -> None:
        self._ends, self._weights = np.ascontiguousarray(ends), np.ascontiguousarray(weights)
        self._factors = 1.0 / self._weights

    def _score(self, matrix: Floats) -> Floats:
        return component_scores(matrix, self._standard, self._ends, self._factors)

    def _contributions(self, matrix: Floats) -> tuple[float, Floats]:
        centre = self._standard[:1]
        parts = component_parts(matrix, self._standard, self._ends, self._factors)
        return float(self._score(centre)[0]), parts

    def _to_arrays(self) -> Arrays:
        return {"standard": self._standard, "ends": self._ends, "weights": self._weights}

    def _from_arrays(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        features = len(self.feature_names)
        self._standard = take_standard(arrays, features)
        weights = take(arrays, "weights", np.float64, (None,))
        ends = take(arrays, "ends", np.float64, (features, len(weights)))
        if not (np.isfinite(ends).all() and (weights >= SMALLEST_WEIGHT).all()):
            raise DataError("the component arrays are damaged: every weight must be above 0")
        self._use(ends, weights)


def _components(rows: Floats) -> tuple[Floats, Floats]:
    """Unit vectors, one a row, and their shares of the variance, falling."""
    from sklearn import decomposition

    if not rows.any():
        return np.zeros((1, rows.shape[1])), np.zeros(1)
    fitted = decomposition.PCA(svd_solver="full").fit(rows)
    return fitted.components_, fitted.explained_variance_ratio_

"""What `zscore`, `mad` and `iqr` share: distance from an interval of normal values per feature."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ad_detectors.base import Detector, take
from ad_detectors.errors import DataError
from ad_detectors.kernels.norm import interval_contributions, interval_norms
from ad_detectors.matrix import Floats, as_matrix


class IntervalDetector(Detector):
    """The score is the Euclidean norm of the distances; a contribution is squared distance over norm.

    `_interval` has lower bound, upper bound and unit of each feature.
    """

    _interval: Floats

    def score(self, data: ArrayLike) -> Floats:
        """See `FittedDetector.score`; the kernel knows what is missing, which saves a pass over the rows."""
        return self._score(as_matrix(data, self.bounds.shape[1]))

    def _score(self, matrix: Floats) -> Floats:
        return interval_norms(matrix, self._interval)

    def _contributions(self, matrix: Floats) -> tuple[float, Floats]:
        return 0.0, interval_contributions(matrix, self._interval)

    def _scale_of(self, arrays: Mapping[str, NDArray[Any]]) -> Floats:
        scale = take(arrays, "scale", np.float64, (len(self.feature_names),))
        if not (scale > 0).all():
            raise DataError("array 'scale' is damaged: every scale must be above 0")
        return scale


def usable_scale(spread: Floats, median: Floats) -> Floats:
    """The spread, or a billionth of the level where a feature is constant."""
    smallest = 1e-9 * np.maximum(np.abs(median), 1e-3)
    return np.where(spread > 0.0, np.maximum(spread, np.finfo(np.float64).tiny), smallest)

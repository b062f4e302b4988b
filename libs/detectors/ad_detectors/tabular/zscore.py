"""Distance from the mean in standard deviations."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ad_detectors.base import Arrays
from ad_detectors.matrix import Floats
from ad_detectors.parameters import Parameters, option
from ad_detectors.tabular.interval import IntervalDetector, usable_scale


@dataclass(frozen=True, kw_only=True)
class ZScoreParameters(Parameters):
    """Parameters of `ZScore`."""

    deviations: float = option(
        3.0, "standard deviations up to the bounds of an explanation", low=0.1, high=100
    )


class ZScore(IntervalDetector):
    """Distance from the mean in standard deviations, as a Euclidean norm over the features.

    Idea: for one feature the score is |x - mean| / std; for several the square root of the sum of squares.
    Assumes roughly symmetric features with one mode; a few gross outliers in training widen the deviation
    (`iqr` does not mind them). A constant feature has the deviation 1e-9 · max(|mean|, 1e-3), so every other
    value stands out. Fitting and scoring cost O(n · d).

    Parameters
    ----------
    deviations : float, default 3
        Standard deviations up to the bounds of an explanation; scores do not depend on it.

    Source
    ------
    Shewhart, Economic Control of Quality of Manufactured Product, 1931.

    Examples
    --------
    >>> detector = ZScore().fit([[9.0], [10.0], [11.0], [10.0]])
    >>> detector.score([[10.0], [13.0]]).round(2).tolist()
    [0.0, 4.24]
    """

    name = "zscore"
    parameters_type = ZScoreParameters
    parameters: ZScoreParameters

    def _typical(self, matrix: Floats) -> Floats:
        median, _, _ = super()._typical(matrix)
        present = ~np.isnan(matrix)
        count = np.maximum(present.sum(axis=0), 1)
        mean = np.where(present, matrix, 0.0).sum(axis=0) / count
        centred = np.where(present, matrix - mean, 0.0)
        scale = usable_scale(np.sqrt((centred**2).sum(axis=0) / count), median)
        reach = self.parameters.deviations * scale
        self._interval = np.stack([mean, mean, scale])
        return np.stack([mean, mean - reach, mean + reach])

    def _fit(self, matrix: Floats) -> None:
        """Everything was learnt from the values that are there, before missing ones were filled."""

    def _to_arrays(self) -> Arrays:
        return {"scale": self._interval[2]}

    def _from_arrays(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        self._interval = np.stack([self.bounds[0], self.bounds[0], self._scale_of(arrays)])

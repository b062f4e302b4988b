"""Distance from the median in median absolute deviations."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ad_detectors.base import Arrays
from ad_detectors.matrix import Floats
from ad_detectors.parameters import Parameters, option
from ad_detectors.tabular.interval import IntervalDetector, usable_scale

# Both turn a deviation into the standard deviation of a normal distribution, and are rounded as in the source.
MEDIAN_FACTOR = 1.0 / 0.6745
MEAN_FACTOR = 1.253314


@dataclass(frozen=True, kw_only=True)
class MADParameters(Parameters):
    """Parameters of `MAD`."""

    deviations: float = option(
        3.5, "scaled median absolute deviations up to the bounds of an explanation", low=0.1, high=100
    )


class MAD(IntervalDetector):
    """Distance from the median in median absolute deviations, as a Euclidean norm over the features.

    Idea: the z-score with the median for the mean and the median absolute deviation (MAD) for the standard
    deviation: |x - median| · 0.6745 / MAD, which counts standard deviations where a feature is normal. For
    one feature this is PyOD's MAD; for several it is the square root of the sum of squares. Assumes features
    with one mode, roughly symmetric; nearly half of the training rows may be outliers. Where more than half
    of the values are equal, the mean absolute deviation takes the place of the MAD. Fitting and scoring cost
    O(n · d).

    Parameters
    ----------
    deviations : float, default 3.5
        Scaled deviations up to the bounds of an explanation; scores do not depend on it.

    Source
    ------
    Iglewicz and Hoaglin, How to Detect and Handle Outliers, 1993, section 3.3 (the modified z-score).

    Examples
    --------
    >>> detector = MAD().fit([[1.0], [2.0], [3.0], [4.0], [500.0]])
    >>> detector.score([[3.0], [13.0]]).round(3).tolist()
    [0.0, 6.745]
    """

    name = "mad"
    parameters_type = MADParameters
    parameters: MADParameters

    def _typical(self, matrix: Floats) -> Floats:
        median, _, _ = super()._typical(matrix)
        away = [
            np.abs(column[~np.isnan(column)] - level) for column, level in zip(matrix.T, median, strict=True)
        ]
        away = [distances if len(distances) else np.zeros(1) for distances in away]
        spread = MEDIAN_FACTOR * np.array([np.median(distances) for distances in away])
        spread = np.where(spread > 0.0, spread, MEAN_FACTOR * np.array([np.mean(d) for d in away]))
        scale = usable_scale(spread, median)
        self._interval = np.stack([median, median, scale])
        reach = self.parameters.deviations * scale
        return np.stack([median, median - reach, median + reach])

    def _fit(self, matrix: Floats) -> None:
        """Everything was learnt from the values that are there, before missing ones were filled."""

    def _to_arrays(self) -> Arrays:
        return {"scale": self._interval[2]}

    def _from_arrays(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        self._interval = np.stack([self.bounds[0], self.bounds[0], self._scale_of(arrays)])

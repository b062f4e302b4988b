"""Distance from the middle half of the values in interquartile ranges."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ad_detectors.base import Arrays, take
from ad_detectors.matrix import Floats
from ad_detectors.parameters import Parameters, option
from ad_detectors.tabular.interval import IntervalDetector, usable_scale


@dataclass(frozen=True, kw_only=True)
class IQRParameters(Parameters):
    """Parameters of `IQR`."""

    whisker: float = option(1.5, "interquartile ranges up to the bounds of an explanation", low=0, high=100)


class IQR(IntervalDetector):
    """Distance from the middle half of the values in interquartile ranges, as a norm over the features.

    Idea: Tukey's fences. For one feature the score is how many interquartile ranges a value lies below the
    first or above the third quartile: above 1.5 is outside the fences, above 3 far out. Values between the
    quartiles score 0. Assumes features with one mode, of any shape; up to a quarter of the training rows may
    be outliers. Where the quartiles coincide, the standard deviation takes the place of the range. Fitting
    and scoring cost O(n · d).

    Parameters
    ----------
    whisker : float, default 1.5
        Interquartile ranges up to the bounds of an explanation; scores do not depend on it.

    Source
    ------
    Tukey, Exploratory Data Analysis, 1977, chapter 2.

    Examples
    --------
    >>> detector = IQR().fit([[1.0], [2.0], [3.0], [4.0], [5.0]])
    >>> detector.score([[3.0], [10.0]]).tolist()
    [0.0, 3.0]
    """

    name = "iqr"
    parameters_type = IQRParameters
    parameters: IQRParameters

    def _typical(self, matrix: Floats) -> Floats:
        median, _, _ = super()._typical(matrix)
        columns = [column[~np.isnan(column)] for column in matrix.T]
        columns = [column if len(column) else np.zeros(1) for column in columns]
        low, high = (np.array([np.quantile(c, q) for c in columns]) for q in (0.25, 0.75))
        spread = high - low
        spread = np.where(spread > 0, spread, np.array([np.std(column) for column in columns]))
        scale = usable_scale(spread, median)
        self._interval = np.stack([low, high, scale])
        reach = self.parameters.whisker * scale
        return np.stack([median, low - reach, high + reach])

    def _fit(self, matrix: Floats) -> None:
        """Everything was learnt from the values that are there, before missing ones were filled."""

    def _to_arrays(self) -> Arrays:
        return {"quartiles": self._interval[:2], "scale": self._interval[2]}

    def _from_arrays(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        quartiles = take(arrays, "quartiles", np.float64, (2, len(self.feature_names)))
        self._interval = np.vstack([quartiles, self._scale_of(arrays)])

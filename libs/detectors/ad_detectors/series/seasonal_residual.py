"""Seasonal residuals: what neither trend nor season explains."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ad_detectors.base import Arrays, take
from ad_detectors.errors import DataError
from ad_detectors.matrix import Floats
from ad_detectors.parameters import option
from ad_detectors.series.residual import Compared, ResidualDetector, SeriesParameters
from ad_detectors.series.season import best_start, find_period, profile, trend

SHORTEST_TREND = 101
SMALLEST_ERROR = 1e-3
"""In units of a channel: an error below a thousandth of its range is no news."""


@dataclass(frozen=True, kw_only=True)
class SeasonalResidualParameters(SeriesParameters):
    """Parameters of `SeasonalResidual`."""

    period: int = option(
        0, "points of a season; 0 finds it in the training series, 1 means none", low=0, high=100_000
    )


class SeasonalResidual(ResidualDetector):
    """Residuals of a seasonal-trend decomposition.

    Idea: a channel is trend plus season plus the rest, and the rest is where anomalies are. The season is the
    median at each of its places over the training series, less the trend; the trend is the mean over one
    season around a point, at least 101 points, of the series that is scored. Where in the season a series starts is
    found by least squares, so it need not follow the training series. The score is the norm of the rests,
    each in units of its channel's standard deviation in training, averaged over `smoothing` points. It uses
    what follows a point: half of a season.

    Assumes one season of constant length and shape at regular sampling; without one, what is left is the
    distance from the trend. A change of level is forgiven after one season.

    Cost: O(n · d · log n) for fitting and for scoring.

    Contributions: each channel's squared rest over the norm; they add up to the score. Expected value: trend
    plus season; bounds as wide as 99 % of the training residuals.

    Parameters
    ----------
    period : int, default 0
        In points; 0 finds the first high peak of the mean autocorrelation.
    smoothing : int, default 9

    Source
    ------
    Cleveland et al., STL: A Seasonal-Trend Decomposition Procedure Based on Loess, 1990; here with moving
    means and medians, as Hochenbaum, Vallis and Kejariwal, Automatic Anomaly Detection in the Cloud via
    Statistical Learning, 2017.

    Examples
    --------
    >>> import numpy as np
    >>> wave = np.sin(np.arange(900) * 2 * np.pi / 30).reshape(-1, 1)
    >>> series = wave[607:].copy()
    >>> series[200] = 0.9
    >>> abs(int(SeasonalResidual().fit(wave[:600]).score(series).argmax()) - 200) <= 7
    True
    """

    name = "seasonal_residual"
    parameters_type = SeasonalResidualParameters
    parameters: SeasonalResidualParameters

    def _learn(self, series: Floats) -> None:
        period = min(self.parameters.period or find_period(series), len(series))
        self._shape = np.zeros((max(period, 1), series.shape[1]))
        if period > 1:
            self._shape = profile(series - self._trend(series), period)
        rest = series - self._explained(series)
        self._error = np.sqrt(np.mean(rest**2, axis=0)) + SMALLEST_ERROR

    def _compare(self, series: Floats) -> Compared:
        expected = self._explained(series)
        return Compared(((series - expected) / self._error) ** 2, expected)

    def _explained(self, series: Floats) -> Floats:
        level = self._trend(series)
        start = best_start(series - level, self._shape)
        return level + self._shape[(start + np.arange(len(series))) % len(self._shape)]

    def _trend(self, series: Floats) -> Floats:
        return trend(series, max(len(self._shape), SHORTEST_TREND))

    def _learnt(self) -> Arrays:
        return {"shape": self._shape, "error": self._error}

    def _relearn(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        channels = len(self.feature_names)
        self._shape = take(arrays, "shape", np.float64, (None, channels))
        self._error = take(arrays, "error", np.float64, (channels,))
        whole = len(self._shape) and np.isfinite(self._shape).all()
        if not (whole and (self._error >= SMALLEST_ERROR).all() and np.isfinite(self._error).all()):
            raise DataError("the season arrays are damaged: they must be finite and the errors above 0")

"""Forecast residuals: points that the points before them did not announce."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from ad_detectors.base import Arrays, take
from ad_detectors.errors import DataError
from ad_detectors.kernels.series_products import window_products
from ad_detectors.matrix import Floats
from ad_detectors.parameters import option
from ad_detectors.series.residual import Compared, ResidualDetector, SeriesParameters
from ad_detectors.series.windows import surrounded

MOST_INPUTS = 512
RIDGE = 1e-3
"""Per training point, in squared units of the channels: shrinks what 3 % of a channel's range explain."""

SMALLEST_ERROR = 1e-3
"""In units of a channel: an error below a thousandth of its range is no news."""


@dataclass(frozen=True, kw_only=True)
class ForecastResidualParameters(SeriesParameters):
    """Parameters of `ForecastResidual`."""

    lags: int = option(5, "points before a point that announce it", low=1, high=512)


class ForecastResidual(ResidualDetector):
    """Residuals of a linear forecast of every channel from the last points of all channels.

    Idea: a ridge regression foresees the next point; an anomaly is a change that was not announced. The score
    is the norm of the residuals, each in units of its channel's usual error, averaged over `smoothing`
    points. So a channel that is foreseen well counts much, and a persistent new level counts at its start
    and end. The forecast uses the past only; the smoothing also half as many points that follow.

    Assumes that the next point depends about linearly on the last ones, and that errors do not depend on the
    level. With many channels fewer lags are used: at most 512 values enter a forecast, or one point.

    Cost: fitting O(n · (d · lags)²), scoring O(n · d² · lags).

    Contributions: each channel's squared residual over the norm; they add up to the score. Expected value:
    the forecast; bounds as wide as 99 % of the training residuals.

    Parameters
    ----------
    lags : int, default 5
    smoothing : int, default 9

    Source
    ------
    Box and Jenkins, Time Series Analysis, 1970; Sims, Macroeconomics and Reality, 1980 (vector
    autoregression); Hoerl and Kennard, Ridge Regression, 1970.

    Examples
    --------
    >>> import numpy as np
    >>> wave = np.sin(np.arange(600) / 5.0).reshape(-1, 1)
    >>> series = wave[300:].copy()
    >>> series[200] += 0.5
    >>> abs(int(ForecastResidual().fit(wave[:300]).score(series).argmax()) - 200) <= 7
    True
    """

    name = "forecast_residual"
    parameters_type = ForecastResidualParameters
    parameters: ForecastResidualParameters

    def _learn(self, series: Floats) -> None:
        # scikit-learn takes a second to import: only those who fit pay for it.
        from sklearn.linear_model import Ridge

        channels = series.shape[1]
        lags = min(self.parameters.lags, max(MOST_INPUTS // channels, 1))
        windows = sliding_window_view(surrounded(series, lags, 0)[:-1], lags, axis=0)
        inputs = windows.transpose(0, 2, 1).reshape(len(series), lags * channels)
        fitted = Ridge(alpha=RIDGE * len(series), solver="cholesky").fit(inputs, series)
        weights = np.reshape(fitted.coef_, (channels, lags, channels)).transpose(1, 2, 0)
        self._weights = np.ascontiguousarray(weights)
        self._level = np.reshape(fitted.intercept_, channels).astype(np.float64)
        errors = series - self._forecast(series)
        self._error = np.sqrt(np.mean(errors**2, axis=0)) + SMALLEST_ERROR

    def _compare(self, series: Floats) -> Compared:
        expected = self._forecast(series)
        return Compared(((series - expected) / self._error) ** 2, expected)

    def _forecast(self, series: Floats) -> Floats:
        before = surrounded(series, len(self._weights), 0)[:-1]
        return window_products(before, self._weights) + self._level

    def _learnt(self) -> Arrays:
        return {"weights": self._weights, "level": self._level, "error": self._error}

    def _relearn(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        channels = len(self.feature_names)
        self._weights = take(arrays, "weights", np.float64, (None, channels, channels))
        self._level = take(arrays, "level", np.float64, (channels,))
        self._error = take(arrays, "error", np.float64, (channels,))
        whole = len(self._weights) and np.isfinite(self._weights).all() and np.isfinite(self._level).all()
        if not (whole and (self._error >= SMALLEST_ERROR).all()):
            raise DataError("the forecast arrays are damaged: they must be finite and the errors above 0")

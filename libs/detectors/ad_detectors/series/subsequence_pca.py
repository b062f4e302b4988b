"""Sub-sequence PCA: windows outside of the directions in which windows usually vary."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from ad_detectors.base import Arrays, take
from ad_detectors.errors import DataError
from ad_detectors.kernels.series_products import window_norms, window_products
from ad_detectors.matrix import Floats
from ad_detectors.parameters import option
from ad_detectors.series.residual import Compared, ResidualDetector, SeriesParameters
from ad_detectors.series.windows import centred

NOISE = 1e-3
"""The least variance of a direction, in squared units of the channels: 3 % of a range are noise."""

STILL = 1e-9
"""Channels that move less do not move."""

MOST_VALUES = 2**24
MOST_COMPONENTS = 64


@dataclass(frozen=True, kw_only=True)
class SubsequencePCAParameters(SeriesParameters):
    """Parameters of `SubsequencePCA`."""

    window: int = option(10, "points of a window", low=1, high=1_000)


class SubsequencePCA(ResidualDetector):
    """Principal components of windows: distance from the usual window in units of the usual variation.

    Idea: windows of a series vary in few directions. The score of a point is the Mahalanobis distance of the
    window around it, over all channels, where each principal component counts with its own variance plus
    0.001 and everything outside of the 64 largest with 0.001 (channels are in units of their range, so 3 % of
    it count as noise), averaged over `smoothing` points. A window that breaks the usual shape or the usual relation of
    channels lies outside of the components and scores high. It uses half a window of points that follow.

    Assumes normal windows in one elliptical cloud; of a series with several states, `matrix_profile` knows
    more. Large training series are thinned evenly to 16 million values in windows.

    Cost: fitting O(n · (window · d)²) or less, scoring O(n · window · d · 64).

    Contributions: the channels' parts in the squared distance, over its root; they add up to the score, and
    one can be negative where another channel makes up for it. Expected value: the usual window that is nearest to
    this one, at this point; bounds as wide as 99 % of the training residuals.

    Parameters
    ----------
    window : int, default 10
    smoothing : int, default 9

    Source
    ------
    Tipping and Bishop, Probabilistic Principal Component Analysis, 1999, section 3; Broomhead and King,
    Extracting qualitative dynamics from experimental data, 1986 (of windows).

    Examples
    --------
    >>> import numpy as np
    >>> wave = np.sin(np.arange(600) / 5.0).reshape(-1, 1)
    >>> series = wave[300:].copy()
    >>> series[200:203] = 0.5
    >>> abs(int(SubsequencePCA().fit(wave[:300]).score(series).argmax()) - 201) <= 7
    True
    """

    name = "subsequence_pca"
    parameters_type = SubsequencePCAParameters
    parameters: SubsequencePCAParameters

    def _learn(self, series: Floats) -> None:
        # scikit-learn takes a second to import: only those who fit pay for it.
        from sklearn.decomposition import PCA

        window, channels = self.parameters.window, series.shape[1]
        self._mean = series.mean(axis=0)
        view = sliding_window_view(centred(series - self._mean, window), window, axis=0)
        step = -(-len(series) * window * channels // MOST_VALUES)
        windows = view[::step].transpose(0, 2, 1).reshape(-1, window * channels)
        count = min(MOST_COMPONENTS, *windows.shape)
        fitted = PCA(count, svd_solver=_solver(windows, count), random_state=0)
        if np.ptp(windows, axis=0).max() > STILL:
            fitted.fit(windows)
            directions, variance = fitted.components_, fitted.explained_variance_
        else:
            directions, variance = np.zeros((1, window * channels)), np.zeros(1)
        self._use(directions.reshape(-1, window, channels).transpose(1, 2, 0), np.maximum(variance, 0.0))

    def _use(self, directions: Floats, variance: Floats) -> None:
        self._directions, self._variance = np.ascontiguousarray(directions), variance
        self._relief = variance / (variance + NOISE)

    def _compare(self, series: Floats) -> Compared:
        window = len(self._directions)
        rows = centred(series - self._mean, window)
        sums = window_products(rows, self._directions)
        parts = window_norms(rows, self._directions, sums, self._relief)
        middle = np.ascontiguousarray(self._directions[window // 2].T)
        return Compared(parts / NOISE, self._mean + window_products(sums * self._relief, middle[None]))

    def _learnt(self) -> Arrays:
        return {"mean": self._mean, "directions": self._directions, "variance": self._variance}

    def _relearn(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        channels = len(self.feature_names)
        self._mean = take(arrays, "mean", np.float64, (channels,))
        variance = take(arrays, "variance", np.float64, (None,))
        shape = (self.parameters.window, channels, len(variance))
        directions = take(arrays, "directions", np.float64, shape)
        whole = all(np.isfinite(array).all() for array in (self._mean, directions, variance))
        if not (whole and len(variance) and (variance >= 0.0).all()):
            raise DataError("the component arrays are damaged: they must be finite, variances at least 0")
        self._use(directions, variance)


def _solver(windows: Floats, count: int) -> str:
    """The exact solver that is fastest, and the randomised one where few of very many directions are wanted."""
    rows, width = windows.shape
    if width <= 1_024 and rows > width:
        return "covariance_eigh"
    return "full" if count > 0.8 * min(rows, width) else "randomized"

"""Spectral residual: points that stand out of what repeats in a channel's spectrum."""

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
from ad_detectors.series.windows import smoothed, surrounded

SPECTRUM = 3
"""Neighbouring frequencies whose mean log amplitude is what is usual at a frequency."""

AHEAD = SLOPES = 5
"""Points that are put behind a series, and the slopes that say where."""

SILENT = 1e-8
SMALLEST_ERROR = 1e-3


@dataclass(frozen=True, kw_only=True)
class SpectralResidualParameters(SeriesParameters):
    """Parameters of `SpectralResidual`."""

    context: int = option(21, "points before a point with which its saliency is compared", low=1, high=10_000)


class SpectralResidual(ResidualDetector):
    """Spectral residual saliency of every channel.

    Idea: what repeats has peaks in the spectrum; a spectrum whose peaks are flattened to the height of the
    frequencies around them gives back a series in which only the unusual stands out. The saliency of a point
    relative to the mean of the `context` points before it, where it is higher, is the residual of a channel;
    the score is the norm of the residuals, each in units of its mean square in training, averaged over
    `smoothing` points. The transform is of the whole series that is scored, so a score depends on what
    precedes and what follows. The first `context` points have nothing to be compared with and count 0.

    Assumes regular sampling and short anomalies: spikes, dips and jumps stand out, a long anomaly only at its
    ends, and a channel without structure not at all.

    Cost: O(n · d · log n) for fitting and for scoring.

    Contributions: each channel's squared residual over the norm; they add up to the score. Expected value:
    the mean of the `context` points before; bounds as wide as 99 % of the training residuals.

    Parameters
    ----------
    context : int, default 21
    smoothing : int, default 9

    Source
    ------
    Ren et al., Time-Series Anomaly Detection Service at Microsoft, KDD 2019, section 3; Hou and Zhang,
    Saliency Detection: A Spectral Residual Approach, CVPR 2007.

    Examples
    --------
    >>> import numpy as np
    >>> wave = np.sin(np.arange(600) / 5.0).reshape(-1, 1)
    >>> series = wave[300:].copy()
    >>> series[200] += 2.0
    >>> abs(int(SpectralResidual().fit(wave[:300]).score(series).argmax()) - 200) <= 7
    True
    """

    name = "spectral_residual"
    parameters_type = SpectralResidualParameters
    parameters: SpectralResidualParameters

    def _learn(self, series: Floats) -> None:
        self._error = np.sqrt(np.mean(self._salience(series) ** 2, axis=0)) + SMALLEST_ERROR

    def _compare(self, series: Floats) -> Compared:
        return Compared((self._salience(series) / self._error) ** 2, self._before(series))

    def _salience(self, series: Floats) -> Floats:
        found = saliency(series)
        usual = self._before(found)
        flat = usual <= SILENT
        salience = np.where(flat, 0.0, np.maximum(found / np.where(flat, 1.0, usual) - 1.0, 0.0))
        salience[: self.parameters.context] = 0.0
        return salience

    def _before(self, values: Floats) -> Floats:
        """The mean of the points before each one; of the first point, itself."""
        context = self.parameters.context
        wide = surrounded(values, context, 0)
        totals = np.cumsum(wide, axis=0)
        earlier = np.concatenate([np.zeros((1, values.shape[1])), totals[: len(values) - 1]])
        mean: Floats = (totals[context - 1 : -1] - earlier) / context
        return mean

    def _learnt(self) -> Arrays:
        return {"error": self._error}

    def _relearn(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        self._error = take(arrays, "error", np.float64, (len(self.feature_names),))
        if not (np.isfinite(self._error).all() and (self._error >= SMALLEST_ERROR).all()):
            raise DataError("the error array is damaged: every error must be above 0")


def saliency(series: Floats) -> Floats:
    """The saliency map of each channel of a series of shape (n, d): not negative, 0 for a constant channel."""
    before = np.clip(len(series) - 1 - np.arange(1, SLOPES + 1), 0, None)
    slopes = (series[-1] - series[before]) / np.arange(1, SLOPES + 1)[:, None]
    # Equation 9: one point on the mean slope through the last ones, repeated, keeps the last point off the edge.
    ahead = np.broadcast_to(series[-1] + slopes.mean(axis=0), (AHEAD, series.shape[1]))
    extended = np.concatenate([series, ahead])
    spectrum = np.fft.fft(extended, axis=0)
    amplitude = np.abs(spectrum)
    logarithm = np.log(amplitude + SILENT)
    residual = np.exp(logarithm - smoothed(logarithm, SPECTRUM))
    phase = np.where(amplitude > SILENT, spectrum / np.where(amplitude > SILENT, amplitude, 1.0), 0.0)
    found: Floats = np.abs(np.fft.ifft(residual * phase, axis=0))[: len(series)]
    return np.where(np.ptp(series, axis=0) > 0.0, found, 0.0)

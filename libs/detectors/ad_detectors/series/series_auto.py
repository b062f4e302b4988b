"""The default for time series: states never seen together with changes not announced."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ad_detectors.base import Arrays, SeriesDetector, take
from ad_detectors.errors import DataError
from ad_detectors.matrix import Floats
from ad_detectors.parameters import Parameters, option
from ad_detectors.series.forecast_residual import ForecastResidual
from ad_detectors.series.matrix_profile import MatrixProfile

LEAST = 1e-9
"""Of a channel's unit: where training windows repeat exactly, their distance is taken for this."""


@dataclass(frozen=True, kw_only=True)
class SeriesAutoParameters(Parameters):
    """Parameters of `SeriesAuto`."""

    window: int = option(8, "points of a window of the matrix profile", low=1, high=1_000)
    lags: int = option(5, "points before a point that announce it in the forecast", low=1, high=512)
    smoothing: int = option(
        9, "points over which scores are averaged, around each point; 1 means none", low=1, high=10_000
    )


class SeriesAuto(SeriesDetector):
    """Matrix profile and forecast residual in one: the geometric mean of both scores.

    Idea: an anomaly is a state that training never showed, which the matrix profile sees, and mostly also a
    change that the points before did not announce, which the forecast sees. A drift into a new but calm state
    raises only the first, the restless hours of a known state only the second; their product stays low for
    both. The score is the root of the product of the two, each in units of its median in training, so 1 is
    ordinary. It uses what follows a point: half of a window, and half of the smoothing.

    Assumes what its members assume: points at regular intervals, and a training series of normal states.
    Cost: that of `matrix_profile`, O(n · m · (d + window)).

    Contributions: a channel's shares in the two scores, averaged, times the score; they add up to the score.
    Expected value and bounds: those of the forecast.

    Parameters
    ----------
    window : int, default 8
    lags : int, default 5
    smoothing : int, default 9

    Source
    ------
    `matrix_profile` and `forecast_residual`; Kittler et al., On Combining Classifiers, 1998 (product rule).

    Examples
    --------
    >>> import numpy as np
    >>> wave = np.sin(np.arange(600) / 5.0).reshape(-1, 1)
    >>> series = wave[300:].copy()
    >>> series[200] += 0.5
    >>> abs(int(SeriesAuto().fit(wave[:300]).score(series).argmax()) - 200) <= 7
    True
    """

    name = "series_auto"
    parameters_type = SeriesAutoParameters
    parameters: SeriesAutoParameters

    def _fit(self, matrix: Floats) -> None:
        chosen = self.parameters
        self._pattern = MatrixProfile(window=chosen.window, smoothing=chosen.smoothing).fit(matrix)
        self._change = ForecastResidual(lags=chosen.lags, smoothing=chosen.smoothing).fit(matrix)
        medians = [member.threshold(0.5) for member in (self._pattern, self._change)]
        self._usual = np.maximum(np.array(medians), LEAST)

    def _score(self, matrix: Floats) -> Floats:
        pattern, change = self._pattern.score(matrix), self._change.score(matrix)
        return self._joined(pattern, change)

    def _joined(self, pattern: Floats, change: Floats) -> Floats:
        score: Floats = np.sqrt(pattern / self._usual[0]) * np.sqrt(change / self._usual[1])
        return score

    def _contributions(self, matrix: Floats) -> tuple[float, Floats]:
        pattern, change = self._pattern.explain(matrix), self._change.explain(matrix)
        shares = [_shares(part.contributions) for part in (pattern, change)]
        totals = [part.contributions.sum(axis=1) for part in (pattern, change)]
        score = self._joined(totals[0], totals[1])
        return 0.0, (shares[0] + shares[1]) * (0.5 * score)[:, None]

    def _expected(self, matrix: Floats) -> tuple[Floats, Floats, Floats]:
        change = self._change.explain(matrix)
        return change.expected, change.lower, change.upper

    def _to_arrays(self) -> Arrays:
        members = {member.name: member.to_arrays() for member in (self._pattern, self._change)}
        arrays = {f"{name}_{key}": value for name, own in members.items() for key, value in own.items()}
        return {"usual": self._usual, **arrays}

    def _from_arrays(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        chosen = self.parameters
        self._pattern = MatrixProfile.from_arrays(
            {"window": chosen.window, "smoothing": chosen.smoothing},
            self.feature_names,
            _own(arrays, MatrixProfile.name),
        )
        self._change = ForecastResidual.from_arrays(
            {"lags": chosen.lags, "smoothing": chosen.smoothing},
            self.feature_names,
            _own(arrays, ForecastResidual.name),
        )
        self._usual = take(arrays, "usual", np.float64, (2,))
        if not (np.isfinite(self._usual).all() and (self._usual >= LEAST).all()):
            raise DataError("the usual scores are damaged: they must be finite and above 0")


def _shares(parts: Floats) -> Floats:
    total = parts.sum(axis=1, keepdims=True)
    shares: Floats = np.divide(parts, total, out=np.zeros(parts.shape), where=total > 0.0)
    return shares


def _own(arrays: Mapping[str, NDArray[Any]], name: str) -> Arrays:
    return {
        key.removeprefix(f"{name}_"): value for key, value in arrays.items() if key.startswith(f"{name}_")
    }

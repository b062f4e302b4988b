"""What the detectors of time series share: channels in one unit, a residual per channel, smooth scores."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ad_detectors.base import Arrays, SeriesDetector, take
from ad_detectors.matrix import Floats
from ad_detectors.parameters import Parameters, option
from ad_detectors.series.scale import ChannelScale
from ad_detectors.series.windows import smoothed

BOUND_SHARE = 0.99
"""Of the training points, this share lies within the bounds of an explanation."""


@dataclass(frozen=True, kw_only=True)
class SeriesParameters(Parameters):
    """What every detector of time series takes."""

    smoothing: int = option(
        9, "points over which the score is averaged, around each point; 1 means none", low=1, high=10_000
    )


class Compared(NamedTuple):
    """A series beside what was to be expected, all of shape (n, d) and in the common unit.

    `squares` says per channel how far off a point is; the square root of their sum is its score before smoothing.
    """

    squares: Floats
    expected: Floats


class ResidualDetector(SeriesDetector):
    """A detector whose score is the norm of residuals, averaged over the points around each one.

    The parts of the channels in the norm, averaged alike, add up to the score, so the baseline is 0.
    """

    parameters: SeriesParameters

    def _fit(self, matrix: Floats) -> None:
        self._scale = ChannelScale.fit(matrix)
        series = self._scale.apply(matrix)
        self._learn(series)
        away = np.abs(series - self._compare(series).expected)
        self._width = np.quantile(away, BOUND_SHARE, axis=0)

    def _score(self, matrix: Floats) -> Floats:
        return smoothed(_norm(self._compare(self._scale.apply(matrix)).squares), self.parameters.smoothing)

    def _contributions(self, matrix: Floats) -> tuple[float, Floats]:
        squares = self._compare(self._scale.apply(matrix)).squares
        norm = _norm(squares)[:, None]
        parts = np.divide(squares, norm, out=np.zeros(squares.shape), where=norm > 0.0)
        return 0.0, smoothed(parts, self.parameters.smoothing)

    def _expected(self, matrix: Floats) -> tuple[Floats, Floats, Floats]:
        expected = self._compare(self._scale.apply(matrix)).expected
        lower, upper = expected - self._width, expected + self._width
        return self._scale.back(expected), self._scale.back(lower), self._scale.back(upper)

    def _to_arrays(self) -> Arrays:
        return {**self._scale.to_arrays(), "width": self._width, **self._learnt()}

    def _from_arrays(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        channels = len(self.feature_names)
        self._scale = ChannelScale.from_arrays(arrays, channels)
        self._width = take(arrays, "width", np.float64, (channels,))
        self._relearn(arrays)

    @abstractmethod
    def _learn(self, series: Floats) -> None:
        """Learn from a training series in the common unit."""

    @abstractmethod
    def _compare(self, series: Floats) -> Compared:
        """Compare a series in the common unit with what was learnt."""

    @abstractmethod
    def _learnt(self) -> Arrays: ...
    @abstractmethod
    def _relearn(self, arrays: Mapping[str, NDArray[Any]]) -> None: ...


def _norm(squares: Floats) -> Floats:
    # A sum of parts with signs can fall below 0 by a rounding.
    norm: Floats = np.sqrt(np.maximum(squares.sum(axis=1), 0.0))
    return norm

"""How good the scores of a time series are, against labelled ranges with uncertain edges."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ad_detectors.errors import DataError, ParameterError
from ad_detectors.matrix import Floats

THRESHOLDS = 250
SHORTEST, LONGEST, DEFAULT_WINDOW, MOST_POINTS = 3, 300, 125, 20_000
LAGS = 400

Places = NDArray[np.int64]


def vus_pr(truth: ArrayLike, scores: ArrayLike, window: int) -> float:
    """Volume under the surface of precision and recall over the tolerances 0, 1, …, window at the labels' edges.

    A point d points outside of a labelled range counts √(1 - d / w) as an anomaly where d is at most w / 2. Recall is
    weighted by the share of ranges that are touched at all; 250 thresholds, evenly spread over the ranks of the scores;
    the mean over the tolerances w of the area under each curve. In [0, 1]; scores at random give little more than the
    share of anomalies. Unlike point-adjusted F1 it gives no credit for one lucky point in a long range. Costs
    O(n log n + window · (points near ranges + 250)).

    Parameters
    ----------
    truth : array_like of shape (n,)
        1 or True for an anomaly; both kinds must occur.
    scores : array_like of shape (n,)
        Higher is more anomalous.
    window : int
        The largest tolerance, in points; 100 is usual, published figures take `natural_window` of the first channel.

    Raises
    ------
    DataError
        Lengths differ, a score is not finite, or the labels are all alike.
    ParameterError
        The window is negative.

    Source
    ------
    Paparrizos, Boniol, Palpanas, Tsay, Elmore and Franklin, Volume Under the Surface, VLDB 2022, section 4; Liu and
    Paparrizos, The Elephant in the Room, NeurIPS 2024 (TSB-AD), whose figures it reproduces.

    Examples
    --------
    >>> vus_pr([0, 0, 0, 1, 1, 0, 0, 0], [0, 0, 0, 9, 8, 0, 0, 0], window=0)
    1.0
    >>> round(vus_pr([0, 0, 0, 1, 1, 0, 0, 0], [0, 0, 9, 8, 0, 0, 0, 0], window=4), 3)
    0.61
    """
    actual, values = np.asarray(truth, np.bool_), np.asarray(scores, np.float64)
    if actual.shape != values.shape or actual.ndim != 1:
        raise DataError(f"truth {actual.shape} and scores {values.shape} must match")
    if not np.isfinite(values).all():
        raise DataError("every score must be finite")
    if actual.all() or not actual.any():
        raise DataError("the labels are all alike; VUS-PR needs normal points and anomalies")
    if window < 0:
        raise ParameterError(f"window is {window!r}; valid is a whole number of at least 0")
    found = _Found.of(actual, values)
    return float(np.mean([found.area(tolerance) for tolerance in range(window + 1)]))


def natural_window(channel: ArrayLike) -> int:
    """The lag of the highest peak of the autocorrelation, 125 without one: the window of published VUS-PR figures.

    Of the first 20,000 values, float of shape (n,); peaks at lags of 6 to 303 points count.

    Source
    ------
    TSB-AD, `find_length_rank`.

    Examples
    --------
    >>> natural_window(np.sin(np.arange(2000) * 2 * np.pi / 50))
    50
    """
    values = np.asarray(channel, np.float64)[:MOST_POINTS]
    values = values - values.mean()
    spectrum = np.fft.rfft(values, 2 * len(values))
    power = np.fft.irfft(np.abs(spectrum) ** 2)[: min(LAGS, len(values) - 1) + 1]
    if power[0] <= 0.0:
        return DEFAULT_WINDOW
    found = power[SHORTEST:] / power[0]
    peaks = np.flatnonzero((found[1:-1] > found[:-2]) & (found[1:-1] > found[2:])) + 1
    if len(peaks) == 0:
        return DEFAULT_WINDOW
    best = int(peaks[np.argmax(found[peaks])])
    return best + SHORTEST if SHORTEST <= best <= LONGEST else DEFAULT_WINDOW


@dataclass(frozen=True, eq=False)
class _Found:
    """At which threshold each point is found, and what follows for every threshold."""

    truth: NDArray[np.bool_]
    starts: Places
    ends: Places
    level: Places
    alarms: Floats
    hits: Floats

    @classmethod
    def of(cls, truth: NDArray[np.bool_], scores: Floats) -> "_Found":
        thresholds = -np.sort(-scores)[np.linspace(0, len(scores) - 1, THRESHOLDS).astype(np.int64)]
        level = np.searchsorted(-thresholds, -scores, side="left")
        edges = np.diff(np.concatenate([[0], truth.astype(np.int8), [0]]))
        starts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1) - 1
        return cls(truth, starts, ends, level, _up_to(level), _up_to(level[truth]))

    def area(self, tolerance: int) -> float:
        """The area under the curve of precision and recall at one tolerance."""
        soft = self._soft(tolerance)
        near = np.flatnonzero(soft)
        extra = _up_to(self.level[near], soft[near])
        sentinel = np.append(self.level, THRESHOLDS - 1)  # so that a range may end with the series
        touched = np.minimum.reduceat(sentinel, self._joined(tolerance).ravel())[::2]
        share = _up_to(touched) / len(touched)
        hits = self.hits + extra
        recall = np.minimum(hits / (self.hits[-1] + extra / 2.0), 1.0) * share
        return float((np.diff(recall, prepend=0.0) * hits / self.alarms).sum())

    def _soft(self, tolerance: int) -> Floats:
        """How much points outside of the ranges count, up to 1."""
        soft = np.zeros(len(self.truth) + 2 * tolerance)
        for distance in range(1, tolerance // 2 + 1):
            weight = np.sqrt(1.0 - distance / tolerance)
            soft[self.ends + tolerance + distance] += weight
            soft[self.starts + tolerance - distance] += weight
        inside = np.minimum(soft[tolerance : tolerance + len(self.truth)], 1.0)
        inside[self.truth] = 0.0
        return inside

    def _joined(self, tolerance: int) -> Places:
        """First and one past the last point of each widened range; those that meet are one: (m, 2)."""
        reach = tolerance // 2
        apart = self.ends[:-1] + reach < self.starts[1:] - reach
        first = np.concatenate([[self.starts[0]], self.starts[1:][apart]]) - reach
        last = np.concatenate([self.ends[:-1][apart], [self.ends[-1]]]) + reach
        return np.stack([np.maximum(first, 0), np.minimum(last + 1, len(self.truth))], axis=1)


def _up_to(levels: Places, weights: Floats | None = None) -> NDArray[np.float64]:
    """How much is found at each threshold or a higher one."""
    return np.cumsum(np.bincount(levels, weights, minlength=THRESHOLDS))

"""Tail probabilities of scores: empirical in the body, generalised Pareto in the tail."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ad_detectors.errors import DataError, ParameterError
from ad_detectors.matrix import Floats

SMALLEST = 1e-15
"""A probability is never smaller, so it can always be divided by and shown."""

EXACT_TOP = 2048
BODY_POINTS = 2048
TAIL_SHARE = 0.05
FEWEST_EXCEEDANCES = 10
TRUSTED = 5
SMOOTHED = 20
DOUBT = 0.1
PARTS = ("scores", "survival", "levels", "tail")

Counts = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class TailCalibration:
    """Turns a raw score into the probability that a normal row scores at least as high.

    The body is the empirical survival function of the training scores, interpolated. A generalised Pareto
    distribution, fitted to the highest 5 % by probability weighted moments, takes over without a step where
    only a few scores (a twentieth of them in small data) are left; where it has an end, these also say where.
    Probabilities lie in (0, 1] and never grow with the score. Fitting costs O(n log n), a look-up O(log n).

    `fit` assumes nothing of the scores: they may have ties and gaps, as those of trees and histograms have. It
    trusts the ranks until five scores are left, and there the Pareto distribution as far as it does not
    contradict them. In the highest 5 % a tie counts half, so that "one in N" is right on average where
    a single score is more frequent than that. `smooth` takes the Pareto distribution for the 20 highest scores,
    whatever they are: a curve without steps, for scores that are combined.

    Attributes
    ----------
    scores : float64 of shape (m,)
        Different training scores, ascending: all of the highest, a sample of the others.
    survival : float64 of shape (m,)
        The probability of at least this score.
    levels : float64 of shape (m,)
        The share of training scores up to the middle of the rows with this score.
    tail : float64 of shape (5,)
        Start of the tail (score), its probability, shape and scale of the Pareto distribution, and a tenth of
        what one of the training rows weighs: no fit to n rows may claim to know that much better, so this,
        falling slowly with the score, is the least that remains.

    Source
    ------
    Pickands 1975 (the tail); Hosking and Wallis 1987, section 3 (probability weighted moments); Lancaster 1961
    (ties that count half).

    Examples
    --------
    >>> calibration = TailCalibration.fit(range(1000))
    >>> calibration.probability([0.0, 900.0, 5000.0]).round(3).tolist()
    [1.0, 0.101, 0.0]
    >>> calibration.threshold(0.1)
    899.5
    """

    scores: Floats
    survival: Floats
    levels: Floats
    tail: Floats

    @classmethod
    def fit(cls, scores: ArrayLike) -> Self:
        """Learn from the scores of normal rows: float64 of shape (n,), finite, n of at least 1."""
        ordered, values, at_least, counts = _counted(scores)
        survival = _survival(at_least, counts, _exceedances(len(ordered)))
        tail = _fit_tail(ordered, values, survival, TRUSTED)
        return cls._of(values, *_believable(values, survival, tail), at_least, counts)

    @classmethod
    def smooth(cls, scores: ArrayLike) -> Self:
        """The same, as one curve without steps, for scores that are combined with others."""
        ordered, values, at_least, counts = _counted(scores)
        survival = _survival(at_least, counts, 0)
        return cls._of(values, survival, _fit_tail(ordered, values, survival, SMOOTHED), at_least, counts)

    @classmethod
    def _of(cls, values: Floats, survival: Floats, tail: Floats, at_least: Counts, counts: Counts) -> Self:
        kept, rows = _kept(len(values)), at_least[0]
        levels = (rows - at_least + counts / 2) / rows
        return cls(values[kept], survival[kept], levels[kept], tail)

    def probability(self, scores: ArrayLike) -> Floats:
        """Tail probabilities of scores of any shape."""
        values = np.asarray(scores, dtype=np.float64)
        start, at_start, shape, scale, doubt = self.tail
        body = np.interp(values, self.scores, self.survival, left=1.0)
        excess = np.maximum(values - start, 0.0) / scale
        with np.errstate(divide="ignore"):
            beyond = np.maximum(at_start * _pareto_survival(excess, shape), doubt / (1.0 + excess))
        return np.clip(np.where(values > start, beyond, body), SMALLEST, 1.0)

    def threshold(self, contamination: float) -> float:
        """The score that this share of the training rows exceeds.

        Raises
        ------
        ParameterError
            The contamination is not above 0 and at most 0.5.
        """
        if not 0.0 < contamination <= 0.5:
            raise ParameterError(
                f"contamination is {contamination!r}; valid is a number above 0 and up to 0.5"
            )
        return float(np.interp(1.0 - contamination, self.levels, self.scores))

    def to_arrays(self, prefix: str) -> dict[str, NDArray[Any]]:
        """Plain arrays for the artifact, under names that begin with the prefix."""
        return {f"{prefix}_{name}": getattr(self, name) for name in PARTS}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], prefix: str) -> Self:
        """The calibration that `to_arrays` wrote."""
        found = {name: arrays[f"{prefix}_{name}"] for name in PARTS}
        lengths = {found[name].shape for name in ("scores", "survival", "levels")}
        finite = all(a.dtype == np.float64 and np.isfinite(a).all() for a in found.values())
        if not finite or len(lengths) != 1 or len(found["scores"]) == 0 or found["tail"].shape != (5,):
            raise DataError(f"the {prefix} arrays are damaged: they must be finite float64 of one length")
        return cls(**found)


def _kept(count: int) -> NDArray[np.int64]:
    """Positions to keep: the highest ones all, the rest thinned evenly."""
    if count <= EXACT_TOP + BODY_POINTS:
        return np.arange(count)
    body = np.linspace(0, count - EXACT_TOP - 1, BODY_POINTS).round().astype(np.int64)
    return np.concatenate([body, np.arange(count - EXACT_TOP, count)])


def _counted(scores: ArrayLike) -> tuple[Floats, Floats, Counts, Counts]:
    """All scores and the different ones, ascending; how many are at least as high, and how many the same."""
    ordered = np.sort(np.asarray(scores, dtype=np.float64))
    values, first, counts = np.unique(ordered, return_index=True, return_counts=True)
    return ordered, values, len(ordered) - first, counts


def _survival(at_least: Counts, counts: Counts, halved: int) -> Floats:
    """The probability of each score by its rank; among the highest ones, `halved` in number, ties count half."""
    rows = at_least[0]
    middle = (at_least - (counts - 1) / 2) / (rows + 1)
    found: Floats = np.where(at_least <= halved, middle, (at_least + 1) / (rows + 1))
    return found


def _exceedances(rows: int) -> int:
    """How many of the highest scores the tail is fitted to."""
    return max(int(rows * TAIL_SHARE), min(FEWEST_EXCEEDANCES, rows // 2))


def _fit_tail(ordered: Floats, values: Floats, survival: Floats, joined_at: int) -> Floats:
    rows = len(ordered)
    start = ordered[rows - 1 - _exceedances(rows)]
    excess = ordered[ordered > start] - start
    shape, scale = _pareto_moments(excess) if len(excess) >= FEWEST_EXCEEDANCES else (0.0, _mean(excess))
    # The training scores speak for themselves while enough of them are left; the fit goes on from there.
    join = max(start, ordered[max(rows - 1 - joined_at, 0)])
    smallest_scale = _smallest_scale(join)
    scale += shape * (join - start)
    highest = _mean(ordered[ordered > join] - join)
    if shape < 0.0 and highest > 0.0:
        # The tail has an end, and the nearer it is, the more the highest scores alone know where: an error
        # of a hundredth in the fit to the highest 5 % is half of what one in 1,000 leaves.
        scale = max(scale, smallest_scale) ** (1.0 + shape) * (highest * (1.0 - shape)) ** -shape
    if scale < smallest_scale:
        shape, scale = 0.0, max(highest, smallest_scale)
    at_join = survival[np.searchsorted(values, join)]
    return np.array([join, at_join, shape, scale, DOUBT / (rows + 1)])


def _believable(values: Floats, survival: Floats, tail: Floats) -> tuple[Floats, Floats]:
    """The fitted tail up to the highest score, no farther from the ranks than these vary; and what is left of it.

    The share beyond the k-th highest of n scores varies by a factor of about exp(1 / √k).
    """
    start, at_start, shape, scale, doubt = tail
    beyond = values > start
    if not beyond.any():
        return survival, tail
    excess, ranks = values[beyond] - start, survival[beyond]
    fitted = at_start * _pareto_survival(excess / scale, shape)
    reach = np.exp(np.sqrt(doubt / DOUBT / ranks))
    found = survival.copy()
    found[beyond] = np.clip(fitted, ranks / reach, ranks * reach)
    found = np.minimum.accumulate(found)
    left = scale + shape * excess[-1]
    if left < _smallest_scale(values[-1]):
        shape, left = 0.0, max(_mean(excess), _smallest_scale(values[-1]))
    return found, np.array([values[-1], found[-1], shape, left, doubt])


def _smallest_scale(score: float) -> float:
    """What differs by less is the same but for rounding."""
    return max(abs(score) * 1e-9, 1e-12)


def _pareto_moments(excess: Floats) -> tuple[float, float]:
    """Shape and scale by probability weighted moments; the shape is kept where the fit can be trusted."""
    count = len(excess)
    first = float(np.mean(excess))
    second = float(np.mean(excess * (count - 1 - np.arange(count)) / max(count - 1, 1)))
    spread = first - 2.0 * second
    if spread <= 0.0:
        return 0.0, first
    shape = float(np.clip(2.0 - first / spread, -1.0, 0.5))
    return shape, first * (1.0 - shape)


def _pareto_survival(excess: Floats, shape: float) -> Floats:
    """The survival function of the generalised Pareto distribution at excesses in units of the scale."""
    if abs(shape) < 1e-9:
        return np.exp(-excess)
    return np.maximum(1.0 + shape * excess, 0.0) ** (-1.0 / shape)


def _mean(excess: Floats) -> float:
    return float(np.mean(excess)) if len(excess) else 0.0

"""Conformal p-values: the rank of a score among those of rows that were not trained on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ad_detectors.errors import DataError
from ad_detectors.matrix import Floats


@dataclass(frozen=True, eq=False)
class ConformalCalibration:
    """Turns a raw score into (number of calibration scores at least as high + 1) / (n + 1).

    Whatever the detector and the distribution: for a row that is exchangeable with the calibration rows, the
    probability of a p-value of at most p is at most p. Nothing smaller than 1 / (n + 1) is
    possible, so "one in 1,000" needs 999 rows; `TailCalibration` goes on from there by a fitted tail.

    Assumes that the scores are of rows that the detector was not fitted on (split conformal). Fitting costs
    O(n log n), a look-up O(log n); 8 bytes per calibration row.

    Attributes
    ----------
    scores : float64 of shape (n,)
        Calibration scores, ascending.

    Source
    ------
    Vovk, Gammerman and Shafer, Algorithmic Learning in a Random World, 2005; Bates, Candès, Lei, Romano and
    Sesia, Testing for outliers with conformal p-values, Annals of Statistics 2023.

    Examples
    --------
    >>> calibration = ConformalCalibration.fit([1.0, 2.0, 2.0, 3.0])
    >>> calibration.probability([0.0, 2.0, 9.0]).tolist()
    [1.0, 0.8, 0.2]
    >>> calibration.smoothed([0.0, 2.0, 9.0]).tolist()
    [0.9, 0.5, 0.1]
    """

    scores: Floats

    @classmethod
    def fit(cls, scores: ArrayLike) -> Self:
        """Learn from the scores of the calibration rows: float64 of shape (n,), finite, n of at least 1.

        Raises
        ------
        DataError
            There is none, or one is not finite.
        """
        ordered = np.sort(np.asarray(scores, dtype=np.float64), axis=None)
        if len(ordered) == 0 or not np.isfinite(ordered).all():
            raise DataError(f"calibration needs finite scores, at least one; got {len(ordered)}")
        return cls(ordered)

    def probability(self, scores: ArrayLike) -> Floats:
        """p-values of scores of any shape, in (0, 1]; a tie counts as at least as high, so they are valid."""
        values, count = np.asarray(scores, dtype=np.float64), len(self.scores)
        above = count - np.searchsorted(self.scores, values, side="left")
        return np.asarray((above + 1.0) / (count + 1.0), np.float64)

    def smoothed(self, scores: ArrayLike) -> Floats:
        """p-values in which a tie, and the row itself, count for half.

        With many ties the valid ones are much too large; these are right on average, without a random number.
        """
        values, count = np.asarray(scores, dtype=np.float64), len(self.scores)
        above = count - np.searchsorted(self.scores, values, side="right")
        ties = count - np.searchsorted(self.scores, values, side="left") - above
        return np.asarray((above + 0.5 * (ties + 1.0)) / (count + 1.0), np.float64)

    def to_arrays(self, prefix: str) -> dict[str, NDArray[Any]]:
        """Plain arrays for the artifact, under names that begin with the prefix."""
        return {f"{prefix}_scores": self.scores}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], prefix: str) -> Self:
        """The calibration that `to_arrays` wrote."""
        scores = arrays[f"{prefix}_scores"]
        whole = scores.dtype == np.float64 and scores.ndim == 1 and len(scores) > 0
        if not whole or not np.isfinite(scores).all() or (np.diff(scores) < 0.0).any():
            raise DataError(f"the {prefix} arrays are damaged: they must be finite, ascending float64")
        return cls(scores)

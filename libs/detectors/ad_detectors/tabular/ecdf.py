"""What `ecod` and `copod` share: the empirical distribution of each feature, with tails that go on."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ad_detectors.base import Arrays, take
from ad_detectors.errors import DataError
from ad_detectors.kernels.tails import tail_parts, tail_scores
from ad_detectors.matrix import Floats
from ad_detectors.tabular.additive import AdditiveDetector
from ad_detectors.tabular.interval import usable_scale
from ad_detectors.tabular.refit import RefittedDetector

MOST_VALUES = 100_000
EXACT_ENDS = 2_000


@dataclass(frozen=True, eq=False)
class Distributions:
    """The training values of all features, one feature after the other.

    Attributes
    ----------
    values : float64 of shape (m,)
        The different values of each feature, ascending.
    at_most : int64 of shape (m,)
        How many training rows are not above each value.
    starts : int64 of shape (d + 1,)
        Where the values of each feature begin.
    skewness : float64 of shape (d,)
        Its sign: -1, 0 or 1.
    """

    values: Floats
    at_most: NDArray[np.int64]
    starts: NDArray[np.int64]
    skewness: Floats

    @classmethod
    def fit(cls, matrix: Floats) -> Self:
        """Count the different values of each column."""
        counted = [_counted(column) for column in matrix.T]
        lengths = [len(values) for values, _ in counted]
        return cls(
            np.concatenate([values for values, _ in counted]),
            np.concatenate([at_most for _, at_most in counted]),
            np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
            _skewness_signs(matrix),
        )

    @property
    def rows(self) -> int:
        """The number of training rows."""
        return int(self.at_most[-1])

    def check(self) -> None:
        """Refuse arrays that would lead a search outside of them."""
        starts, ends = self.starts[:-1], self.starts[1:]
        sound = (
            self.starts[0] == 0
            and self.starts[-1] == len(self.values) == len(self.at_most)
            and bool((ends > starts).all())
            and bool(np.isfinite(self.values).all())
            and bool(np.isin(self.skewness, (-1.0, 0.0, 1.0)).all())
        )
        if not sound or not self._counts_are_sound():
            raise DataError("the arrays of training values are damaged: values and counts must ascend")

    def _counts_are_sound(self) -> bool:
        first = np.zeros(len(self.values), np.bool_)
        first[self.starts[:-1]] = True
        rising = (np.diff(self.values) > 0) & (np.diff(self.at_most) > 0)
        positive = bool((self.at_most > 0).all())
        return (
            positive
            and bool((first[1:] | rising).all())
            and bool((self.at_most[self.starts[1:] - 1] == self.rows).all())
        )


class TailDetector(AdditiveDetector, RefittedDetector):
    """The score sums, over the features, what `_joined` makes of the two tail probabilities of a value.

    A value is compared with the training values only, so a score does not depend on other rows; on the
    training rows it is PyOD's.
    """

    def _fit(self, matrix: Floats) -> None:
        self._use(Distributions.fit(matrix))

    def _use(self, learnt: Distributions) -> None:
        self._learnt = learnt
        rarity = _rarity(learnt.rows)
        tables = [self._tables(feature, rarity) for feature in range(len(learnt.skewness))]
        self._at = np.concatenate([at for at, _, _ in tables])
        self._between = np.concatenate([between for _, between, _ in tables])
        self._units = np.stack([units for _, _, units in tables])

    def _tables(self, feature: int, rarity: Floats) -> tuple[Floats, Floats, Floats]:
        learnt = self._learnt
        own = slice(learnt.starts[feature], learnt.starts[feature + 1])
        values, at_most, skewness = learnt.values[own], learnt.at_most[own], float(learnt.skewness[feature])
        below = np.concatenate([[0], at_most])
        left, right = rarity[below], rarity[learnt.rows - below]
        at = self._joined(left[1:], right[:-1], skewness)
        return at, self._joined(left, right, skewness), _units(values, at_most)

    @abstractmethod
    def _joined(self, left: Floats, right: Floats, skewness: float) -> Floats:
        """One figure from -log of the left and of the right tail probability."""

    def _score(self, matrix: Floats) -> Floats:
        learnt = self._learnt
        return tail_scores(matrix, learnt.values, learnt.starts, self._at, self._between, self._units)

    def _parts(self, matrix: Floats) -> Floats:
        learnt = self._learnt
        return tail_parts(matrix, learnt.values, learnt.starts, self._at, self._between, self._units)

    def _to_arrays(self) -> Arrays:
        learnt = self._learnt
        return {
            "values": learnt.values,
            "at_most": learnt.at_most,
            "starts": learnt.starts,
            "skewness": learnt.skewness,
        }

    def _from_arrays(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        features = len(self.feature_names)
        learnt = Distributions(
            take(arrays, "values", np.float64, (None,)),
            take(arrays, "at_most", np.int64, (None,)),
            take(arrays, "starts", np.int64, (features + 1,)),
            take(arrays, "skewness", np.float64, (features,)),
        )
        learnt.check()
        self._use(learnt)


def _counted(column: Floats) -> tuple[Floats, NDArray[np.int64]]:
    ordered = np.sort(column)
    first = np.concatenate([[0], np.flatnonzero(ordered[1:] != ordered[:-1]) + 1])
    values, at_most = ordered[first], np.append(first[1:], len(ordered))
    if len(values) <= MOST_VALUES:
        return values, at_most
    middle = np.linspace(EXACT_ENDS, len(values) - EXACT_ENDS - 1, MOST_VALUES - 2 * EXACT_ENDS)
    ends = np.arange(EXACT_ENDS)
    kept = np.concatenate([ends, middle.round().astype(np.int64), len(values) - EXACT_ENDS + ends])
    return values[kept], at_most[kept]


def _rarity(rows: int) -> Floats:
    """-log of the share by count; none counts as one, and the kernel adds what lies beyond."""
    return -np.log(np.maximum(np.arange(rows + 1), 1) / rows)


def _units(values: Floats, at_most: NDArray[np.int64]) -> Floats:
    """The distances of the smallest and the largest value from the median."""
    median = values[np.searchsorted(at_most, at_most[-1] / 2)]
    smallest = float(usable_scale(np.zeros(1), np.array([median]))[0])
    return np.maximum([median - values[0], values[-1] - median], smallest)


def _skewness_signs(matrix: Floats) -> Floats:
    """The signs of the third moments; 0 where a column differs from a constant by rounding only."""
    mean = matrix.mean(axis=0)
    centred = matrix - mean
    second, third = (centred**2).mean(axis=0), (centred**2 * centred).mean(axis=0)
    constant = second <= (np.finfo(np.float64).eps * mean) ** 2
    return np.where(constant, 0.0, np.sign(third))

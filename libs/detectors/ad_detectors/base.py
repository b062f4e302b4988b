"""The interfaces of detectors that are fitted once; that of streaming detectors, which learn as they score, beside."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ad_detectors.calibration.tail import TailCalibration
from ad_detectors.errors import DataError, NotFittedError
from ad_detectors.explain.examples import nearest_examples, normal_examples
from ad_detectors.explain.path import path_contributions
from ad_detectors.kernels.fill import fill_missing
from ad_detectors.matrix import LARGEST, Floats, as_matrix, feature_names, scores_of, share
from ad_detectors.parameters import Parameters
from ad_detectors.streaming.base import State, StreamingDetector, StreamingScores

__all__ = [
    "Arrays",
    "Detector",
    "Explanation",
    "FittedDetector",
    "SeriesDetector",
    "State",
    "StreamingDetector",
    "StreamingScores",
    "take",
]

Arrays = dict[str, NDArray[Any]]
T = TypeVar("T")

BOUND_QUANTILES = (0.005, 0.995)


@dataclass(frozen=True)
class Explanation:
    """Why rows got their scores.

    Attributes
    ----------
    baseline : float
        The score of a row about which nothing is known; `baseline + contributions.sum(axis=1)` is the score.
    contributions : float64 of shape (n, d)
        The part of each feature in the score; positive makes the row more anomalous.
    expected, lower, upper : float64 of shape (n, d)
        A normal value per feature and the range of normal values, in the units of the feature.
    nearest : float64 of shape (n, d)
        The normal training row that is most like each row.
    """

    baseline: float
    contributions: Floats
    expected: Floats
    lower: Floats
    upper: Floats
    nearest: Floats


class FittedDetector(ABC):
    """A detector that is fitted once and then scores; see its two kinds, `Detector` and `SeriesDetector`.

    A score is always finite and higher is more anomalous. Magnitudes beyond 1e30, infinities too, count as
    1e30. The input is never changed.

    Parameters
    ----------
    **parameters
        The fields of `parameters_type`.

    Raises
    ------
    ParameterError
        A parameter is unknown or out of its range.
    """

    name: ClassVar[str]
    parameters_type: ClassVar[type[Parameters]]

    def __init__(self, **parameters: Any) -> None:
        self.parameters = self.parameters_type.of(parameters)
        self.feature_names: tuple[str, ...] = ()
        self._bounds: Floats | None = None
        self._examples: Floats | None = None
        self._training: TailCalibration | None = None
        self._calibration: TailCalibration | None = None
        self._calibrate: Callable[[ArrayLike], TailCalibration] = TailCalibration.fit

    def fit(self, data: ArrayLike, names: Sequence[str] | None = None) -> Self:
        """Learn what is normal.

        Parameters
        ----------
        data : array_like of shape (n, d)
            Training rows, mostly normal; NaN means missing. A series detector takes them in order of time.
        names : sequence of str, optional
            One name per feature; f0, f1, … by default.
        """
        matrix = np.clip(as_matrix(data), -LARGEST, LARGEST)
        self.feature_names = feature_names(names, matrix.shape[1])
        self._bounds = self._typical(matrix)
        filled = self._filled(matrix)
        self._fit(filled)
        scores = self._score(filled)
        self._examples = normal_examples(filled, scores)
        self._training = self._calibrate(scores)
        unseen = self._unseen_scores(filled)
        self._calibration = self._training if unseen is None else self._calibrate(unseen)
        return self

    def as_member(self) -> Self:
        """To be called before `fit` by who combines probabilities: they become a curve without steps."""
        self._calibrate = TailCalibration.smooth
        return self

    def score(self, data: ArrayLike) -> Floats:
        """Score rows: float64 of shape (n,), finite, higher is more anomalous."""
        return self._score(self._filled(data))

    def explain(self, data: ArrayLike) -> Explanation:
        """Say which features made the scores; see `Explanation` for what adds up to what."""
        filled = self._filled(data)
        baseline, contributions = self._contributions(filled)
        expected, lower, upper = self._expected(filled)
        nearest = nearest_examples(filled, self.examples, self.bounds)
        return Explanation(baseline, contributions, expected, lower, upper, nearest)

    def threshold(self, contamination: float) -> float:
        """The score that this share of the training rows exceeds; contamination in (0, 0.5]."""
        return self._fitted(self._training).threshold(share("contamination", contamination))

    def probability(self, scores: ArrayLike) -> Floats:
        """The probability that a normal row, unseen in training, scores as high: in (0, 1], never growing."""
        return self.calibration.probability(scores_of(scores))

    @property
    def bounds(self) -> Floats:
        """Expected value, lower and upper bound per feature: float64 of shape (3, d)."""
        return self._fitted(self._bounds)

    @property
    def examples(self) -> Floats:
        """Normal training rows, 256 at most: float64 of shape (m, d)."""
        return self._fitted(self._examples)

    @property
    def calibration(self) -> TailCalibration:
        """How raw scores become probabilities."""
        return self._fitted(self._calibration)

    @property
    def reasons(self) -> tuple[str, ...]:
        """What a detector that chooses for itself saw and did, a sentence each; empty for all others."""
        return ()

    def to_arrays(self) -> Arrays:
        """Everything that was learnt, as plain arrays."""
        training, calibration = self._fitted(self._training), self.calibration
        own = {} if training is calibration else training.to_arrays("training")
        return {
            "bounds": self.bounds,
            "examples": self.examples,
            **calibration.to_arrays("calibration"),
            **own,
            **self._to_arrays(),
        }

    @classmethod
    def from_arrays(
        cls, parameters: Mapping[str, Any], names: Sequence[str], arrays: Mapping[str, NDArray[Any]]
    ) -> Self:
        """Rebuild a fitted detector; its scores are bit-equal to the original's.

        Raises
        ------
        DataError
            An array is missing or has another shape or type than this detector writes.
        """
        detector = cls(**parameters)
        detector.feature_names = tuple(names)
        try:
            detector._bounds = take(arrays, "bounds", np.float64, (3, len(names)))
            # Artifacts of the first releases have no examples: their one example is the expected row.
            examples = arrays.get("examples", detector._bounds[:1])
            detector._examples = take({"examples": examples}, "examples", np.float64, (None, len(names)))
            if len(detector._examples) == 0:
                raise DataError("array 'examples' is damaged: there must be at least one row")
            detector._calibration = TailCalibration.from_arrays(arrays, "calibration")
            own = "training_scores" in arrays
            detector._training = (
                TailCalibration.from_arrays(arrays, "training") if own else detector._calibration
            )
            detector._from_arrays(arrays)
        except KeyError as error:
            raise DataError(f"array {error.args[0]!r} of detector {cls.name!r} is missing") from error
        return detector

    def warm_up(self) -> None:
        """Compile what scoring and explaining need, so that no request waits for it."""
        row = self.bounds[:1].copy()
        self.score(row)
        self.explain(row)

    def _fitted(self, learnt: T | None) -> T:
        if learnt is None:
            raise NotFittedError(f"{self.name} is not fitted: call fit(X) first")
        return learnt

    def _filled(self, data: ArrayLike) -> Floats:
        """Without missing values: each is the feature's expected value."""
        bounds = self._fitted(self._bounds)
        return fill_missing(as_matrix(data, bounds.shape[1]), bounds)

    def _typical(self, matrix: Floats) -> Floats:
        """Median and outer quantiles of the values that are there; zeros for a feature without any."""
        return np.stack([_quantiles(column) for column in matrix.T], axis=1)

    def _unseen_scores(self, matrix: Floats) -> Floats | None:
        """Scores of the training rows as if each had not been trained on; None where that is no difference."""
        del matrix
        return None

    def _contributions(self, matrix: Floats) -> tuple[float, Floats]:
        """The baseline and what adds up to the score; see `path_contributions` for the general way."""
        return path_contributions(self._score, matrix, self.bounds[0])

    def _expected(self, matrix: Floats) -> tuple[Floats, Floats, Floats]:
        """Expected values, lower and upper bounds of rows."""
        expected, lower, upper = (np.broadcast_to(row, matrix.shape) for row in self.bounds)
        return expected, lower, upper

    @abstractmethod
    def _fit(self, matrix: Floats) -> None: ...
    @abstractmethod
    def _score(self, matrix: Floats) -> Floats: ...
    @abstractmethod
    def _to_arrays(self) -> Arrays: ...
    @abstractmethod
    def _from_arrays(self, arrays: Mapping[str, NDArray[Any]]) -> None: ...


class Detector(FittedDetector):
    """A detector of rows: the score of a row does not depend on the other rows of the call or their order.

    Missing values (NaN) count as the feature's expected value.
    """


class SeriesDetector(FittedDetector):
    """A detector of time series: rows are consecutive points, and the order of the rows of a call matters.

    Each call scores a series of its own. Missing values (NaN) are interpolated between their neighbours in
    time; those at an end repeat the nearest one, and a feature without any value has its expected value.
    """

    def _filled(self, data: ArrayLike) -> Floats:
        bounds = self.bounds
        return interpolated(as_matrix(data, bounds.shape[1]), bounds[0])


def interpolated(series: Floats, expected: Floats) -> Floats:
    """A copy of a series of shape (n, d), clipped to ±1e30, whose gaps are filled along a straight line."""
    filled = np.clip(series, -LARGEST, LARGEST)
    at = np.arange(len(filled), dtype=np.float64)
    for feature, column in enumerate(filled.T):
        missing = np.isnan(column)
        if missing.all():
            column[:] = expected[feature]
        elif missing.any():
            column[missing] = np.interp(at[missing], at[~missing], column[~missing])
    return filled


def take(
    arrays: Mapping[str, NDArray[Any]],
    name: str,
    dtype: type[np.generic],
    shape: tuple[int | None, ...],
    *,
    finite: bool = True,
) -> NDArray[Any]:
    """An array by name with the type and shape that it must have; None stands for any length."""
    array = arrays[name]
    fits = len(array.shape) == len(shape) and all(
        want in (None, have) for want, have in zip(shape, array.shape, strict=True)
    )
    if array.dtype != dtype or not fits:
        raise DataError(
            f"array {name!r} is {array.dtype} {array.shape}; expected {np.dtype(dtype)} "
            f"({', '.join('n' if want is None else str(want) for want in shape)})"
        )
    if finite and not np.isfinite(array).all():
        raise DataError(f"array {name!r} is damaged: its numbers must be finite")
    return np.ascontiguousarray(array)


def _quantiles(column: Floats) -> Floats:
    present = column[~np.isnan(column)]
    if len(present) == 0:
        present = np.zeros(1)
    low, high = np.quantile(present, BOUND_QUANTILES)
    return np.array([np.median(present), low, high])

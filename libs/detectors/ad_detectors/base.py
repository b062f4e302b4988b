"""The interface of batch detectors, fitted once; that of streaming detectors, which learn as they score, beside."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ad_detectors.calibration.tail import TailCalibration
from ad_detectors.errors import DataError, NotFittedError
from ad_detectors.kernels.fill import fill_missing
from ad_detectors.matrix import LARGEST, Floats, as_matrix, feature_names
from ad_detectors.parameters import Parameters
from ad_detectors.streaming.base import State, StreamingDetector, StreamingScores

__all__ = [
    "Arrays",
    "Detector",
    "Explanation",
    "State",
    "StreamingDetector",
    "StreamingScores",
    "take",
]

Arrays = dict[str, NDArray[Any]]

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
    """

    baseline: float
    contributions: Floats
    expected: Floats
    lower: Floats
    upper: Floats


class Detector(ABC):
    """A detector that is fitted on a table and then scores rows, each for itself.

    A score is always finite and higher is more anomalous; the score of a row does not depend on the other
    rows of the call. Missing values (NaN) count as the feature's expected value; magnitudes beyond 1e30,
    infinities too, count as 1e30. The input is never changed.

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
        self._calibration: TailCalibration | None = None

    def fit(self, data: ArrayLike, names: Sequence[str] | None = None) -> Self:
        """Learn what is normal.

        Parameters
        ----------
        data : array_like of shape (n, d)
            Training rows, mostly normal; NaN means missing.
        names : sequence of str, optional
            One name per feature; f0, f1, … by default.
        """
        matrix = np.clip(as_matrix(data), -LARGEST, LARGEST)
        self.feature_names = feature_names(names, matrix.shape[1])
        self._bounds = self._typical(matrix)
        filled = fill_missing(matrix, self._bounds[0], LARGEST)
        self._fit(filled)
        self._calibration = TailCalibration.fit(self._score(filled))
        return self

    def score(self, data: ArrayLike) -> Floats:
        """Score rows: float64 of shape (n,), finite, higher is more anomalous."""
        return self._score(self._filled(data))

    def explain(self, data: ArrayLike) -> Explanation:
        """Say which features made the scores; see `Explanation` for what adds up to what."""
        filled = self._filled(data)
        baseline, contributions = self._contributions(filled)
        expected, lower, upper = (np.broadcast_to(row, filled.shape) for row in self.bounds)
        return Explanation(baseline, contributions, expected, lower, upper)

    def threshold(self, contamination: float) -> float:
        """The score that this share of the training rows exceeds; contamination in (0, 0.5]."""
        return self.calibration.threshold(contamination)

    def probability(self, scores: ArrayLike) -> Floats:
        """The probability that a normal row scores as high, in (0, 1]; never grows with the score."""
        return self.calibration.probability(scores)

    @property
    def bounds(self) -> Floats:
        """Expected value, lower and upper bound per feature: float64 of shape (3, d)."""
        if self._bounds is None:
            raise NotFittedError(f"{self.name} is not fitted: call fit(X) first")
        return self._bounds

    @property
    def calibration(self) -> TailCalibration:
        """How raw scores become probabilities."""
        if self._calibration is None:
            raise NotFittedError(f"{self.name} is not fitted: call fit(X) first")
        return self._calibration

    def to_arrays(self) -> Arrays:
        """Everything that was learnt, as plain arrays."""
        return {"bounds": self.bounds, **self.calibration.to_arrays(), **self._to_arrays()}

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
            detector._calibration = TailCalibration.from_arrays(arrays)
            detector._from_arrays(arrays)
        except KeyError as error:
            raise DataError(f"array {error.args[0]!r} of detector {cls.name!r} is missing") from error
        return detector

    def warm_up(self) -> None:
        """Compile what scoring and explaining need, so that no request waits for it."""
        row = self.bounds[:1].copy()
        self.score(row)
        self.explain(row)

    def _filled(self, data: ArrayLike) -> Floats:
        bounds = self.bounds
        return fill_missing(as_matrix(data, bounds.shape[1]), bounds[0], LARGEST)

    def _typical(self, matrix: Floats) -> Floats:
        """Median and outer quantiles of the values that are there; zeros for a feature without any."""
        return np.stack([_quantiles(column) for column in matrix.T], axis=1)

    @abstractmethod
    def _fit(self, matrix: Floats) -> None: ...
    @abstractmethod
    def _score(self, matrix: Floats) -> Floats: ...
    @abstractmethod
    def _contributions(self, matrix: Floats) -> tuple[float, Floats]: ...
    @abstractmethod
    def _to_arrays(self) -> Arrays: ...
    @abstractmethod
    def _from_arrays(self, arrays: Mapping[str, NDArray[Any]]) -> None: ...


def take(
    arrays: Mapping[str, NDArray[Any]], name: str, dtype: type[np.generic], shape: tuple[int | None, ...]
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
    return np.ascontiguousarray(array)


def _quantiles(column: Floats) -> Floats:
    present = column[~np.isnan(column)]
    if len(present) == 0:
        present = np.zeros(1)
    low, high = np.quantile(present, BOUND_QUANTILES)
    return np.array([np.median(present), low, high])

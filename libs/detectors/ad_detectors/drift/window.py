"""The interface of drift detectors that compare a window with a reference."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ad_detectors.base import take
from ad_detectors.calibration.fdr import adjusted
from ad_detectors.drift.base import DriftDetector
from ad_detectors.drift.report import Drift, DriftReport
from ad_detectors.errors import DataError, NotFittedError
from ad_detectors.matrix import Floats

Kind = tuple[type[np.generic], tuple[int | None, ...]]


class WindowDriftDetector(DriftDetector):
    """Compares a window of rows with a reference, feature by feature.

    The probabilities are those of the features' tests, corrected for their number by Benjamini and Hochberg,
    so that of the features named at most the share `alpha` did not change. A missing value counts as a value
    of its own.
    """

    def __init__(self, features: Sequence[str] | None = None, **parameters: Any) -> None:
        super().__init__(features, **parameters)
        self._arrays: dict[str, NDArray[Any]] = {}

    def fit(self, reference: ArrayLike) -> Self:
        """Learn the reference: array_like of shape (n, d), rows as they were when all was well."""
        matrix = self._matrix(reference)
        self.features = self._names(matrix.shape[1])
        self._arrays = {
            "mean": present_means(matrix),
            "missing": np.isnan(matrix).mean(axis=0),
            "rows": np.array([len(matrix)], np.int64),
            **self._fit(matrix),
        }
        return self

    def compare(self, window: ArrayLike) -> DriftReport:
        """Say which features of a window, array_like of shape (m, d), are not as in the reference.

        Raises
        ------
        DataError
            The window has another width than the reference.
        """
        reference = self.to_arrays()
        matrix = self._matrix(window, len(reference["mean"]))
        names = self._names(matrix.shape[1])
        statistics, probabilities = self._compare(matrix)
        probabilities = adjusted(probabilities)
        means, missing = present_means(matrix), np.isnan(matrix).mean(axis=0)
        findings = tuple(
            Drift(
                feature=names[i],
                row=len(matrix) - 1,
                since_row=0,
                time_ms=None,
                statistic=float(statistics[i]),
                threshold=self._threshold,
                probability=float(probabilities[i]),
                before=float(reference["mean"][i]),
                after=float(means[i]),
                missing_before=float(reference["missing"][i]),
                missing_after=float(missing[i]),
            )
            for i in range(len(names))
            if statistics[i] >= self._threshold and probabilities[i] <= self._alpha
        )
        every = dict(zip(names, statistics.tolist(), strict=True))
        return DriftReport(detector=self.title, features=names, findings=findings, statistics=every)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Everything that was learnt, as plain arrays."""
        if not self._arrays:
            raise NotFittedError(f"{self.name} is not fitted: call fit(reference) first")
        return self._arrays

    @classmethod
    def from_arrays(
        cls, parameters: Mapping[str, Any], features: Sequence[str], arrays: Mapping[str, NDArray[Any]]
    ) -> Self:
        """The detector that `to_arrays` was called on.

        Raises
        ------
        DataError
            An array is missing, or has another shape or type than this detector writes.
        """
        detector = cls(features, **parameters)
        kinds = detector._array_types(len(features))
        if arrays.keys() != kinds.keys():
            odd = ", ".join(sorted(arrays.keys() ^ kinds.keys()))
            raise DataError(f"these are not the arrays of the detector {cls.name!r}: they differ in {odd}")
        detector._arrays = {name: take(arrays, name, *kind, finite=False) for name, kind in kinds.items()}
        return detector

    def warm_up(self) -> None:
        """Compile what a comparison needs."""
        type(self)().fit([[0.0], [1.0]]).compare([[0.0], [1.0]])

    def _array_types(self, width: int) -> dict[str, Kind]:
        own: dict[str, Kind] = {
            "mean": (np.float64, (width,)),
            "missing": (np.float64, (width,)),
            "rows": (np.int64, (1,)),
        }
        return own | self._own_types(width)

    @property
    @abstractmethod
    def _alpha(self) -> float: ...
    @property
    @abstractmethod
    def _threshold(self) -> float: ...
    @abstractmethod
    def _fit(self, matrix: Floats) -> dict[str, NDArray[Any]]: ...
    @abstractmethod
    def _own_types(self, width: int) -> dict[str, Kind]: ...
    @abstractmethod
    def _compare(self, matrix: Floats) -> tuple[Floats, Floats]:
        """Statistic and probability of each feature."""


def present_means(matrix: Floats) -> Floats:
    """The mean of the values that are there, per feature; NaN without any."""
    present = ~np.isnan(matrix)
    with np.errstate(invalid="ignore"):
        means: Floats = np.where(present, matrix, 0.0).sum(axis=0) / present.sum(axis=0)
    return means

"""A model: a fitted detector with its threshold. The one path by which every surface scores."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ad_detectors import catalog
from ad_detectors.base import Explanation, FittedDetector, SeriesDetector
from ad_detectors.errors import DataError
from ad_detectors.matrix import Floats, as_matrix, missing_rows

DEFAULT_CONTAMINATION = 0.05


class FeatureColumns(Protocol):
    """Columns with names, such as `ad_data.columns.Columns`."""

    @property
    def features(self) -> Floats: ...
    @property
    def names(self) -> Sequence[str]: ...


@dataclass(frozen=True)
class Training:
    """Where a model comes from.

    Attributes
    ----------
    rows : int
        Number of training rows.
    data_sha256 : str
        Hash of the training matrix: the same data gives the same hash.
    created_ms : int, optional
        Milliseconds since the epoch, as told by the caller.
    metrics : dict
        Figures by name, such as the mean training score.
    """

    rows: int
    data_sha256: str
    created_ms: int | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Scored:
    """What a model says of n rows.

    Attributes
    ----------
    score : float64 of shape (n,)
        Raw score; higher is more anomalous.
    label : bool of shape (n,)
        The score is above the threshold.
    imputed : bool of shape (n,)
        At least one value of the row was missing.
    threshold : float
        The threshold of the model.
    """

    score: Floats
    label: NDArray[np.bool_]
    imputed: NDArray[np.bool_]
    threshold: float
    matrix: Floats = field(repr=False)
    detector: FittedDetector = field(repr=False)

    @cached_property
    def probability(self) -> Floats:
        """The probability that a normal row scores as high: float64 of shape (n,)."""
        return self.detector.probability(self.score)

    def explain(self, rows: NDArray[np.int64] | Sequence[int] | None = None) -> Explanation:
        """Explain some rows (all by default); a point of a series is explained among its neighbours in time."""
        if rows is None:
            return self.detector.explain(self.matrix)
        chosen = np.asarray(rows, np.int64)
        if not isinstance(self.detector, SeriesDetector):
            return self.detector.explain(self.matrix[chosen])
        whole = vars(self.detector.explain(self.matrix))
        parts: dict[str, Any] = {
            name: part[chosen] if isinstance(part, np.ndarray) else part for name, part in whole.items()
        }
        return Explanation(**parts)


@dataclass(frozen=True, eq=False)
class Model:
    """A fitted detector, its threshold and where it comes from.

    Examples
    --------
    >>> import numpy as np
    >>> rows = np.random.default_rng(0).normal(size=(1000, 1))
    >>> model = Model.train("zscore", rows, ["load"], contamination=0.01)
    >>> scored = model.score([[0.1], [6.0]])
    >>> scored.label.tolist()
    [False, True]
    """

    detector: FittedDetector
    threshold: float
    contamination: float
    training: Training

    @classmethod
    def train(
        cls,
        algorithm: str,
        data: ArrayLike,
        names: Sequence[str] | None = None,
        *,
        contamination: float = DEFAULT_CONTAMINATION,
        parameters: Mapping[str, Any] | None = None,
        created_ms: int | None = None,
    ) -> Self:
        """Fit a detector of the catalogue and set its threshold.

        Parameters
        ----------
        algorithm : str
            Name of a batch detector or of a series detector.
        data : array_like of shape (n, d)
        names : sequence of str, optional
            One name per feature.
        contamination : float, default 0.05
            The share of the training rows that the threshold calls anomalous.
        parameters : mapping, optional
            Parameters of the detector.

        Raises
        ------
        UnknownDetectorError, ParameterError, DataError
        """
        matrix = as_matrix(data)
        detector = catalog.create_fitted(algorithm, **(parameters or {}))
        detector.fit(matrix, names)
        threshold = detector.threshold(contamination)
        scores = detector.score(matrix)
        metrics = {
            "score_mean": float(scores.mean()),
            "score_max": float(scores.max()),
            "anomalies": float((scores > threshold).sum()),
        }
        training = Training(len(matrix), data_hash(matrix), created_ms, metrics)
        return cls(detector, threshold, contamination, training)

    @property
    def algorithm(self) -> str:
        """The detector's name in the catalogue."""
        return self.detector.name

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The features in the order of the matrix."""
        return self.detector.feature_names

    def score(self, data: ArrayLike) -> Scored:
        """Score a matrix whose columns are the model's features in their order."""
        matrix = as_matrix(data, len(self.feature_names))
        scores = self.detector.score(matrix)
        return Scored(
            score=scores,
            label=scores > self.threshold,
            imputed=missing_rows(matrix),
            threshold=self.threshold,
            matrix=matrix,
            detector=self.detector,
        )

    def score_frame(self, columns: FeatureColumns) -> Scored:
        """Score columns by name, in any order; further columns are left alone.

        Raises
        ------
        DataError
            A feature of the model is not among the columns.
        """
        have = list(columns.names)
        missing = [name for name in self.feature_names if name not in have]
        if missing:
            extra = [name for name in have if name not in self.feature_names]
            raise DataError(
                f"the model needs the feature(s) {', '.join(self.feature_names)}; "
                f"missing: {', '.join(missing)}" + (f"; not known to it: {', '.join(extra)}" if extra else "")
            )
        if tuple(have) == self.feature_names:
            return self.score(columns.features)
        return self.score(columns.features[:, [have.index(name) for name in self.feature_names]])

    def with_contamination(self, contamination: float) -> Self:
        """The same model with the threshold for another share of anomalies."""
        return replace(self, threshold=self.detector.threshold(contamination), contamination=contamination)

    def warm_up(self) -> None:
        """Compile what scoring needs, so that no request waits for it."""
        self.detector.warm_up()


def data_hash(matrix: Floats) -> str:
    """sha256 over the shape and the values of a matrix."""
    digest = hashlib.sha256(repr(matrix.shape).encode())
    digest.update(np.ascontiguousarray(matrix).data)
    return digest.hexdigest()

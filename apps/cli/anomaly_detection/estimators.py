"""The Python API: scikit-learn's conventions, labels 1 = anomaly and 0 = normal."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ad_detectors import catalog
from ad_detectors.base import Explanation
from ad_detectors.errors import NotFittedError, ParameterError
from ad_detectors.matrix import Floats
from ad_detectors.model import DEFAULT_CONTAMINATION, Model, Scored
from anomaly_detection.files import load_model, save_model
from anomaly_detection.inputs import as_rows, as_table


class AnomalyDetector:
    """Finds unusual rows of a table.

    Takes NumPy arrays, pandas and Polars frames of shape (n, d); NaN means missing. Frames are matched by
    column name, whatever their order.

    Parameters
    ----------
    algorithm : str, default "isolation_forest"
        A batch detector of `ad_detectors.catalog`: isolation_forest, zscore, iqr.
    contamination : float, default 0.05
        The share of the training rows that is labelled anomalous, above 0 and up to 0.5.
    **parameters
        Parameters of the algorithm, such as trees=200.

    Raises
    ------
    UnknownDetectorError, ParameterError
        The algorithm or a parameter is not valid; the message says what is.

    Examples
    --------
    >>> import numpy as np
    >>> rows = np.vstack([np.random.default_rng(0).normal(size=(300, 2)), [[8.0, -8.0]]])
    >>> detector = AnomalyDetector("isolation_forest", contamination=0.01, seed=1).fit(rows)
    >>> detector.predict(rows[-1:]).tolist()
    [1]
    >>> bool(detector.decision_function(rows[-1:])[0] > detector.threshold_)
    True
    >>> detector.explain(rows[-1:]).contributions.shape
    (1, 2)
    """

    def __init__(
        self,
        algorithm: str = "isolation_forest",
        contamination: float = DEFAULT_CONTAMINATION,
        **parameters: Any,
    ) -> None:
        catalog.create(algorithm, **parameters)
        self.algorithm = algorithm
        self.contamination = contamination
        self.parameters = parameters
        self._model: Model | None = None

    def fit(self, X: ArrayLike, y: object = None) -> Self:
        """Learn what is normal; `y` is ignored, it is there for scikit-learn's pipelines."""
        del y
        matrix, names = as_rows(X)
        self._model = Model.train(
            self.algorithm, matrix, names, contamination=self.contamination, parameters=self.parameters
        )
        return self

    def predict(self, X: ArrayLike) -> NDArray[np.int64]:
        """Labels: int64 of shape (n,), 1 = anomaly, 0 = normal."""
        return self._scored(X).label.astype(np.int64)

    def fit_predict(self, X: ArrayLike, y: object = None) -> NDArray[np.int64]:
        """Fit, then label the same rows."""
        return self.fit(X, y).predict(X)

    def decision_function(self, X: ArrayLike) -> Floats:
        """Raw scores: float64 of shape (n,), higher is more anomalous; labels are 1 above `threshold_`."""
        return self._scored(X).score

    def probability(self, X: ArrayLike) -> Floats:
        """The probability that a normal row scores as high: float64 of shape (n,), in (0, 1]."""
        return self._scored(X).probability

    def explain(self, X: ArrayLike) -> Explanation:
        """Contributions of the features to the scores, expected values and bounds, each of shape (n, d)."""
        return self._scored(X).explain()

    @property
    def model_(self) -> Model:
        """The fitted model, as the services use it."""
        if self._model is None:
            raise NotFittedError("the detector is not fitted: call fit(X) first")
        return self._model

    @property
    def threshold_(self) -> float:
        """The score above which a row is labelled 1."""
        return self.model_.threshold

    @property
    def feature_names_in_(self) -> tuple[str, ...]:
        """The features in the order of the matrix."""
        return self.model_.feature_names

    @property
    def n_features_in_(self) -> int:
        """The number of features."""
        return len(self.model_.feature_names)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the model as a signed .adm file; it holds no pickle."""
        return save_model(self.model_, path)

    @classmethod
    def load(cls, path: str | os.PathLike[str], trust: Sequence[Path] = ()) -> "AnomalyDetector":
        """Read a .adm file that was signed by this user, or by the owner of a public key file in `trust`.

        Raises
        ------
        ArtifactError
            The file is damaged, not trusted, or a pickle.
        """
        model = load_model(path, trust)
        detector = AnomalyDetector(
            model.algorithm, model.contamination, **model.detector.parameters.as_dict()
        )
        detector._model = model
        return detector

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """All parameters by name, as scikit-learn asks for them."""
        del deep
        return {"algorithm": self.algorithm, "contamination": self.contamination, **self.parameters}

    def set_params(self, **values: Any) -> Self:
        """Change parameters; fit again afterwards."""
        chosen = {**self.get_params(), **values}
        algorithm, contamination = chosen.pop("algorithm"), chosen.pop("contamination")
        catalog.create(algorithm, **chosen)
        self.algorithm, self.contamination, self.parameters = algorithm, contamination, chosen
        return self

    def __repr__(self) -> str:
        given = ", ".join(f"{name}={value!r}" for name, value in self.get_params().items())
        return f"{type(self).__name__}({given})"

    def _scored(self, X: ArrayLike) -> Scored:
        table = as_table(X)
        return self.model_.score(X) if table is None else self.model_.score_frame(table)


class _Named(AnomalyDetector):
    """A detector whose class says the algorithm."""

    _algorithm: ClassVar[str]

    def __init__(self, contamination: float = DEFAULT_CONTAMINATION, **parameters: Any) -> None:
        super().__init__(self._algorithm, contamination, **parameters)

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """All parameters by name; the algorithm is the class."""
        return {name: value for name, value in super().get_params(deep).items() if name != "algorithm"}

    def set_params(self, **values: Any) -> Self:
        """Change parameters; fit again afterwards."""
        if "algorithm" in values:
            raise ParameterError(f"{type(self).__name__} is one algorithm; use AnomalyDetector to choose one")
        return super().set_params(algorithm=self._algorithm, **values)


class IsolationForest(_Named):
    """`AnomalyDetector("isolation_forest")`: few random splits isolate an anomaly.

    Examples
    --------
    >>> IsolationForest(trees=50)
    IsolationForest(contamination=0.05, trees=50)
    """

    _algorithm = "isolation_forest"


class ZScore(_Named):
    """`AnomalyDetector("zscore")`: distance from the mean in standard deviations.

    Examples
    --------
    >>> ZScore(contamination=0.2).fit_predict([[1.0], [1.1], [0.9], [1.0], [9.0]]).tolist()
    [0, 0, 0, 0, 1]
    """

    _algorithm = "zscore"


class IQR(_Named):
    """`AnomalyDetector("iqr")`: distance from the middle half in interquartile ranges.

    Examples
    --------
    >>> IQR(contamination=0.2).fit_predict([[1.0], [1.1], [0.9], [1.0], [9.0]]).tolist()
    [0, 0, 0, 0, 1]
    """

    _algorithm = "iqr"

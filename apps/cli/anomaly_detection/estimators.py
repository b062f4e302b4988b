"""The Python API: scikit-learn's conventions, labels 1 = anomaly and 0 = normal."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ad_detectors import catalog
from ad_detectors.base import Explanation, SeriesDetector
from ad_detectors.errors import ParameterError, UnknownDetectorError
from ad_detectors.matrix import Floats, share
from ad_detectors.model import DEFAULT_CONTAMINATION, Model, Scored
from anomaly_detection import scikit_learn
from anomaly_detection.files import load_model, save_model
from anomaly_detection.inputs import Fitted, as_points, as_rows, times_of
from anomaly_detection.kinds import FITTED, check_kind

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class AnomalyDetector:
    """Finds unusual rows of a table, or unusual points of a time series.

    Takes NumPy arrays, lists, pandas and Polars frames, PyArrow tables and record batches of shape (n, d); NaN
    and null mean missing. Columns with names are matched by name, whatever their order; where either side has
    no names, by position.

    Parameters
    ----------
    algorithm : str, default "isolation_forest"
        A batch or series detector of the catalogue; `anomaly_detection algorithms` lists them. A series
        detector takes rows in order of time, and each call is a series of its own; one dimension is one feature.
    contamination : float, default 0.05
        The share of the training rows that is labelled anomalous, above 0 and up to 0.5.
    **parameters
        Parameters of the algorithm, such as trees=200. Their names and the kind of the algorithm are checked
        at once, their values by `fit`, as scikit-learn wants it.

    Raises
    ------
    UnknownDetectorError, ParameterError
        The algorithm or a parameter is not valid; the message says what is.
    DataError
        The data is not numeric, empty, or does not have the features of the training data.

    Notes
    -----
    This is an estimator for scikit-learn, too: `clone`, `Pipeline` and `GridSearchCV` work, the latter with labels
    of 1 and 0, `scoring="roc_auc"` or `"average_precision"`, and `cv=StratifiedKFold()`.

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
        self.algorithm = algorithm
        self.contamination = contamination
        self._parameters = _named_rightly(algorithm, parameters)
        self._model: Model | None = None

    def fit(self, X: ArrayLike, y: object = None) -> Self:
        """Learn what is normal; `y` is ignored, it is there for scikit-learn's pipelines."""
        del y
        _check_algorithm(self.algorithm)
        share("contamination", self.contamination)
        table = as_points(X) if self.algorithm in catalog.names("series") else as_rows(X)
        self._model = Model.train(
            self.algorithm,
            table.features,
            table.names,
            contamination=self.contamination,
            parameters=self._parameters,
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
        """Why rows got their scores.

        Returns
        -------
        Explanation
            Contributions of the features, expected values, bounds, and the nearest normal training row, each
            of shape (n, d).
        """
        return self._scored(X).explain()

    def plot(
        self,
        X: ArrayLike,
        time: object = None,
        feature: str | Sequence[str] | None = None,
        path: str | os.PathLike[str] | None = None,
    ) -> "Figure":
        """Draw scores and features over rows or time, with bounds and anomalies; see `plotting.draw`.

        What is drawn is not what was known at the time: a model was fitted on all its training rows, and its
        expected values and bounds are theirs, also for rows before the last of these. Detectors of rows look
        at nothing else; those of series also at the points around each, later ones included, such as half a
        window. Only a `StreamDetector` is causal: it drew its bounds before it saw the record.

        Parameters
        ----------
        X : array_like of shape (n, d)
            Rows in the order in which they are drawn.
        time : sequence of n datetimes or numbers, optional
            What stands on the horizontal axis; by default the DatetimeIndex of a pandas frame or series, else
            the number of the row.
        feature : str or sequence of str, optional
            The features to draw; by default the six that contribute most to the anomalies.
        path : path, optional
            Write the figure here, too: .png, .svg or .pdf, in a folder that exists.

        Returns
        -------
        matplotlib.figure.Figure
            Needs the extra `plot`, but no display.
        """
        from anomaly_detection.charts import of_model
        from anomaly_detection.plotting import draw

        along = times_of(X) if time is None else time
        return draw(of_model(self.model_, self._scored(X), feature), along, path)

    @property
    def model_(self) -> Model:
        """The fitted model, as the services use it."""
        if self._model is None:
            raise scikit_learn.not_fitted("the detector is not fitted: call fit(X) first")
        return self._model

    @property
    def reasons_(self) -> tuple[str, ...]:
        """Why `auto` scores as it does, a sentence each; empty for algorithms that choose nothing."""
        return self.model_.detector.reasons

    @property
    def threshold_(self) -> float:
        """The score above which a row is labelled 1."""
        return self.model_.threshold

    @property
    def feature_names_in_(self) -> tuple[str, ...]:
        """The features in the order of the matrix; f0, f1, … when the training data had no names."""
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
        """All parameters that were given, by name, as scikit-learn asks for them."""
        del deep
        return {"algorithm": self.algorithm, "contamination": self.contamination, **self._parameters}

    def set_params(self, **values: Any) -> Self:
        """Change parameters; fit again afterwards. Another algorithm starts without those of the old one."""
        algorithm = values.pop("algorithm", self.algorithm)
        contamination = values.pop("contamination", self.contamination)
        kept = self._parameters if str(algorithm) == str(self.algorithm) else {}
        self._parameters = _named_rightly(algorithm, {**kept, **values})
        self.algorithm, self.contamination = algorithm, contamination
        return self

    def __sklearn_tags__(self) -> Any:
        return scikit_learn.tags()

    def __sklearn_is_fitted__(self) -> bool:
        return self._model is not None

    def __repr__(self) -> str:
        given = ", ".join(f"{name}={value!r}" for name, value in self.get_params().items())
        return f"{type(self).__name__}({given})"

    def _scored(self, X: ArrayLike) -> Scored:
        model = self.model_
        taken = as_points if isinstance(model.detector, SeriesDetector) else as_rows
        fitted = Fitted(model.feature_names, type(self).__name__)
        return model.score(fitted.matched(taken(X, fitted)))


def _named_rightly(algorithm: object, parameters: dict[str, Any]) -> dict[str, Any]:
    """The parameters, when the algorithm is unknown as yet, or is fitted and knows their names."""
    entry = catalog.ENTRIES.get(algorithm) if isinstance(algorithm, str) else None
    if entry is not None:
        check_kind(entry.name, FITTED)
    if parameters and entry is not None:
        known = [doc.name for doc in entry.parameters]
        for name in parameters:
            if name not in known:
                valid = ", ".join(known) or "none"
                raise ParameterError(f"unknown parameter {name!r} of {algorithm}; valid parameters: {valid}")
    return parameters


def _check_algorithm(algorithm: object) -> None:
    if not isinstance(algorithm, str):
        raise UnknownDetectorError(f"parameter 'algorithm' is {algorithm!r}; valid is a name as text")

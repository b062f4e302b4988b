"""A class for each algorithm of the catalogue that is fitted: `LOF(neighbors=10)` is `AnomalyDetector("lof", …)`."""

from functools import cache
from inspect import Parameter, Signature
from typing import Any, Self

from ad_detectors import catalog
from ad_detectors.errors import ParameterError
from ad_detectors.model import DEFAULT_CONTAMINATION
from anomaly_detection.estimators import AnomalyDetector


class NamedDetector(AnomalyDetector):
    """A detector whose class says the algorithm."""

    algorithm: str

    def __init__(
        self, *unnamed: Any, contamination: float = DEFAULT_CONTAMINATION, **parameters: Any
    ) -> None:
        if unnamed:
            name = type(self).__name__
            raise TypeError(
                f"{name} takes its parameters by name, not {unnamed[0]!r}; for example {name}(contamination=0.1)"
            )
        super().__init__(type(self).algorithm, contamination, **parameters)

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """All parameters that were given, by name; the algorithm is the class."""
        return {name: value for name, value in super().get_params(deep).items() if name != "algorithm"}

    def set_params(self, **values: Any) -> Self:
        """Change parameters; fit again afterwards."""
        if "algorithm" in values:
            raise ParameterError(f"{type(self).__name__} is one algorithm; use AnomalyDetector to choose one")
        return super().set_params(**values)


@cache
def named(algorithm: str) -> type[NamedDetector]:
    """The class of an algorithm; one and the same at every call, so that it can be compared and pickled.

    Examples
    --------
    >>> named("iqr")(contamination=0.2).fit_predict([[1.0], [1.1], [0.9], [1.0], [9.0]]).tolist()
    [0, 0, 0, 0, 1]
    """
    entry = catalog.get(algorithm)
    members = {
        "__module__": "anomaly_detection",
        "__doc__": _docstring(entry),
        "__signature__": _signature(entry),
        "algorithm": algorithm,
    }
    return type(entry.class_name, (NamedDetector,), members)


def _signature(entry: catalog.Entry) -> Signature:
    """What `help` and editors show, and what scikit-learn tries out."""
    defaults = {"contamination": DEFAULT_CONTAMINATION} | {doc.name: doc.default for doc in entry.parameters}
    return Signature(
        [Parameter(name, Parameter.KEYWORD_ONLY, default=default) for name, default in defaults.items()]
    )


def _docstring(entry: catalog.Entry) -> str:
    docs = [(doc.name, doc.type, doc.default, doc.doc) for doc in entry.parameters]
    docs.insert(
        0, ("contamination", "number", DEFAULT_CONTAMINATION, "share of the training rows labelled 1")
    )
    lines = [f"{name} : {kind}, default {default}\n    {text}" for name, kind, default, text in docs]
    title = f'`AnomalyDetector("{entry.name}")`: {entry.summary}.'
    return "\n".join([title, "", "Parameters", "----------", *lines])

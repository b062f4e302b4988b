"""Streaming anomaly detection: command line and Python API.

>>> import numpy as np
>>> from anomaly_detection import AnomalyDetector
>>> rows = np.vstack([np.random.default_rng(0).normal(size=(200, 2)), [[9.0, 9.0]]])
>>> labels = AnomalyDetector(contamination=0.01).fit_predict(rows)
>>> int(labels[-1])
1
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ad_detectors.base import Explanation
    from ad_detectors.errors import ArtifactError, DataError, DetectorError, ParameterError
    from anomaly_detection.client.problems import (
        Conflict,
        Forbidden,
        NoAnswer,
        NotFound,
        ServerError,
        TooManyRequests,
        Unauthenticated,
    )
    from anomaly_detection.client.retrying import Retry
    from anomaly_detection.client.tasks import AsyncClient
    from anomaly_detection.client.threads import Client
    from anomaly_detection.errors import ClearTextWarning, ClientError
    from anomaly_detection.estimators import AnomalyDetector
    from anomaly_detection.streaming import StreamDetector, StreamResult

# The classes of single algorithms (IsolationForest, …) are not here: the catalogue says which there are.
__all__ = [
    "AnomalyDetector",
    "ArtifactError",
    "AsyncClient",
    "ClearTextWarning",
    "Client",
    "ClientError",
    "Conflict",
    "DataError",
    "DetectorError",
    "Explanation",
    "Forbidden",
    "NoAnswer",
    "NotFound",
    "ParameterError",
    "Retry",
    "ServerError",
    "StreamDetector",
    "StreamResult",
    "TooManyRequests",
    "Unauthenticated",
]

# Imported when first used: `anomaly_detection --help` must not wait for numba.
_HOMES = {
    "AnomalyDetector": "anomaly_detection.estimators",
    "AsyncClient": "anomaly_detection.client.tasks",
    "Client": "anomaly_detection.client.threads",
    **dict.fromkeys(
        (
            "Conflict",
            "Forbidden",
            "NoAnswer",
            "NotFound",
            "ServerError",
            "TooManyRequests",
            "Unauthenticated",
        ),
        "anomaly_detection.client.problems",
    ),
    "ClearTextWarning": "anomaly_detection.errors",
    "ClientError": "anomaly_detection.errors",
    "Retry": "anomaly_detection.client.retrying",
    "StreamDetector": "anomaly_detection.streaming",
    "StreamResult": "anomaly_detection.streaming",
    "ArtifactError": "ad_detectors.errors",
    "DataError": "ad_detectors.errors",
    "DetectorError": "ad_detectors.errors",
    "ParameterError": "ad_detectors.errors",
    "Explanation": "ad_detectors.base",
}


def __getattr__(name: str) -> Any:
    import importlib

    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    algorithm = _algorithms().get(name)
    if algorithm is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from anomaly_detection.named import named

    return named(algorithm)


def __dir__() -> list[str]:
    return sorted([*__all__, *_algorithms()])


def _algorithms() -> dict[str, str]:
    """The algorithm of each class, such as `IsolationForest`."""
    from ad_detectors import catalog

    entries = catalog.ENTRIES.values()
    return {entry.class_name: entry.name for entry in entries if entry.kind in {"batch", "series"}}

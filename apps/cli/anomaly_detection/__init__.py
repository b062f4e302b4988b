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
    from anomaly_detection.estimators import IQR, AnomalyDetector, IsolationForest, ZScore

__all__ = [
    "IQR",
    "AnomalyDetector",
    "ArtifactError",
    "DataError",
    "DetectorError",
    "Explanation",
    "IsolationForest",
    "ParameterError",
    "ZScore",
]

# Imported when first used: `anomaly_detection --help` must not wait for numba.
_HOMES = {
    "AnomalyDetector": "anomaly_detection.estimators",
    "IQR": "anomaly_detection.estimators",
    "IsolationForest": "anomaly_detection.estimators",
    "ZScore": "anomaly_detection.estimators",
    "ArtifactError": "ad_detectors.errors",
    "DataError": "ad_detectors.errors",
    "DetectorError": "ad_detectors.errors",
    "ParameterError": "ad_detectors.errors",
    "Explanation": "ad_detectors.base",
}


def __getattr__(name: str) -> Any:
    import importlib

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)

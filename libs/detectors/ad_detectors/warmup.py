"""Compile every kernel before the first record: part of a service's readiness."""

import numpy as np

from ad_detectors import catalog
from ad_detectors.base import Arrays
from ad_detectors.calibration.tail import TailCalibration
from ad_detectors.tabular.isolation_forest import IsolationForest

STUMP: Arrays = {
    "node_threshold": np.array([0.0, np.inf, np.inf], np.float32),
    "node_feature": np.zeros(3, np.int32),
    "node_left": np.array([1, 1, 2], np.int32),
    "node_length": np.ones(3),
    "tree_roots": np.zeros(1, np.int64),
    "tree_depths": np.ones(1, np.int64),
    "sample": np.array([2], np.int64),
}


def warm_up() -> None:
    """Score, explain and update once with every detector: about 12 s at first, then read from numba's cache."""
    _stump().warm_up()
    for name in catalog.names("batch"):
        if name != IsolationForest.name:
            catalog.create(name).fit(np.arange(8.0).reshape(4, 2)).warm_up()
    for name in catalog.names("streaming"):
        catalog.create_streaming(name).warm_up()


def _stump() -> IsolationForest:
    """A forest of one split, without the second that fitting spends on importing scikit-learn."""
    calibration = TailCalibration.fit([0.5, 0.5]).to_arrays("calibration")
    return IsolationForest.from_arrays({}, ["f0"], {"bounds": np.zeros((3, 1)), **calibration, **STUMP})

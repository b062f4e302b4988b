"""Compile kernels before the first record: part of a service's readiness.

`python -m ad_detectors.warmup NAME …` compiles what these detectors need into numba's cache on disk, from where any
other process reads it in milliseconds.
"""

import sys
from collections.abc import Iterable

import numpy as np

from ad_detectors import catalog
from ad_detectors.base import Arrays
from ad_detectors.calibration.tail import TailCalibration
from ad_detectors.tabular.isolation_forest import IsolationForest

AT_ONCE = (IsolationForest.name, "zscore", "adaptive")
"""What is asked for without having been chosen; none of them imports a library for fitting."""

STUMP: Arrays = {
    "node_threshold": np.array([0.0, np.inf, np.inf], np.float32),
    "node_feature": np.zeros(3, np.int32),
    "node_left": np.array([1, 1, 2], np.int32),
    "node_length": np.ones(3),
    "tree_roots": np.zeros(1, np.int64),
    "tree_depths": np.ones(1, np.int64),
    "sample": np.array([2], np.int64),
}


def warm_up(names: Iterable[str] = AT_ONCE) -> None:
    """Score, explain and update once with each of these detectors.

    Raises
    ------
    UnknownDetectorError
        The catalogue has no such detector.
    """
    for name in names:
        kind = catalog.get(name).kind
        if name == IsolationForest.name:
            _stump().warm_up()
        elif kind not in {"batch", "series"}:
            catalog.get(name).detector_type().warm_up()
        else:
            rows = np.random.default_rng(0).normal(size=(64, 2))
            catalog.create_fitted(name).fit(rows).warm_up()


def _stump() -> IsolationForest:
    """A forest of one split, without the second that fitting spends on importing scikit-learn."""
    calibration = TailCalibration.fit([0.5, 0.5]).to_arrays("calibration")
    return IsolationForest.from_arrays({}, ["f0"], {"bounds": np.zeros((3, 1)), **calibration, **STUMP})


if __name__ == "__main__":
    warm_up(sys.argv[1:] or catalog.names())

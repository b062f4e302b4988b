"""Normal rows to show beside an anomaly."""

import numpy as np

from ad_detectors.kernels.examples import nearest_rows
from ad_detectors.matrix import Floats

MOST = 256
NORMAL_SHARE = 0.9


def normal_examples(matrix: Floats, scores: Floats) -> Floats:
    """Up to 256 training rows, spread over the nine tenths with the lowest scores: float64 of shape (m, d)."""
    ordered = np.argsort(scores, kind="stable")
    normal = np.sort(ordered[: max(int(len(ordered) * NORMAL_SHARE), 1)])
    chosen = np.linspace(0, len(normal) - 1, min(MOST, len(normal))).round().astype(np.int64)
    return np.ascontiguousarray(matrix[normal[chosen]])


def nearest_examples(matrix: Floats, examples: Floats, bounds: Floats) -> Floats:
    """For each row the example that differs least, each feature in units of its normal range.

    Parameters
    ----------
    matrix : float64 of shape (n, d)
    examples : float64 of shape (m, d)
    bounds : float64 of shape (3, d)
        Expected value, lower and upper bound per feature.
    """
    spread = bounds[2] - bounds[1]
    scale = np.where(spread > 0.0, spread, np.maximum(np.abs(bounds[0]), 1.0))
    found: Floats = examples[nearest_rows(matrix, examples, scale)]
    return found

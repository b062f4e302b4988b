"""In which units distance-based detectors measure, and which training rows they keep."""

import numpy as np
from numpy.typing import NDArray

from ad_detectors.errors import DataError
from ad_detectors.kernels.scaling import FARTHEST
from ad_detectors.matrix import Floats


def scale_of(matrix: Floats, bounds: Floats, *, scale: bool) -> Floats:
    """What each feature is divided by: ones, or the width of its normal range, so that units do not matter.

    A feature whose normal range has no width is measured by its whole range, a constant one by its level, at least 1.

    Parameters
    ----------
    matrix : float64 of shape (n, d)
    bounds : float64 of shape (3, d)
        Expected value, lower and upper bound per feature.
    scale : bool
        False leaves the features as they are.

    Examples
    --------
    >>> rows = np.array([[0.0, 7.0], [4.0, 7.0]])
    >>> scale_of(rows, np.array([[2.0, 7.0], [0.1, 7.0], [3.9, 7.0]]), scale=True).tolist()
    [3.8, 7.0]
    """
    if not scale:
        return np.ones(matrix.shape[1])
    normal, whole = bounds[2] - bounds[1], np.ptp(matrix, axis=0)
    level = np.maximum(np.abs(bounds[0]), 1.0)
    scales: Floats = np.where(normal > 0.0, normal, np.where(whole > 0.0, whole, level))
    return scales


def scaled(matrix: Floats, scale: Floats) -> Floats:
    """Rows in units of scale, as the kernels see them."""
    with np.errstate(over="ignore"):
        rows = np.ascontiguousarray(matrix / scale)
    return np.clip(rows, -FARTHEST, FARTHEST, out=rows)


def usable(scale: Floats) -> Floats:
    """The scale of an artifact, if rows can be divided by it."""
    if not ((scale > 0.0) & np.isfinite(scale)).all():
        raise DataError("array 'scale' is damaged: every scale must be finite and above 0")
    return scale


def chosen_rows(count: int, most: int, seed: int) -> NDArray[np.int64]:
    """Which training rows are kept: all, or `most` of them, drawn without replacement, in their order."""
    if count <= most:
        return np.arange(count)
    return np.sort(np.random.default_rng(seed).choice(count, most, replace=False))

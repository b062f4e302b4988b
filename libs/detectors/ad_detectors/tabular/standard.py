"""Centre and scale of features, so that units do not matter to detectors that mix them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ad_detectors.base import take
from ad_detectors.errors import DataError
from ad_detectors.matrix import Floats
from ad_detectors.tabular.interval import usable_scale

SMALLEST_SCALE = 1e-60
"""With magnitudes up to 1e30, the squares of standardised values stay finite, whatever they are weighted with."""


def fit_standard(matrix: Floats) -> tuple[Floats, Floats]:
    """Mean and standard deviation per feature as scikit-learn's StandardScaler has them, and rows in these units.

    Where a feature is constant but for rounding, its scale is a billionth of its level, so that another value
    stands out, and its training values are all 0.

    Returns
    -------
    standard : float64 of shape (2, d)
    rows : float64 of shape (n, d)
    """
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler().fit(matrix)
    constant = (scaler.scale_ != np.sqrt(scaler.var_)) | (scaler.scale_ < SMALLEST_SCALE)
    centre = np.where(constant, matrix[0], scaler.mean_)
    scale = np.where(constant, usable_scale(np.zeros(len(centre)), centre), scaler.scale_)
    rows = matrix - centre
    rows /= scale
    rows[:, constant] = 0.0
    return np.stack([centre, scale]), rows


def fit_range(matrix: Floats) -> Floats:
    """Smallest value and range per feature: float64 of shape (2, d); the range of a constant is as above."""
    low = matrix.min(axis=0)
    reach = matrix.max(axis=0) - low
    smallest = usable_scale(np.zeros(len(low)), low)
    return np.stack([low, np.where(reach < SMALLEST_SCALE, smallest, reach)])


def in_units(standard: Floats, centres: Floats, whitenings: Floats) -> tuple[Floats, Floats, Floats]:
    """What the quadratic kernels take, for rows in the units of the features.

    Parameters
    ----------
    standard : float64 of shape (2, d)
    centres : float64 of shape (k, d)
        In standardised units.
    whitenings : float64 of shape (k, d, r)

    Returns
    -------
    origin : float64 of shape (d,)
    shifts : float64 of shape (k, d)
        From the origin to the centres.
    whitenings : float64 of shape (k, d, r')
        With columns of zeros up to a whole number of vector registers, which is a third faster.
    """
    origin, scale = standard
    room = -whitenings.shape[2] % 4
    wide = np.pad(whitenings / scale[:, None], ((0, 0), (0, 0), (0, room)))
    return np.ascontiguousarray(origin), scale * centres, wide


def take_standard(arrays: Mapping[str, NDArray[Any]], features: int) -> Floats:
    """What `fit_standard` or `fit_range` made, checked."""
    standard = take(arrays, "standard", np.float64, (2, features))
    if not (np.isfinite(standard).all() and (standard[1] >= SMALLEST_SCALE).all()):
        raise DataError(
            f"array 'standard' is damaged: every scale must be finite and at least {SMALLEST_SCALE}"
        )
    return standard

"""Missing values and infinities, replaced in one pass."""

import numpy as np
from numpy.typing import NDArray

from ad_detectors.kernels.compile import kernel


@kernel
def fill_missing(
    matrix: NDArray[np.float64], defaults: NDArray[np.float64], largest: float
) -> NDArray[np.float64]:
    """Return a copy with NaN replaced by the feature's default and magnitudes limited to `largest`."""
    filled = np.empty_like(matrix)
    for row in range(matrix.shape[0]):
        for feature in range(matrix.shape[1]):
            value = matrix[row, feature]
            if np.isnan(value):
                value = defaults[feature]
            filled[row, feature] = min(max(value, -largest), largest)
    return filled

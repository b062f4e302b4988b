"""Missing values and infinities, replaced in one pass."""

import numpy as np
from numpy.typing import NDArray

from ad_detectors.kernels.compile import kernel
from ad_detectors.matrix import LARGEST


@kernel
def fill_missing(matrix: NDArray[np.float64], bounds: NDArray[np.float64]) -> NDArray[np.float64]:
    """A copy with the first row of the bounds for NaN, and magnitudes limited to 1e30."""
    filled = np.empty_like(matrix)
    for row in range(matrix.shape[0]):
        for feature in range(matrix.shape[1]):
            value = matrix[row, feature]
            if np.isnan(value):
                value = bounds[0, feature]
            filled[row, feature] = min(max(value, -LARGEST), LARGEST)
    return filled

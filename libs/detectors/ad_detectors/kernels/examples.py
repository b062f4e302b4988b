"""Which of a few rows is most like a row."""

import numpy as np
from numpy.typing import NDArray

from ad_detectors.kernels.compile import kernel

FARTHEST = 1e100


@kernel
def nearest_rows(
    matrix: NDArray[np.float64], examples: NDArray[np.float64], scale: NDArray[np.float64]
) -> NDArray[np.int64]:
    """The example with the smallest sum of |difference| / scale; the first one of several."""
    nearest = np.zeros(matrix.shape[0], np.int64)
    for row in range(matrix.shape[0]):
        smallest = np.inf
        for example in range(examples.shape[0]):
            total = 0.0
            for feature in range(matrix.shape[1]):
                apart = abs(matrix[row, feature] - examples[example, feature]) / scale[feature]
                total += min(apart, FARTHEST)
            if total < smallest:
                nearest[row], smallest = example, total
    return nearest

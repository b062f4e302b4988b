"""In which features rows differ from their neighbours."""

import numpy as np
from numpy.typing import NDArray

from ad_detectors.kernels.compile import kernel


@kernel
def squared_differences(
    rows: NDArray[np.float64], points: NDArray[np.float64], ids: NDArray[np.int64]
) -> NDArray[np.float64]:
    """The sum of the squared differences of each row from the points that `ids`, of shape (n, k), names: (n, d)."""
    sums = np.zeros(rows.shape)
    for row in range(rows.shape[0]):
        for place in range(ids.shape[1]):
            point = ids[row, place]
            for feature in range(rows.shape[1]):
                apart = rows[row, feature] - points[point, feature]
                sums[row, feature] += apart * apart
    return sums

"""One row in units of scale, as distance kernels take it."""

import numpy as np
from numpy.typing import NDArray

from ad_detectors.kernels.compile import kernel

FARTHEST = 1e100


@kernel
def scaled_row(row: NDArray[np.float64], scale: NDArray[np.float64], found: NDArray[np.float64]) -> None:
    """Write each value divided by its scale; magnitudes stay up to 1e100, so that squares stay finite."""
    for feature in range(len(row)):
        found[feature] = min(max(row[feature] / scale[feature], -FARTHEST), FARTHEST)

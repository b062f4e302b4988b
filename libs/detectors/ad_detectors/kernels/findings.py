"""What a drift kernel found: one row of numbers per drift, in an array that grows as it must."""

import numpy as np
from numpy.typing import NDArray

from ad_detectors.kernels.compile import kernel

FEATURE, ROW, SINCE, STATISTIC, THRESHOLD, PROBABILITY, BEFORE, AFTER = range(8)
COLUMNS = 8


@kernel
def no_findings() -> NDArray[np.float64]:
    """Room for the first findings."""
    return np.zeros((16, COLUMNS))


@kernel
def with_room(found: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    """The same findings with room for at least one more."""
    if size < len(found):
        return found
    larger = np.zeros((2 * len(found), COLUMNS))
    larger[:size] = found
    return larger

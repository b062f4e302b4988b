"""A short sorted list in a plain array."""

import numpy as np
from numpy.typing import NDArray

from ad_detectors.kernels.compile import kernel

Values = NDArray[np.float64]


@kernel
def insert_sorted(ordered: Values, size: int, value: float) -> int:
    """Put a value into its place among the first `size`; return the new size."""
    place = size
    while place > 0 and ordered[place - 1] > value:
        ordered[place] = ordered[place - 1]
        place -= 1
    ordered[place] = value
    return size + 1


@kernel
def remove_sorted(ordered: Values, size: int, value: float) -> int:
    """Take out one value that is there; return the new size."""
    low, high = 0, size - 1
    while low < high:
        middle = (low + high) // 2
        if ordered[middle] < value:
            low = middle + 1
        else:
            high = middle
    for place in range(low, size - 1):
        ordered[place] = ordered[place + 1]
    return size - 1

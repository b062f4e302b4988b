"""Counts of many keys in few cells: a count-min sketch of this tick's counts and of their decayed mean.

A key has one cell in each row of the sketch and shares it with others, so the smallest of its cells is the
best estimate, never too small. Cells decay when they are next touched, not before.
"""

import numpy as np
from numpy.typing import NDArray

from ad_detectors.kernels.compile import kernel
from ad_detectors.kernels.draws import mixed

Cells = NDArray[np.float32]
Ticks = NDArray[np.int32]


@kernel
def place_of(key: np.uint64, row: int, width: int) -> int:
    """The cell of a key in a row: the high bits of its hash, scaled to the width."""
    return int(((mixed(key, row) >> np.uint64(32)) * np.uint64(width)) >> np.uint64(32))


@kernel
def refresh(current: Cells, mean: Cells, ticks: Ticks, place: int, tick: int, share: float) -> None:
    """Bring a cell to a tick: the count of the tick that ended goes into the mean with this share."""
    passed = tick - ticks[place]
    if passed > 0:
        keep = 1.0 - share
        ended = mean[place] * keep + current[place] * share
        mean[place] = np.float32(ended * keep ** (passed - 1))
        current[place] = np.float32(0.0)
        ticks[place] = tick


@kernel
def add_key(
    current: Cells, mean: Cells, ticks: Ticks, key: np.uint64, tick: int, share: float
) -> tuple[float, float, float]:
    """Count a key once; return its count in this tick, its decayed mean per tick, and its count before."""
    seen, expected, before = np.inf, np.inf, np.inf
    for row in range(current.shape[0]):
        place = place_of(key, row, current.shape[1])
        refresh(current[row], mean[row], ticks[row], place, tick, share)
        before = min(before, float(current[row, place]))
        current[row, place] += np.float32(1.0)
        seen = min(seen, float(current[row, place]))
        expected = min(expected, float(mean[row, place]))
    return seen, expected, before

"""Windows over a series, and means over windows."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ad_detectors.matrix import Floats


def surrounded(series: Floats, before: int, after: int) -> Floats:
    """The series of shape (n, d) with its first point repeated before it and its last one behind it."""
    return np.pad(series, ((before, after), (0, 0)), mode="edge")


def centred(series: Floats, window: int) -> Floats:
    """Padded so that the window that starts at row t of the result has point t of the series in its middle."""
    return surrounded(series, window // 2, window - 1 - window // 2)


def smoothed(values: Floats, points: int) -> Floats:
    """The mean of the points around each one, along the first axis; at the ends of those that are there.

    Examples
    --------
    >>> smoothed(np.array([0.0, 0.0, 3.0, 0.0, 0.0]), 3).tolist()
    [0.0, 1.0, 1.0, 1.0, 0.0]
    """
    if points == 1:
        return values
    wide = [(points // 2, points - 1 - points // 2)] + [(0, 0)] * (values.ndim - 1)
    total = sliding_window_view(np.pad(values, wide), points, axis=0).sum(axis=-1)
    there = sliding_window_view(np.pad(np.ones(len(values)), wide[:1]), points).sum(axis=-1)
    mean: Floats = total / there.reshape(-1, *[1] * (values.ndim - 1))
    return mean

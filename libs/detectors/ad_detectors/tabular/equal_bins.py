"""Histograms of bins of equal width, which `hbos` and `loda` read."""

import numpy as np
from numpy.typing import NDArray

from ad_detectors.errors import DataError
from ad_detectors.matrix import Floats
from ad_detectors.tabular.interval import usable_scale

TIE = 1e-10
"""Rows that fall into the same bins differ by less than this, so that a threshold can lie between them."""

SMALLEST_RANGE = 1e-200


def equal_bins(column: Floats, bins: int, constant_at: int) -> tuple[Floats, NDArray[np.int64]]:
    """Edges and counts between the smallest and the largest value, as `numpy.histogram` makes them.

    Parameters
    ----------
    column : float64 of shape (n,)
    bins : int
    constant_at : int
        Where to count a column that is constant, or whose range floats cannot divide: its value is then the
        edge `bins // 2`, and which of the two bins beside an edge it belongs to is for the caller to say.

    Returns
    -------
    edges : float64 of shape (bins + 1,)
        Ascending, each above the one before.
    counts : int64 of shape (bins,)
    """
    low, high = float(column.min()), float(column.max())
    edges = np.linspace(low, high, bins + 1)
    if (np.diff(edges) > 0.0).all() and high - low > SMALLEST_RANGE:
        counts, edges = np.histogram(column, bins, (low, high))
        return edges, counts
    level = np.array([low])
    edges = low + usable_scale(np.zeros(1), level) * (np.arange(bins + 1) - bins // 2)
    counts = np.zeros(bins, np.int64)
    counts[constant_at] = len(column)
    return edges, counts


def halves_of(edges: Floats) -> tuple[Floats, Floats]:
    """The middle between the outermost edges of each line of edges, and 1 / half of their distance."""
    return 0.5 * (edges[:, 0] + edges[:, -1]), 2.0 / (edges[:, -1] - edges[:, 0])


def check_bins(edges: Floats, table: Floats) -> None:
    """Refuse arrays in which a kernel would search for ever or outside of them."""
    if not (np.isfinite(edges).all() and np.isfinite(table).all() and (np.diff(edges, axis=1) > 0.0).all()):
        raise DataError("the histogram arrays are damaged: edges must ascend, and everything must be finite")

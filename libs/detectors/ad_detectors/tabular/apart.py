"""The neighbours of training rows among the others."""

import numpy as np

from ad_detectors.calibration.order import memory_of
from ad_detectors.kernels.neighbors import NeighborTree, neighbor_lists
from ad_detectors.matrix import Floats
from ad_detectors.tabular.neighbors import Places

AT_ONCE = 4096


def neighbors_apart(
    tree: NeighborTree, kept: Places, matrix: Floats, count: int
) -> list[tuple[Floats, Places]]:
    """Distances and numbers of the nearest points to each training row, as if it were yet to come.

    Neither the row itself is among them nor those around it in the order of training, as far as rows hang
    together; see `memory_of`.

    Parameters
    ----------
    tree : NeighborTree
    kept : int64 of shape (m,)
        The training row of each point.
    matrix : float64 of shape (n, d)
    count : int
        Fewer than there are points, or the only one.

    Returns
    -------
    list of (float64, int64), each of shape (·, count)
        For the rows in their order, some at once.
    """
    memory = memory_of(matrix)
    wanted = min(count + 2 * memory + 1, len(kept))
    found = []
    for start in range(0, len(matrix), AT_ONCE):
        distances, numbers = neighbor_lists(*tree, matrix[start : start + AT_ONCE], wanted)
        rows = np.arange(start, start + len(distances))
        around = np.abs(kept[numbers] - rows[:, None]) <= memory
        first = np.argsort(around, axis=1, kind="stable")[:, :count]
        found.append((np.take_along_axis(distances, first, 1), np.take_along_axis(numbers, first, 1)))
    return found

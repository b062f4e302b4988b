"""Local outlier factor: anomalies lie in thinner surroundings than their neighbours."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ad_detectors.base import Arrays, take
from ad_detectors.errors import DataError
from ad_detectors.kernels.neighbors import DENSEST, neighbor_lists, outlier_factors
from ad_detectors.matrix import Floats
from ad_detectors.parameters import Parameters, option
from ad_detectors.tabular.apart import neighbors_apart
from ad_detectors.tabular.neighbors import NeighborDetector, Places

ORDINARY = 1.0
"""The factor of a row whose surroundings are as dense as those of its neighbours."""


@dataclass(frozen=True, kw_only=True)
class LOFParameters(Parameters):
    """Parameters of `LOF`."""

    neighbors: int = option(20, "number of neighbours", low=1, high=1000)
    scale: bool = option(True, "measure each feature in units of its normal range")
    reference: int = option(20_000, "training rows kept to compare with", low=10, high=1_000_000)
    seed: int = option(0, "seed of the choice of the rows that are kept", low=0, high=2**32 - 1)


class LOF(NeighborDetector):
    """Local outlier factor of a row against the training rows.

    Idea: the local reachability density of a row is the inverse of its mean distance to its k nearest
    training rows, where a distance counts at least as the neighbour's own distance to its k-th neighbour.
    The score is the mean density of the neighbours over that of the row: about 1 within a cluster of
    any density, higher in thinner surroundings. Assumes clusters of more than k rows. More than k equal rows are as
    dense as 1e10, so that scores stay finite. Agrees with PyOD's `LOF`, fitted to the same rows in the same
    units, to 1e-9. Fitting costs as much as scoring the training rows; scoring finds the neighbours exactly
    in O(log n) per row for a few features and at most O(n · d).

    Contributions: what the score has above 1, or lacks, shared by the squared differences in each feature from the
    20 nearest training rows; they add up to `score - 1`, the baseline being 1.

    Tail probabilities come from the factor of each training row among the others, without itself and, of rows that
    hang together in their order, those around it.

    Parameters
    ----------
    neighbors : int, default 20
        Fewer where fewer other rows were trained on.
    scale : bool, default True
        Divide each feature by the width of its normal range, its middle 99 %.
    reference : int, default 20,000
        Of more training rows so many are drawn and kept.
    seed : int, default 0

    Source
    ------
    Breunig, Kriegel, Ng and Sander, LOF: Identifying density-based local outliers, SIGMOD 2000, section 4.

    Examples
    --------
    >>> rows = [[0.0], [1.0], [2.0], [3.0], [4.0]]
    >>> LOF(neighbors=2, scale=False).fit(rows).score([[1.6], [10.0]]).round(2).tolist()
    [0.83, 4.33]
    """

    name = "lof"
    parameters_type = LOFParameters
    parameters: LOFParameters

    def _fit(self, matrix: Floats) -> None:
        chosen = self.parameters
        self._keep(matrix, chosen.reference, chosen.seed, scale=chosen.scale)
        distances, neighbors = self._others(matrix[self._kept])
        reach = distances[:, -1].copy()
        density = 1.0 / (np.maximum(distances, reach[neighbors]).mean(axis=1) + DENSEST)
        self._use(reach, density)

    def _use(self, reach: Floats, density: Floats) -> None:
        self._around = np.column_stack([reach, density])
        self._count = self._possible(self.parameters.neighbors)

    def _others(self, own: Floats) -> tuple[Floats, NDArray[np.int64]]:
        """Distances and numbers of the neighbours of each kept row, without itself."""
        count = self._possible(self.parameters.neighbors)
        if len(own) == 1:
            return neighbor_lists(*self._tree, own, count)
        distances, neighbors = neighbor_lists(*self._tree, own, count + 1)
        itself = neighbors == np.arange(len(own))[:, None]
        # Among more than k equal rows it may be missing in its own list: then another equal one is left out.
        itself[~itself.any(axis=1), 0] = True
        shape = (len(own), count)
        return distances[~itself].reshape(shape), neighbors[~itself].reshape(shape)

    def _score(self, matrix: Floats) -> Floats:
        return outlier_factors(*self._tree, matrix, self._around, self._count)

    def _unseen_scores(self, matrix: Floats) -> Floats:
        others = neighbors_apart(self._tree, self._kept, matrix, self._count)
        return np.concatenate([self._factors(*lists) for lists in others])

    def _factors(self, distances: Floats, neighbors: Places) -> Floats:
        """The outlier factors of rows that have these neighbours."""
        reach, density = self._around[neighbors, 0], self._around[neighbors, 1]
        found: Floats = density.mean(axis=1) * (np.maximum(distances, reach).mean(axis=1) + DENSEST)
        return found

    def _contributions(self, matrix: Floats) -> tuple[float, Floats]:
        return ORDINARY, self._shares(matrix) * (self._score(matrix) - ORDINARY)[:, None]

    def _to_arrays(self) -> Arrays:
        return {**super()._to_arrays(), "reach": self._around[:, 0], "density": self._around[:, 1]}

    def _from_arrays(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        super()._from_arrays(arrays)
        points = len(self._tree.points)
        reach = take(arrays, "reach", np.float64, (points,))
        density = take(arrays, "density", np.float64, (points,))
        if not (np.isfinite(reach) & np.isfinite(density)).all():
            raise DataError("array 'reach' or 'density' is damaged: they must be finite")
        self._use(reach, density)

"""Distance to the nearest rows that may stand for normal, in one of two scales."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ad_detectors.base import Arrays, take
from ad_detectors.errors import DataError
from ad_detectors.kernels.neighbors import NeighborTree, neighbor_lists
from ad_detectors.kernels.scaling import FARTHEST
from ad_detectors.matrix import Floats
from ad_detectors.tabular.neighbors import leaf_order, shares_of_distance, tree_of
from ad_detectors.tabular.scaling import usable

NEIGHBORS = 10
AT_ONCE = 8192
"""Rows whose lists of neighbours, each larger than a row of few features, are held at once."""

NORMAL_QUARTILES = 1.349
"""Between the quartiles of a normal distribution lie so many standard deviations."""


@dataclass(frozen=True, eq=False)
class Units:
    """Where each feature is centred and what it is measured in.

    Attributes
    ----------
    center, scale : float64 of shape (d,)
    curved : bool
        Distances are as they are near the centre and logarithmic far out (the inverse hyperbolic sine), so that
        one far value does not drown what the other features say.
    """

    center: Floats
    scale: Floats
    curved: bool

    @classmethod
    def of(cls, matrix: Floats, *, curved: bool) -> "Units":
        """The median and the spread of the middle half; the standard deviation where that half is one value."""
        low, center, high = np.quantile(matrix, (0.25, 0.5, 0.75), axis=0)
        middle, whole = (high - low) / NORMAL_QUARTILES, matrix.std(axis=0)
        scale = np.where(middle > 1e-9 * whole, middle, whole)
        return cls(center, np.where(scale > 0.0, scale, 1.0), curved)

    def measured(self, matrix: Floats) -> Floats:
        """Rows in these units."""
        with np.errstate(over="ignore"):
            rows = np.clip((matrix - self.center) / self.scale, -FARTHEST, FARTHEST)
        return np.ascontiguousarray(np.arcsinh(rows) if self.curved else rows)


@dataclass(frozen=True, eq=False)
class Surroundings:
    """The mean distance to the nearest different rows among those that may stand for normal.

    A kept row that equals the one that is scored says nothing: copies would make rows of small, resampled or
    coarse data look normal by themselves, and a training row would have itself as its best witness.
    """

    units: Units
    tree: NeighborTree

    @classmethod
    def of(cls, matrix: Floats, kept: NDArray[np.bool_], *, curved: bool) -> "Surroundings":
        """Learn the units from all rows and keep some of them, each once."""
        units = Units.of(matrix, curved=curved)
        points = np.unique(units.measured(matrix[kept]), axis=0)
        points = np.ascontiguousarray(points[leaf_order(points)])
        return cls(units, tree_of(points, np.ones(matrix.shape[1])))

    def distances(self, matrix: Floats) -> Floats:
        """float64 of shape (n,)."""
        return np.concatenate(
            [self._distances(matrix[at : at + AT_ONCE]) for at in range(0, len(matrix), AT_ONCE)]
        )

    def _distances(self, matrix: Floats) -> Floats:
        most = len(self.tree.points)
        count = min(NEIGHBORS + 1, most)
        found, _ = neighbor_lists(*self.tree, self.units.measured(matrix), count)
        if count == 1:
            return found[:, 0].copy()
        # Of a row that has a copy the other neighbours count; of any other the first ones.
        first = np.where(found[:, 0] > 0.0, found[:, 0], found[:, -1])
        total = first
        for place in range(1, count - 1):
            total = total + found[:, place]
        return total / (count - 1)

    def shares(self, matrix: Floats) -> Floats:
        """Which share of the distances each feature has: (n, d)."""
        rows = self.units.measured(matrix)
        return shares_of_distance(self.tree, rows, rows)

    def to_arrays(self) -> Arrays:
        """What was learnt."""
        return {"center": self.units.center, "scale": self.units.scale, "points": self.tree.points}

    @classmethod
    def from_arrays(
        cls, arrays: Mapping[str, NDArray[Any]], features: int, *, curved: bool
    ) -> "Surroundings":
        """What `to_arrays` wrote."""
        center = take(arrays, "center", np.float64, (features,))
        scale = usable(take(arrays, "scale", np.float64, (features,)))
        points = take(arrays, "points", np.float64, (None, features))
        if not (len(points) and (np.abs(points) <= FARTHEST).all() and np.isfinite(center).all()):
            raise DataError(
                f"array 'points' or 'center' is damaged: there must be a point, and magnitudes up to {FARTHEST:g}"
            )
        return cls(Units(center, scale, curved), tree_of(points, np.ones(features)))

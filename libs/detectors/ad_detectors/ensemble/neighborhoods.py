"""The distance to rows that may stand for normal, in two scales made comparable."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ad_detectors.base import Arrays
from ad_detectors.calibration.tail import TailCalibration
from ad_detectors.ensemble.nesting import part, prefixed
from ad_detectors.ensemble.surprise import mean_probability, surprise
from ad_detectors.ensemble.surroundings import Surroundings
from ad_detectors.matrix import Floats

VIEWS = {"straight": False, "curved": True}


@dataclass(frozen=True, eq=False)
class Neighborhoods:
    """Two `Surroundings`, with straight and with curved units, how their distances are distributed, and together."""

    views: tuple[Surroundings, ...]
    calibrations: tuple[TailCalibration, ...]
    together: TailCalibration

    @classmethod
    def of(cls, matrix: Floats, kept: NDArray[np.bool_]) -> "tuple[Neighborhoods, Floats]":
        """Learn from rows of which some are kept; returns also how surprising each row is."""
        views = tuple(Surroundings.of(matrix, kept, curved=curved) for curved in VIEWS.values())
        distances = tuple(view.distances(matrix) for view in views)
        calibrations = tuple(TailCalibration.smooth(distance) for distance in distances)
        surprises = surprise(mean_probability(calibrations, distances))
        return cls(views, calibrations, TailCalibration.smooth(surprises)), surprises

    def probability(self, matrix: Floats) -> Floats:
        """The probability that a row of the training data is as far from what is normal."""
        distances = tuple(view.distances(matrix) for view in self.views)
        return self.together.probability(surprise(mean_probability(self.calibrations, distances)))

    def shares(self, matrix: Floats) -> Floats:
        """Which share of the distances each feature has: (n, d), the mean over both views."""
        straight, curved = (view.shares(matrix) for view in self.views)
        return 0.5 * (straight + curved)

    def to_arrays(self) -> Arrays:
        """What was learnt."""
        arrays = self.together.to_arrays("together")
        for name, view, calibration in zip(VIEWS, self.views, self.calibrations, strict=True):
            arrays |= prefixed(name, {**view.to_arrays(), **calibration.to_arrays("calibration")})
        return arrays

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], features: int) -> "Neighborhoods":
        """What `to_arrays` wrote."""
        views, calibrations = [], []
        for name, curved in VIEWS.items():
            own = part(name, arrays)
            views.append(Surroundings.from_arrays(own, features, curved=curved))
            calibrations.append(TailCalibration.from_arrays(own, "calibration"))
        return cls(tuple(views), tuple(calibrations), TailCalibration.from_arrays(arrays, "together"))

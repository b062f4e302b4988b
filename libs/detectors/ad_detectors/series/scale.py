"""Channels in one unit, so that none drowns the others and no single value all the rest."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ad_detectors.base import Arrays, take
from ad_detectors.errors import DataError
from ad_detectors.matrix import LARGEST, Floats

CONSTANT = 1e-12
"""A range below this share of the level is rounding."""

SMALLEST = 1e-100
SHARED_REACH = 0.5


@dataclass(frozen=True, eq=False)
class ChannelScale:
    """Training values become 0 to 1; beyond that, excess counts by its logarithm.

    A channel's unit is its range in training, or its level, at least 1, where it is constant. Channels that all lie
    within 0 to 1, one of them beyond one half, have been brought to one unit by somebody who knows their limits: they
    are left as they are.
    A value x units above the range becomes 1 + log(1 + x), so a channel that leaves a narrow range for good, as
    channels do when software is renewed, does not hide all the others.

    Examples
    --------
    >>> scale = ChannelScale.fit(np.array([[10.0], [30.0]]))
    >>> scale.apply(np.array([[20.0], [50.0]])).round(2).tolist()
    [[0.5], [1.69]]
    >>> scale.back(np.array([[0.5], [1.0 + np.log(2.0)]])).round(9).tolist()
    [[20.0], [50.0]]
    """

    low: Floats
    unit: Floats

    @classmethod
    def fit(cls, series: Floats) -> Self:
        """Learn from a training series of shape (n, d) without missing values."""
        low, high = series.min(axis=0), series.max(axis=0)
        if (low >= 0.0).all() and SHARED_REACH <= high.max() <= 1.0:
            return cls(np.zeros(len(low)), np.ones(len(low)))
        level = np.maximum(np.abs(low), np.abs(high))
        constant = high - low <= np.maximum(CONSTANT * level, SMALLEST)
        return cls(low, np.where(constant, np.maximum(level, 1.0), high - low))

    def apply(self, series: Floats) -> Floats:
        """Values in the common unit."""
        values = (series - self.low) / self.unit
        beyond = np.log1p(np.maximum(values - 1.0, 0.0)) - np.log1p(np.maximum(-values, 0.0))
        found: Floats = np.clip(values, 0.0, 1.0) + beyond
        return found

    def back(self, values: Floats) -> Floats:
        """From the common unit to those of the channels; never falls as the value rises."""
        most = np.log1p(2.0 * LARGEST / self.unit)
        inside = np.clip(values, 0.0, 1.0)
        above, below = np.clip(values - 1.0, 0.0, most), np.clip(-values, 0.0, most)
        return np.clip(self.low + self.unit * (inside + np.expm1(above) - np.expm1(below)), -LARGEST, LARGEST)

    def to_arrays(self) -> Arrays:
        """Plain arrays for the artifact."""
        return {"channel_low": self.low, "channel_unit": self.unit}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], channels: int) -> Self:
        """The scale that `to_arrays` wrote."""
        low = take(arrays, "channel_low", np.float64, (channels,))
        unit = take(arrays, "channel_unit", np.float64, (channels,))
        if not (np.isfinite(low).all() and np.isfinite(unit).all() and (unit >= SMALLEST).all()):
            raise DataError("the scale of the channels is damaged: every unit must be above 0")
        return cls(low, unit)

"""What all drift detectors share."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from ad_detectors.matrix import LARGEST, Floats, as_matrix, feature_names
from ad_detectors.parameters import Parameters


class DriftDetector(ABC):
    """Finds the features whose distribution changed; see its two kinds.

    Magnitudes beyond 1e30, infinities too, count as 1e30. The input is never changed.

    Parameters
    ----------
    features : sequence of str, optional
        One name per feature; f0, f1, … by default.
    **parameters
        The fields of `parameters_type`.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    parameters_type: ClassVar[type[Parameters]]

    def __init__(self, features: Sequence[str] | None = None, **parameters: Any) -> None:
        self.features = None if features is None else tuple(features)
        self.parameters = self.parameters_type.of(parameters)

    @abstractmethod
    def warm_up(self) -> None:
        """Compile what is needed, so that no record waits for it."""

    def _matrix(self, data: ArrayLike, width: int | None = None) -> Floats:
        return np.clip(as_matrix(data, width), -LARGEST, LARGEST)

    def _names(self, width: int) -> tuple[str, ...]:
        return feature_names(self.features, width)

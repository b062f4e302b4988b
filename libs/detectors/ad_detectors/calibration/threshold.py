"""Which scores are alerts: above a fixed score, by contamination, or by what people are ready to look at."""

from abc import ABC, abstractmethod
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ad_detectors.calibration.fdr import OnlineFDR
from ad_detectors.calibration.tail import TailCalibration
from ad_detectors.errors import DataError, ParameterError
from ad_detectors.matrix import Floats
from ad_detectors.streaming.base import State

Times = NDArray[np.int64]

DAY_MS = 86_400_000


class Threshold(ABC):
    """Decides which records are alerts, in their order; what it remembers is plain arrays of constant size.

    Any split of a stream into calls gives the same alerts, and only event time is used.
    """

    @abstractmethod
    def alerts(
        self, state: State, scores: Floats, probabilities: Floats, time_ms: Times
    ) -> NDArray[np.bool_]:
        """Which of these records are alerts.

        Parameters
        ----------
        state : dict of arrays
            From `new_state` or a snapshot; changed in place.
        scores, probabilities : float64 of shape (n,)
            What a detector says: higher scores and smaller tail probabilities are more anomalous.
        time_ms : int64 of shape (n,)
            Event time in milliseconds since the epoch.
        """

    def new_state(self) -> State:
        """What is known before the first record."""
        return {}


class FixedThreshold(Threshold):
    """Alerts on scores above a fixed one.

    Examples
    --------
    >>> rows = np.array([1.0, 3.5]), np.array([0.5, 0.001]), np.array([0, 1])
    >>> FixedThreshold(3.0).alerts({}, *rows).tolist()
    [False, True]
    """

    def __init__(self, score: float) -> None:
        if not np.isfinite(score):
            raise ParameterError(f"score is {score!r}; valid is a finite number")
        self.score = float(score)

    def alerts(
        self, state: State, scores: Floats, probabilities: Floats, time_ms: Times
    ) -> NDArray[np.bool_]:
        """Which scores are above."""
        del state, probabilities, time_ms
        return np.asarray(scores > self.score, np.bool_)


class ContaminationThreshold(FixedThreshold):
    """Alerts on scores above the one that this share of the training rows exceeds.

    Examples
    --------
    >>> ContaminationThreshold(0.1, TailCalibration.fit(range(1000))).score
    899.5
    """

    def __init__(self, contamination: float, training: TailCalibration) -> None:
        super().__init__(training.threshold(contamination))


class DiscoveryRateThreshold(Threshold):
    """Alerts of which, in each day (UTC), at most the share `rate` is false, over all entities of a stream.

    Controls the false discovery rate by LORD++, see `OnlineFDR` for its assumptions; it starts anew each day.

    Examples
    --------
    >>> rows = np.zeros(3), np.array([0.4, 1e-6, 0.004]), np.array([0, 1000, 2000])
    >>> threshold = DiscoveryRateThreshold(0.1)
    >>> threshold.alerts(threshold.new_state(), *rows).tolist()
    [False, True, True]
    """

    def __init__(self, rate: float) -> None:
        self._control = OnlineFDR(rate=rate)

    def new_state(self) -> State:
        """The state of `OnlineFDR`, and the day."""
        return {**self._control.new_state(), "day": np.zeros(1, np.int64)}

    def alerts(
        self, state: State, scores: Floats, probabilities: Floats, time_ms: Times
    ) -> NDArray[np.bool_]:
        """Which are discoveries of their day; late records belong to the day that is running."""
        day = state.get("day")
        if day is None:
            raise DataError("this is not a state of DiscoveryRateThreshold: make it by new_state()")
        own = {name: array for name, array in state.items() if name != "day"}
        days = np.maximum.accumulate(np.concatenate([day, np.asarray(time_ms) // DAY_MS]))
        found = np.zeros(len(scores), np.bool_)
        for start, stop in runs(days[1:]):
            if days[start + 1] > day[0]:
                day[0] = days[start + 1]
                for name, array in self._control.new_state().items():
                    own[name][:] = array
            found[start:stop] = self._control.decide(own, probabilities[start:stop])
        return found


def runs(values: NDArray[Any]) -> list[tuple[int, int]]:
    """Start and end of each run of equal values."""
    if len(values) == 0:
        return []
    cuts = [0, *(np.flatnonzero(values[1:] != values[:-1]) + 1).tolist(), len(values)]
    return list(pairwise(cuts))

"""KSWIN: the recent values of a sliding window against the older ones."""

from dataclasses import dataclass

import numpy as np

from ad_detectors.drift.stream import Shape, StreamingDriftDetector
from ad_detectors.kernels.kswin import Policy, Table, update_features
from ad_detectors.matrix import Floats
from ad_detectors.parameters import Parameters, option
from ad_detectors.streaming.base import State


@dataclass(frozen=True, kw_only=True)
class KSWINParameters(Parameters):
    """Parameters of `KSWIN`."""

    alpha: float = option(
        0.01, "bound on the expected number of false alarms per `older + recent` values", low=1e-12, high=0.2
    )
    older: int = option(200, "values that the recent ones are compared with", low=10, high=100_000)
    recent: int = option(100, "values that are looked at for a drift", low=10, high=100_000)
    every: int = option(10, "values between two tests", low=1, high=100_000)


class KSWIN(StreamingDriftDetector):
    """Two-sample Kolmogorov-Smirnov test between the recent and the older values of a sliding window.

    Idea: the largest distance between the two empirical distribution functions. It sees changes of any
    kind, of the spread and the shape as well as of the mean, but only sudden ones: a slow change is in both
    parts. After a drift only the recent values are kept.

    Assumes independent values. Differs from the publication in two ways: all older values are compared
    instead of a random sample of them, which finds more and needs no randomness; and since a test
    each few values would give many false alarms, each one's level is `alpha` divided by the tests that
    see the same values, and by the number of features.

    Statistic: the distance, in [0, 1]; threshold: the distance at that level; probability: of the distance, times
    the number of tests. State: 16 bytes per value of the window and feature; a value costs
    O(older + recent), divided by `every` for the most part.

    Parameters
    ----------
    alpha : float, default 0.01
    older : int, default 200
    recent : int, default 100
    every : int, default 10

    Source
    ------
    Raab, Heusinger and Schleif, Reactive soft prototype computing for concept drift streams, Neurocomputing
    2020, section 3.2; Stephens 1970 (the distance's distribution in small samples).

    Examples
    --------
    >>> import numpy as np
    >>> values = np.random.default_rng(0).normal(size=(2000, 1))
    >>> values[1200:] *= 4
    >>> detector = KSWIN(features=["load"])
    >>> report = detector.update(detector.new_state(), values, np.arange(2000))
    >>> report.drifted
    ('load',)
    """

    name = "kswin"
    title = "KSWIN"
    parameters_type = KSWINParameters
    parameters: KSWINParameters

    def _shapes(self, width: int) -> dict[str, Shape]:
        window = (width, self.parameters.older + self.parameters.recent)
        return {
            "rows": ((width,), np.int64),
            "values": ((width,), np.int64),
            "sizes": ((width,), np.int64),
            "window": (window, np.float64),
            "window_rows": (window, np.int64),
        }

    def _update(self, state: State, matrix: Floats) -> Floats:
        chosen = self.parameters
        trials = matrix.shape[1] * max((chosen.older + chosen.recent) / chosen.every, 1.0)
        policy = Policy(chosen.recent, chosen.every, chosen.alpha / trials, trials)
        return update_features(Table(**state), policy, matrix)

"""ADWIN: a window that is cut where its two parts differ."""

from dataclasses import dataclass

import numpy as np

from ad_detectors.drift.stream import Shape, StreamingDriftDetector
from ad_detectors.kernels.adwin import LEVELS, Policy, Table, update_features
from ad_detectors.matrix import Floats
from ad_detectors.parameters import Parameters, option
from ad_detectors.streaming.base import State

FEWEST = 5
"""Values on either side of a cut."""


@dataclass(frozen=True, kw_only=True)
class ADWINParameters(Parameters):
    """Parameters of `ADWIN`."""

    delta: float = option(
        0.002, "bound on the probability of a false alarm at one test of all features", low=1e-12, high=0.5
    )
    every: int = option(32, "values between two tests", low=1, high=1_000_000)
    buckets: int = option(5, "buckets per size: more finds the place of a change better", low=2, high=1_000)
    value_range: float = option(
        0.0,
        "known largest minus least possible value; 0 takes the range seen in the window",
        low=0,
        high=1e30,
    )


class ADWIN(StreamingDriftDetector):
    """Adaptive windowing: the longest window of recent values whose parts do not differ in their mean.

    Idea: whenever the means of an older and a newer part of the window differ by more than chance allows
    (Bernstein's bound with the window's own variance), the older part is dropped: it is the old regime, what
    remains the new one. An exponential histogram keeps a window of any length in O(log n) buckets.

    Assumes independent values of limited range. The original needs values in [0, 1]; here the range is that
    seen in the window unless `value_range` is given (1 is the original), so the scale of a feature does not
    matter. The original drops the oldest bucket until no cut is left, and so finds one change several times;
    here everything before the cut that differs most goes at once. Finds changes of the mean only. With d
    features each is tested at delta / d. A season looks like drift: give residuals instead.

    Statistic: the difference of the means; threshold: its bound; probability: the delta at which the bound
    would just be reached. State: 8 KB per feature; a value costs O(1), a test O(buckets · log n).

    Parameters
    ----------
    delta : float, default 0.002
    every : int, default 32
    buckets : int, default 5
    value_range : float, default 0

    Source
    ------
    Bifet and Gavaldà, Learning from time-changing data with adaptive windowing, SDM 2007, section 3.

    Examples
    --------
    >>> import numpy as np
    >>> values = np.random.default_rng(0).normal(1.2, 0.5, size=(2000, 1))
    >>> values[1200:] += 2.2
    >>> detector = ADWIN(features=["load"])
    >>> report = detector.update(detector.new_state(), values, np.arange(2000))
    >>> report.drifted
    ('load',)
    """

    name = "adwin"
    title = "ADWIN"
    parameters_type = ADWINParameters
    parameters: ADWINParameters

    def _shapes(self, width: int) -> dict[str, Shape]:
        places = (width, LEVELS, self.parameters.buckets + 1)
        return {
            "rows": ((width,), np.int64),
            "values": ((width,), np.int64),
            "origin": ((width,), np.float64),
            "buckets": ((width, LEVELS), np.int64),
            "means": (places, np.float64),
            "squares": (places, np.float64),
            "lows": (places, np.float64),
            "highs": (places, np.float64),
            "since": (places, np.int64),
        }

    def _update(self, state: State, matrix: Floats) -> Floats:
        chosen = self.parameters
        delta = chosen.delta / matrix.shape[1]
        return update_features(
            Table(**state), Policy(delta, chosen.every, FEWEST, chosen.value_range), matrix
        )

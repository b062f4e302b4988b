"""Distance from the median of the last values in their median absolute deviations."""

from dataclasses import dataclass

import numpy as np

from ad_detectors.kernels.alerts import Output, Policy, Tail
from ad_detectors.kernels.robust import Table, update_rows
from ad_detectors.parameters import option
from ad_detectors.streaming.base import State
from ad_detectors.streaming.conformal import ConformalDetector, ConformalParameters, Layout, Rows


@dataclass(frozen=True, kw_only=True)
class RobustZScoreParameters(ConformalParameters):
    """Parameters of `RobustZScore`."""

    window: int = option(128, "last values of a feature that are held", low=8, high=10_000)


class RobustZScore(ConformalDetector):
    """Distance from the median of the last values in scaled median absolute deviations.

    Idea: up to half of a window can be wrong without moving its median and its median absolute deviation far.
    So bursts of anomalies do not hide themselves, and a new level is taken over at once when it fills half
    of the window. Where more than half of the values are equal, the mean absolute deviation takes the place
    of the median one.

    Assumes that values scatter around a level that holds for a window; any noise, since the tail probability
    is taken among the entity's own earlier distances. Knows no seasons. Records count, not time. Several
    features: the largest distance counts. `score` is -log10 of the probability: 2 is one in 100, 3 one in
    1,000; higher is more anomalous. A missing value is skipped.

    Expected value: the median; lower and upper bound: where a value becomes an alert. Contributions: the score
    shared in proportion to the squared distances. State: 16 · window + 24 bytes per feature and 552 per
    entity; an update costs O(window) per feature.

    Parameters
    ----------
    window : int, default 128
    alert_probability : float, default 0.01
    warm_up : int, default 32
        Rows of an entity before it is scored; until then `cold`, with score 0 and probability 1.
    history : int, default 8192
    pause_share : float, default 0.05
    longest_pause : int, default 1000
    breakthrough : float, default 2

    Source
    ------
    Iglewicz and Hoaglin, How to detect and handle outliers, 1993, chapter 3 (modified z-scores).

    Examples
    --------
    >>> import numpy as np
    >>> detector = RobustZScore()
    >>> state = detector.new_state(capacity=1)
    >>> values = np.append(np.random.default_rng(0).normal(10, 1, size=200), 25.0)
    >>> slots, times = np.zeros(201, np.int64), np.arange(201)
    >>> result = detector.update(state, slots, values.reshape(-1, 1), times)
    >>> bool(result.anomaly[-1]), round(float(result.expected[-1, 0]))
    (True, 10)
    """

    name = "robust_zscore"
    parameters_type = RobustZScoreParameters
    parameters: RobustZScoreParameters

    def _layout(self, features: int) -> Layout:
        own, held = (features,), (features, self.parameters.window)
        return {
            "level": (np.float64, own),
            "spread": (np.float64, own),
            "arrived": (np.float64, held),
            "ordered": (np.float64, held),
            "known": (np.int64, own),
        }

    def _update(self, own: State, tail: Tail, policy: Policy, rows: Rows, output: Output) -> None:
        update_rows(Table(**own), tail, policy, rows.slots, rows.values, output)

"""Distance from the mean in the directions and scales in which an entity's features vary together."""

from dataclasses import dataclass

import numpy as np

from ad_detectors.kernels import ewma
from ad_detectors.kernels.alerts import Output, Policy, Tail
from ad_detectors.kernels.mahalanobis import Table, update_rows
from ad_detectors.parameters import option
from ad_detectors.streaming.base import State
from ad_detectors.streaming.conformal import ConformalDetector, ConformalParameters, Layout, Rows, taken
from ad_detectors.streaming.ewma import gain_of


@dataclass(frozen=True, kw_only=True)
class MahalanobisParameters(ConformalParameters):
    """Parameters of `Mahalanobis`."""

    half_life: float = option(
        500.0, "number of records after which a record counts half", low=1, high=1_000_000_000
    )


class Mahalanobis(ConformalDetector):
    """Mahalanobis distance from an exponentially weighted mean and covariance.

    Idea: features that vary together make a cloud; a row off the cloud is odd even where each of its values
    is usual. Mean and standard deviations follow the stream as in `EWMA`; the covariance of the standardised
    values follows it as a Cholesky factor, updated by one row at a time. It starts from independent features
    and weighs that as features + 1 rows, so it never needs to be inverted and the first rows score well.

    Assumes that the relations between features are linear and that level and covariance move slowly; any
    noise, since the tail probability is taken among the entity's own earlier distances. Knows no seasons.
    Records count, not time. `score` is -log10 of the probability: 2 is one in 100, 3 one in 1,000; higher is
    more anomalous. A missing value counts as expected in the distance; a row with one does not teach the
    covariance; a row without any value is skipped.

    Expected value: the mean; lower and upper bound: where one feature alone becomes an alert, if it does not
    depend on others. Contributions: the score shared in proportion to the features' terms of the squared
    distance, deviation times row of the inverse times deviations, where they are positive. State: 24 bytes
    per feature, 4 · features · (features + 1) for the factor, and 560 per entity: 43 KB for 100 features. An
    update costs O(features²).

    Parameters
    ----------
    half_life : float, default 500
        In records.
    alert_probability : float, default 0.01
    warm_up : int, default 32
        Rows of an entity before it is scored; until then `cold`, with score 0 and probability 1.
    history : int, default 8192
    pause_share : float, default 0.05
    longest_pause : int, default 1000
    breakthrough : float, default 2

    Source
    ------
    Mahalanobis, On the generalised distance in statistics, 1936; Gill, Golub, Murray and Saunders, Methods
    for modifying matrix factorizations, Mathematics of Computation 28, 1974, method C1 (the update).

    Examples
    --------
    >>> import numpy as np
    >>> detector = Mahalanobis()
    >>> state = detector.new_state(capacity=1, features=2)
    >>> common = np.random.default_rng(0).normal(size=(500, 1))
    >>> rows = common + np.random.default_rng(1).normal(scale=0.1, size=(500, 2))
    >>> rows[-1] = 1.0, -1.0
    >>> slots, times = np.zeros(500, np.int64), np.arange(500)
    >>> bool(detector.update(state, slots, rows, times).anomaly[-1])
    True
    """

    name = "mahalanobis"
    parameters_type = MahalanobisParameters
    parameters: MahalanobisParameters

    def _layout(self, features: int) -> Layout:
        own = (features,)
        return {
            "level": (np.float64, own),
            "variance": (np.float64, own),
            "known": (np.int64, own),
            "factor": (np.float64, (features * (features + 1) // 2,)),
            "joint": (np.int64, ()),
        }

    def _update(self, own: State, tail: Tail, policy: Policy, rows: Rows, output: Output) -> None:
        levels, table = ewma.Table(**taken(own, ewma.Table._fields)), Table(**taken(own, Table._fields))
        gain = gain_of(self.parameters.half_life)
        update_rows(levels, table, tail, policy, gain, rows.slots, rows.values, output)

"""How many standard deviations a value lies from the exponentially weighted mean."""

from dataclasses import dataclass

import numpy as np

from ad_detectors.kernels.alerts import Output, Policy, Tail
from ad_detectors.kernels.ewma import Table, update_rows
from ad_detectors.parameters import option
from ad_detectors.streaming.base import State
from ad_detectors.streaming.conformal import ConformalDetector, ConformalParameters, Layout, Rows


def gain_of(half_life: float) -> float:
    """The weight of a new value, when weights halve every `half_life` values."""
    return float(1.0 - 0.5 ** (1.0 / half_life))


@dataclass(frozen=True, kw_only=True)
class EWMAParameters(ConformalParameters):
    """Parameters of `EWMA`."""

    half_life: float = option(
        100.0, "number of records after which a record counts half", low=1, high=1_000_000_000
    )


class EWMA(ConformalDetector):
    """Distance from the exponentially weighted mean in exponentially weighted standard deviations.

    Idea: mean and variance follow the stream with weights that halve every `half_life` records; a value far
    from the mean, measured in standard deviations, is odd. A step counts for at most four standard deviations
    in what is learnt, so a spike hides nothing after it, while a new level is followed ever faster.

    Assumes that values scatter around a level that moves slowly; any noise, since the tail probability is
    taken among the entity's own earlier distances and not from the normal distribution. Knows no seasons.
    Records count, not time: gaps and irregular sampling make no difference. Several features: the largest
    distance counts. `score` is -log10 of the probability: 2 is one in 100, 3 one in 1,000; higher is more
    anomalous. A missing value is skipped.

    Expected value: the mean; lower and upper bound: where a value becomes an alert. Contributions: the score
    shared in proportion to the squared distances. State: 24 bytes per feature and 552 per entity; an update
    costs O(features).

    Parameters
    ----------
    half_life : float, default 100
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
    Roberts, Control chart tests based on geometric moving averages, Technometrics 1, 1959; Finch, Incremental
    calculation of weighted mean and variance, 2009, section 9; Vovk, Gammerman and Shafer, Algorithmic
    Learning in a Random World, 2005 (conformal p-values).

    Examples
    --------
    >>> import numpy as np
    >>> detector = EWMA()
    >>> state = detector.new_state(capacity=1)
    >>> values = np.append(np.random.default_rng(0).normal(10, 1, size=200), 25.0)
    >>> slots, times = np.zeros(201, np.int64), np.arange(201)
    >>> result = detector.update(state, slots, values.reshape(-1, 1), times)
    >>> bool(result.anomaly[-1]), round(float(result.expected[-1, 0]))
    (True, 10)
    """

    name = "ewma"
    parameters_type = EWMAParameters
    parameters: EWMAParameters

    def _layout(self, features: int) -> Layout:
        own = (features,)
        return {"level": (np.float64, own), "variance": (np.float64, own), "known": (np.int64, own)}

    def _update(self, own: State, tail: Tail, policy: Policy, rows: Rows, output: Output) -> None:
        gain = gain_of(self.parameters.half_life)
        update_rows(Table(**own), tail, policy, gain, rows.slots, rows.values, output)

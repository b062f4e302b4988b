"""Distance from what is usual at this hour of the day or week, or at this place in a period."""

from dataclasses import dataclass

import numpy as np

from ad_detectors.kernels.alerts import Output, Policy, Tail
from ad_detectors.kernels.seasonal import BINS, KINDS, RING, Table, update_rows
from ad_detectors.parameters import option
from ad_detectors.streaming.base import State
from ad_detectors.streaming.conformal import ConformalDetector, ConformalParameters, Layout, Rows
from ad_detectors.streaming.ewma import gain_of


@dataclass(frozen=True, kw_only=True)
class SeasonalParameters(ConformalParameters):
    """Parameters of `Seasonal`."""

    half_life: float = option(
        50.0, "number of records after which a record counts half in level and error", low=1, high=1e9
    )


class Seasonal(ConformalDetector):
    """Distance from the most useful of four predictions: level, hour of day, hour of week, detected period.

    Idea: what is usual at three in the morning is not usual at noon. Each seasonal prediction is a profile,
    one mean per hour or place, plus a level that follows the stream, so that a shift of the whole stream
    leaves the profile as it is. The mean absolute error of each is followed; a seasonal prediction counts as
    soon as it knows the hour and its error is below 90 % of the plain level's, else the level counts. So an
    entity without a season is scored by its level. The period is the first high peak of the autocorrelation
    of the last 256 records, up to 128 records long, sought every 64 records while there is none that is of
    use.

    Assumes hours of UTC, by event time; that seasons repeat in hours, or every so many records at regular
    sampling; noise of one size over all hours, of any distribution, since the tail probability is taken among
    the entity's own earlier deviations. `half_life` is in records. `score` is -log10 of the probability: 2 is
    one in 100, 3 one in 1,000; higher is more anomalous. A missing value is skipped, but its place in the
    period counts.

    Expected value: the prediction chosen; lower and upper bound: where a value becomes an alert.
    Contributions: the score shared in proportion to the squared deviations. State: 6 KB per feature and 560
    bytes per entity; an update costs O(features), and one in 64 of an entity 128 · 256 products per feature.

    Parameters
    ----------
    half_life : float, default 50
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
    Holt, Forecasting seasonals and trends by exponentially weighted moving averages, 1957 (level plus
    profile); Box and Jenkins, Time Series Analysis, 1970, chapter 2 (autocorrelation).

    Examples
    --------
    >>> import numpy as np
    >>> detector = Seasonal()
    >>> state = detector.new_state(capacity=1)
    >>> hours = np.arange(24 * 21)
    >>> values = 10.0 * (hours % 24 >= 12) + np.random.default_rng(0).normal(size=len(hours))
    >>> values[-20] = 10.0
    >>> result = detector.update(state, hours * 0, values.reshape(-1, 1), hours * 3_600_000)
    >>> int(hours[-20] % 24), bool(result.anomaly[-20]), bool(abs(result.expected[-20, 0]) < 2)
    (4, True, True)
    """

    name = "seasonal"
    parameters_type = SeasonalParameters
    parameters: SeasonalParameters

    def _layout(self, features: int) -> Layout:
        kinds, bins = (features, KINDS), (features, BINS)
        return {
            "level": (np.float64, kinds),
            "error": (np.float64, kinds),
            "tested": (np.int32, kinds),
            "profile": (np.float64, bins),
            "visits": (np.int32, bins),
            "ring": (np.float64, (features, RING)),
            "period": (np.int64, (features,)),
            "ticks": (np.int64, ()),
        }

    def _update(self, own: State, tail: Tail, policy: Policy, rows: Rows, output: Output) -> None:
        gain = gain_of(self.parameters.half_life)
        update_rows(Table(**own), tail, policy, gain, rows.slots, rows.values, rows.time_ms, output)

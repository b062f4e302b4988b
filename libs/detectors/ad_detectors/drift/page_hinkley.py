"""Page-Hinkley: a sum of deviations that only a lasting change lets grow."""

from dataclasses import dataclass

import numpy as np

from ad_detectors.drift.stream import Shape, StreamingDriftDetector
from ad_detectors.kernels.page_hinkley import Policy, Table, update_features
from ad_detectors.matrix import Floats
from ad_detectors.parameters import Parameters, option
from ad_detectors.streaming.base import State


@dataclass(frozen=True, kw_only=True)
class PageHinkleyParameters(Parameters):
    """Parameters of `PageHinkley`."""

    delta: float = option(0.25, "deviation that is tolerated, in standard deviations", low=0.001, high=10)
    threshold: float = option(30.0, "sum of deviations that is a drift", low=1, high=1e9)
    warm_up: int = option(100, "values that mean and deviation are learnt from first", low=10, high=1_000_000)


class PageHinkley(StreamingDriftDetector):
    """The cumulative sum of standardised deviations from the mean so far, less what is tolerated, both ways.

    Idea: each value adds (x - mean) / deviation - delta to a sum that starts again whenever it falls to zero.
    Noise around the mean keeps it near zero; after a lasting change it grows by the change each time. The
    row at which the sum last left zero is where the change began. After a drift everything starts anew.

    Assumes independent values around one mean. Unlike the publication values are standardised, so the
    parameters mean the same for every feature, and none counts for more than 5 deviations, so that an outlier
    is not a drift. Finds changes of the mean larger than `delta`, each after about threshold / (change -
    delta) values. With the defaults normal noise alarms about once in 10 million values of a feature (Siegmund's
    approximation for a known mean; simulated with the learnt one: see the tests).

    Statistic: the sum; probability: of a sum growing as far from a standstill, for normal noise.
    State: 88 bytes per feature; a value costs O(1).

    Parameters
    ----------
    delta : float, default 0.25
    threshold : float, default 30
    warm_up : int, default 100

    Source
    ------
    Page, Continuous inspection schemes, Biometrika 1954; Hinkley 1971; Siegmund, Sequential Analysis, 1985.

    Examples
    --------
    >>> import numpy as np
    >>> values = np.random.default_rng(0).normal(size=(2000, 1))
    >>> values[1200:] += 1
    >>> detector = PageHinkley(features=["load"])
    >>> report = detector.update(detector.new_state(), values, np.arange(2000))
    >>> report.drifted
    ('load',)
    """

    name = "page_hinkley"
    title = "Page-Hinkley"
    parameters_type = PageHinkleyParameters
    parameters: PageHinkleyParameters

    def _shapes(self, width: int) -> dict[str, Shape]:
        numbers, sides = (width,), (width, 2)
        return {
            "rows": (numbers, np.int64),
            "counts": (numbers, np.int64),
            "means": (numbers, np.float64),
            "squares": (numbers, np.float64),
            "excess": (sides, np.float64),
            "since": (sides, np.int64),
            "totals": (sides, np.float64),
            "terms": (sides, np.int64),
        }

    def _update(self, state: State, matrix: Floats) -> Floats:
        chosen = self.parameters
        return update_features(Table(**state), Policy(chosen.delta, chosen.threshold, chosen.warm_up), matrix)

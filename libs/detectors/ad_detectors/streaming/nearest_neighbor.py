"""Distance from the nearest of the rows that an entity showed before."""

from dataclasses import dataclass

import numpy as np

from ad_detectors.kernels import ewma
from ad_detectors.kernels.alerts import Output, Policy, Tail
from ad_detectors.kernels.neighbor_stream import Table, update_rows
from ad_detectors.parameters import option
from ad_detectors.streaming.base import State
from ad_detectors.streaming.conformal import ConformalDetector, ConformalParameters, Layout, Rows, taken
from ad_detectors.streaming.ewma import gain_of


@dataclass(frozen=True, kw_only=True)
class NearestNeighborParameters(ConformalParameters):
    """Parameters of `NearestNeighbor`."""

    memory: int = option(128, "rows kept per entity", low=8, high=10_000)
    half_life: float = option(
        500.0, "number of records after which a record counts half in the scales", low=1, high=1e9
    )


class NearestNeighbor(ConformalDetector):
    """Novelty: the distance of a row from the nearest of the rows kept, over the usual distance.

    Idea: what was seen before, in any of several clusters, is normal; far from all of it is not. A new row
    takes the place of the nearest one kept, so the memory follows slow changes; only a row three times as far
    as usual takes the place of the row that has not been nearest for the longest time. So a region stays
    known until many novel ones have come. Each feature is divided by its exponentially weighted standard
    deviation. Unlike `Adaptive`, which looks at each feature for itself, the features of a row belong
    together here.

    Assumes that distance in all features together means something, so few irrelevant features; any
    distribution. Knows no order of rows. `score` is -log10 of the conformal p-value among the entity's
    earlier novelties: 2 is one in 100, 3 one in 1,000; higher is more anomalous. Distances are taken over
    the features that both rows have, scaled up to all; a row without any value is skipped.

    Expected value: the nearest row; lower and upper bound: where one feature alone becomes an alert.
    Contributions: the score shared in proportion to the squared differences from the nearest row. State:
    8 · memory + 24 bytes per feature, 8 · memory and 576 per entity; an update costs O(memory · features).

    Parameters
    ----------
    memory : int, default 128
    half_life : float, default 500
        In records, of the features' standard deviations and the usual distance.
    alert_probability : float, default 0.01
    warm_up : int, default 32
        Rows of an entity before it is scored; until then `cold`, with score 0 and probability 1.
    history : int, default 8192
    pause_share : float, default 0.05
    longest_pause : int, default 1000
    breakthrough : float, default 2

    Source
    ------
    Laxhammar and Falkman, Conformal prediction for distribution-independent anomaly detection in streaming
    vessel data, StreamKDD 2010; Vovk, Gammerman and Shafer, Algorithmic Learning in a Random World, 2005.

    Examples
    --------
    >>> import numpy as np
    >>> detector = NearestNeighbor()
    >>> state = detector.new_state(capacity=1, features=2)
    >>> angle = np.random.default_rng(0).uniform(0, 2 * np.pi, size=500)
    >>> rows = np.column_stack([np.sin(angle), np.cos(angle)])
    >>> rows[-1] = 0.0
    >>> slots, times = np.zeros(500, np.int64), np.arange(500)
    >>> bool(detector.update(state, slots, rows, times).anomaly[-1])
    True
    """

    name = "nearest_neighbor"
    parameters_type = NearestNeighborParameters
    parameters: NearestNeighborParameters

    def _layout(self, features: int) -> Layout:
        own, memory = (features,), self.parameters.memory
        return {
            "level": (np.float64, own),
            "variance": (np.float64, own),
            "known": (np.int64, own),
            "kept": (np.float64, (memory, features)),
            "used": (np.int64, (memory,)),
            "usual": (np.float64, ()),
            "held": (np.int64, ()),
            "novelties": (np.int64, ()),
        }

    def _update(self, own: State, tail: Tail, policy: Policy, rows: Rows, output: Output) -> None:
        levels, table = ewma.Table(**taken(own, ewma.Table._fields)), Table(**taken(own, Table._fields))
        gain = gain_of(self.parameters.half_life)
        update_rows(levels, table, tail, policy, gain, rows.slots, rows.values, output)

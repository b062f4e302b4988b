"""The default for a stream without a model: novelty against what the entity showed before, seen in several ways."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ad_detectors.errors import DataError
from ad_detectors.kernels.adaptive import Table, update_rows
from ad_detectors.kernels.adaptive_season import HOURS
from ad_detectors.kernels.alerts import Policy
from ad_detectors.matrix import as_matrix, count, missing_rows
from ad_detectors.parameters import Parameters, option
from ad_detectors.streaming.base import State, StreamingDetector, StreamingScores
from ad_detectors.streaming.conformal import check_array, checked_rows, empty_output

STATE_TYPES = {
    "known": np.float32,
    "sizes": np.int16,
    "counts": np.int16,
    "tops": np.int16,
    "seen": np.int16,
    "largest": np.float32,
    "levels": np.float32,
    "origin": np.float64,
    "profile": np.uint16,
    "hour": np.uint8,
    "within": np.int16,
    "rows": np.int64,
    "alert_row": np.int64,
    "alert_score": np.float32,
    "exceeded": np.float32,
    "excess": np.float32,
}
PER_ENTITY = ("rows", "alert_row", "alert_score", "exceeded", "excess")
PER_FEATURE = ("origin", "hour", "within")
BUCKETS = 64


@dataclass(frozen=True)
class Size:
    """How much of an entity is remembered."""

    channels: int
    memory: int


SIZES = {"light": Size(channels=2, memory=40), "rich": Size(channels=5, memory=128)}


@dataclass(frozen=True, kw_only=True)
class AdaptiveParameters(Parameters):
    """Parameters of `Adaptive`."""

    size: str = option("rich", "how much is remembered of an entity", choices=tuple(SIZES))
    alert_probability: float = option(
        0.01, "tail probability below which a row can be an alert", low=1e-6, high=0.5
    )
    warm_up: int = option(32, "rows of an entity before it is scored", low=2, high=100_000)
    history: int = option(16_384, "novelties counted before the older half loses weight", low=64, high=32_000)
    pause_share: float = option(
        0.15, "rows of raised attention after an alert as a share of the entity's rows so far", low=0, high=1
    )
    longest_pause: int = option(2_000, "the most rows of raised attention", low=0, high=1_000_000_000)
    breakthrough: float = option(
        5.0, "how many times less probable than the last alert is an alert right after it", low=1, high=1e9
    )


class Adaptive(StreamingDetector):
    """Conformal nearest-neighbour novelty in several views of a value, with alerts that make each other rarer.

    Idea: the novelty of a value is its distance from the nearest one that the entity ever showed. It is taken
    in several views ("channels"): of the value itself; of its distance from what is usual in this hour of the
    week (while that hour was never seen: from its mean so far); and, in the size `rich`, of the value smoothed
    over 4, 16 and 64 rows. Each channel turns novelty into a tail probability p, the share of earlier novelties
    at least as large, (count + 1) / (all + 1), less still beyond the largest one. The channels are joined by a
    soft maximum of -log10 p, the fourth root of the sum of fourth powers (the smoothed ones share one place):
    one strong witness is enough, several weak ones help each other. That is the `score`, a surprise: 2 is one in
    100, 3 one in 1,000 for a single channel. How often the entity itself scores as high is learnt beside it, by an
    exponential tail above the score that one row in 50 exceeds: that is the `probability`.

    A row is an alert when 10^-score is below `alert_probability`; after 200 rows this limit falls with
    the 0.4th power of their number, so that a long history brings few alerts. After an alert come rows of
    raised attention, `pause_share` of all rows so far: when a share t of them is over, the limit is t times as
    large, and in the first half it is also that of the alert, at first divided by `breakthrough`. So a new
    level alerts once and is normal at its second visit, rare levels that come again soon stay silent, and the
    bar rises with the noise of the entity itself.

    Assumes nothing on distribution, scale or sampling; of the time only the hour of the week (UTC) is used.
    Several features: each for itself, the smallest probability times the number of features (Bonferroni).
    A missing value is skipped; it neither scores nor teaches.

    Expected value: the nearest value that would have been no surprise to the most surprised channel (the
    middle one of the known values, when the value is missing); lower and upper bound: where 10^-score,
    the other channels staying as they are, reaches `alert_probability`. Contributions: the score shared in
    proportion to the fourth power of the features' own scores. State of one variable: 987 bytes (light),
    3,665 bytes (rich), 20 less for each further one; an update costs O(channels · memory) per feature.

    Parameters
    ----------
    size : "rich" or "light", default "rich"
        Rich: 5 channels of 128 values; light: 2 channels (value, hour of the week) of 40 values. When a
        memory is full, one of the closest pair is given up.
    alert_probability : float, default 0.01
    warm_up : int, default 32
        Rows of an entity before it is scored; until then `cold`, with score 0 and probability 1.
    history : int, default 16384
        Number of novelties at which all counts are halved.
    pause_share : float, default 0.15
    longest_pause : int, default 2000
    breakthrough : float, default 5

    Source
    ------
    Vovk, Gammerman and Shafer, Algorithmic Learning in a Random World, 2005 (conformal p-values);
    Burnaev and Ishimtsev, Conformalized density- and distance-based anomaly detection in time series, 2016.

    Examples
    --------
    >>> import numpy as np
    >>> detector = Adaptive()
    >>> state = detector.new_state(capacity=1)
    >>> values = np.append(np.random.default_rng(0).normal(10, 1, size=200), 25.0)
    >>> slots, times = np.zeros(201, np.int64), np.arange(201)
    >>> result = detector.update(state, slots, values.reshape(-1, 1), times)
    >>> bool(result.anomaly[-1]), round(float(result.expected[-1, 0]))
    (True, 12)
    """

    name = "adaptive"
    parameters_type = AdaptiveParameters
    parameters: AdaptiveParameters

    @property
    def threshold(self) -> float:
        """-log10 of `alert_probability`."""
        return -math.log10(self.parameters.alert_probability)

    def new_state(self, capacity: int, features: int = 1) -> State:
        """Arrays of zeros, see `StreamingDetector.new_state`."""
        slots, shapes = count("capacity", capacity), self._shapes(count("features", features))
        return {name: np.zeros((slots, *shapes[name]), kind) for name, kind in STATE_TYPES.items()}

    def update(
        self, state: State, slots: NDArray[np.int64], data: ArrayLike, time_ms: NDArray[np.int64]
    ) -> StreamingScores:
        """Score rows in their order and learn from them, see `StreamingDetector.update`.

        Raises
        ------
        DataError
            The numbers of rows differ, the width is not the state's, a slot is outside of the state, or the
            state is not one of this detector.
        """
        table = self._checked_table(state)
        capacity, width, _ = table.sizes.shape
        rows = checked_rows(slots, as_matrix(data, width), time_ms, capacity)
        output = empty_output(*rows.values.shape)
        update_rows(table, self._policy, rows.slots, rows.values, rows.time_ms, output)
        return StreamingScores(imputed=missing_rows(rows.values), **output._asdict())

    @property
    def _policy(self) -> Policy:
        chosen = self.parameters
        return Policy(
            chosen.warm_up,
            chosen.alert_probability,
            chosen.pause_share,
            chosen.longest_pause,
            chosen.breakthrough,
            chosen.history,
        )

    def _shapes(self, features: int) -> dict[str, tuple[int, ...]]:
        """The shape of one entity's part of each array."""
        size = SIZES[self.parameters.size]
        shapes: dict[str, tuple[int, ...]] = dict.fromkeys(STATE_TYPES, (features, size.channels))
        shapes["known"] += (size.memory + 1,)
        shapes["counts"] += (BUCKETS,)
        shapes["profile"] = (features, HOURS)
        return shapes | dict.fromkeys(PER_FEATURE, (features,)) | dict.fromkeys(PER_ENTITY, ())

    def _checked_table(self, state: State) -> Table:
        """The state for the kernel, which would compile again for, or crash on, arrays of another kind."""
        if state.keys() != STATE_TYPES.keys():
            odd = ", ".join(sorted(state.keys() ^ STATE_TYPES.keys()))
            raise DataError(f"this is not a state of the detector 'adaptive': the arrays differ in {odd}")
        features = state["origin"].shape[1] if state["origin"].ndim == 2 else 1
        for name, shape in self._shapes(features).items():
            check_array(name, state[name], np.dtype(STATE_TYPES[name]), (len(state["rows"]), *shape))
        return Table(**state)

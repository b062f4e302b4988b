"""The default for a stream without a model: novelty against everything that the entity showed before."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ad_detectors.errors import DataError
from ad_detectors.kernels.adaptive import Output, Policy, Table, update_rows
from ad_detectors.kernels.novelty import BUCKETS
from ad_detectors.matrix import LARGEST, as_matrix, missing_rows
from ad_detectors.parameters import Parameters, option
from ad_detectors.streaming.base import State, StreamingDetector, StreamingScores

STATE_TYPES = {
    "known": np.float64,
    "sizes": np.int32,
    "counts": np.int32,
    "seen": np.int64,
    "largest": np.float64,
    "alerted": np.float64,
    "rows": np.int64,
    "pause": np.int64,
}


@dataclass(frozen=True, kw_only=True)
class AdaptiveParameters(Parameters):
    """Parameters of `Adaptive`."""

    alert_probability: float = option(
        0.01, "tail probability below which a row can be an alert", low=1e-6, high=0.5
    )
    warm_up: int = option(32, "rows of an entity before it is scored", low=2, high=100_000)
    memory: int = option(128, "values remembered per entity and feature", low=8, high=100_000)
    history: int = option(
        16_384, "novelties counted before the older half loses weight", low=64, high=1_000_000_000
    )
    pause_share: float = option(
        0.05, "pause after an alert as a share of the entity's rows so far", low=0, high=1
    )
    longest_pause: int = option(1_000, "the longest pause in rows", low=0, high=1_000_000_000)
    breakthrough: float = option(
        4.0, "how many times more novel than the last alert ends its pause", low=1, high=1e9
    )


class Adaptive(StreamingDetector):
    """Nearest-neighbour novelty with a conformal p-value and a pause after an alert, per entity.

    Idea: the novelty of a value is its distance from the nearest value that the entity ever showed. Its tail
    probability is the share of earlier novelties at least as large, (count + 1) / (all + 1), smaller still
    beyond the largest one. A value is an alert when that probability is below `alert_probability`; then
    alerts pause for a share of the rows seen so far, unless something `breakthrough` times as novel comes. So
    a new level alerts once and is normal at its second visit, rare levels that come again stay silent, and
    the bar rises with the noise of the entity itself.

    Assumes nothing on distribution, scale or sampling. It does not know seasons: a usual value at an
    unusual time is not novel. Several features: each for itself, the smallest probability times the number of
    features (Bonferroni). `score` is -log10 of the probability: 2 is one in 100, 3 one in 1,000.
    A missing value is skipped; it neither scores nor teaches.

    Expected value: the nearest known one (of the middle, when the value is missing); lower and upper bound:
    the novelty at `alert_probability` around it. Contributions: the score shared in proportion to the -log10
    of the features' probabilities. State: (8 · memory + 4 · 384 + 28) bytes per feature and 16 per entity;
    an update costs O(memory) per feature.

    Parameters
    ----------
    alert_probability : float, default 0.01
    warm_up : int, default 32
        Rows of an entity before it is scored; until then `cold`, with score 0 and probability 1.
    memory : int, default 128
        Values remembered per entity and feature; when full, one of the closest pair is given up.
    history : int, default 16384
        Number of novelties at which all counts are halved.
    pause_share : float, default 0.05
    longest_pause : int, default 1000
    breakthrough : float, default 4

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
        if capacity < 1 or features < 1:
            raise DataError(f"a state needs at least one slot and one feature, got {capacity} and {features}")
        per_feature = (capacity, features)
        shapes = {"known": (*per_feature, self.parameters.memory + 1), "counts": (*per_feature, BUCKETS)}
        per_entity = dict.fromkeys(("rows", "pause"), (capacity,))
        return {
            name: np.zeros(shapes.get(name, per_entity.get(name, per_feature)), dtype)
            for name, dtype in STATE_TYPES.items()
        }

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
        table = _checked_table(state)
        capacity, width = table.sizes.shape
        matrix = np.clip(as_matrix(data, width), -LARGEST, LARGEST)
        rows = np.ascontiguousarray(slots, np.int64)
        if not len(rows) == len(matrix) == len(time_ms):
            raise DataError(
                f"{len(matrix)} rows came with {len(rows)} slots and {len(time_ms)} times; "
                "each row needs one of both"
            )
        if rows.min() < 0 or rows.max() >= capacity:
            raise DataError(
                f"slots run from {rows.min()} to {rows.max()}, the state has slots 0 to {capacity - 1}"
            )
        output = _empty_output(*matrix.shape)
        update_rows(table, self._policy, rows, matrix, output)
        return StreamingScores(imputed=missing_rows(matrix), **output._asdict())

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


def _checked_table(state: State) -> Table:
    """The state for the kernel, which would compile again for, or crash on, arrays of another kind."""
    if state.keys() != STATE_TYPES.keys():
        odd = ", ".join(sorted(state.keys() ^ STATE_TYPES.keys()))
        raise DataError(f"this is not a state of the detector 'adaptive': the arrays differ in {odd}")
    for name, array in state.items():
        if array.dtype != STATE_TYPES[name] or not array.flags.carray:
            raise DataError(
                f"array {name!r} of the state must be writable, C-ordered {np.dtype(STATE_TYPES[name])}; "
                "copy a snapshot before it is used"
            )
    return Table(**state)


def _empty_output(rows: int, features: int) -> Output:
    shape = (rows, features)
    return Output(
        score=np.zeros(rows),
        probability=np.ones(rows),
        anomaly=np.zeros(rows, np.bool_),
        cold=np.zeros(rows, np.bool_),
        expected=np.full(shape, np.nan),
        lower=np.full(shape, np.nan),
        upper=np.full(shape, np.nan),
        contributions=np.zeros(shape),
    )

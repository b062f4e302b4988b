"""What streaming detectors share: a raw score per row, and one way from there to probability and alert."""

import math
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ad_detectors.errors import DataError
from ad_detectors.kernels.alerts import Output, Policy, Tail
from ad_detectors.kernels.conformal import BUCKETS
from ad_detectors.kernels.highest import LISTED
from ad_detectors.matrix import LARGEST, Floats, as_matrix, count, integers, missing_rows
from ad_detectors.parameters import Parameters, option
from ad_detectors.streaming.base import State, StreamingDetector, StreamingScores

Layout = Mapping[str, tuple[type[np.generic], tuple[int, ...]]]

TAIL: Layout = {
    "counts": (np.float32, (BUCKETS,)),
    "total": (np.float64, ()),
    "largest": (np.float64, ()),
    "highest": (np.float32, (LISTED,)),
    "weights": (np.float32, (LISTED,)),
    "listed": (np.float64, ()),
    "floor": (np.float64, ()),
    "alerted": (np.float64, ()),
    "rows": (np.int64, ()),
    "pause": (np.int64, ()),
}


class Rows(NamedTuple):
    """The rows of a call, checked: slots and times int64 of shape (n,), values float64 of shape (n, d)."""

    slots: NDArray[np.int64]
    values: Floats
    time_ms: NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class ConformalParameters(Parameters):
    """Parameters of every detector whose raw score is turned into a conformal p-value."""

    alert_probability: float = option(
        0.01, "tail probability below which a row can be an alert", low=1e-6, high=0.5
    )
    warm_up: int = option(32, "rows of an entity before it is scored", low=2, high=100_000)
    history: int = option(
        8_192, "raw scores counted before all of them lose half of their weight", low=64, high=10_000_000
    )
    pause_share: float = option(
        0.05, "pause after an alert as a share of the entity's rows so far", low=0, high=1
    )
    longest_pause: int = option(1_000, "the longest pause in rows", low=0, high=1_000_000_000)
    breakthrough: float = option(
        2.0, "how many times the raw score of the last alert ends its pause", low=1, high=1e9
    )


class ConformalDetector(StreamingDetector):
    """A detector that gives a raw score per row; its tail probability is a p-value among earlier ones.

    Every state has an array `level`, whose second axis is the feature.
    """

    parameters: ConformalParameters

    @abstractmethod
    def _layout(self, features: int) -> Layout:
        """Type and shape per slot of each array of its own; `level` is one of them."""

    @abstractmethod
    def _update(self, own: State, tail: Tail, policy: Policy, rows: Rows, output: Output) -> None:
        """Score and learn; `own` holds the arrays of `_layout`."""

    @property
    def threshold(self) -> float:
        """-log10 of `alert_probability`."""
        return -math.log10(self.parameters.alert_probability)

    def new_state(self, capacity: int, features: int = 1) -> State:
        """Arrays of zeros, see `StreamingDetector.new_state`."""
        slots, layout = count("capacity", capacity), {**self._layout(count("features", features)), **TAIL}
        return {name: np.zeros((slots, *shape), dtype) for name, (dtype, shape) in layout.items()}

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
        capacity, width = self._checked(state)
        rows = checked_rows(slots, as_matrix(data, width), time_ms, capacity)
        output = empty_output(*rows.values.shape)
        own = {name: array for name, array in state.items() if name not in TAIL}
        tail = Tail(**{name: state[name] for name in TAIL})
        self._update(own, tail, self._policy, rows, output)
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

    def _checked(self, state: State) -> tuple[int, int]:
        """Capacity and width of a state, which must be what the kernels were compiled for."""
        layout = {**self._layout(_width(state)), **TAIL}
        if state.keys() != layout.keys():
            odd = ", ".join(sorted(state.keys() ^ layout.keys()))
            raise DataError(f"this is not a state of the detector {self.name!r}: the arrays differ in {odd}")
        capacity = len(state["level"])
        for name, (dtype, shape) in layout.items():
            check_array(name, state[name], np.dtype(dtype), (capacity, *shape))
        return capacity, _width(state)


def taken(own: State, names: tuple[str, ...]) -> State:
    """The arrays that one table of a kernel has."""
    return {name: own[name] for name in names}


def _width(state: State) -> int:
    level: NDArray[Any] | None = state.get("level")
    return level.shape[1] if level is not None and level.ndim > 1 else 1


def check_array(name: str, array: NDArray[Any], dtype: np.dtype[Any], shape: tuple[int, ...]) -> None:
    if array.dtype != dtype or not array.flags.carray:
        raise DataError(
            f"array {name!r} of the state must be writable, C-ordered {dtype}; "
            "copy a snapshot before it is used"
        )
    if array.shape != shape:
        raise DataError(
            f"array {name!r} of the state has shape {array.shape}, the parameters need {shape}; "
            "a state serves only the parameters that it was made with"
        )


def checked_rows(slots: NDArray[np.int64], matrix: Floats, time_ms: NDArray[np.int64], capacity: int) -> Rows:
    own, times = integers("slots", slots), integers("time_ms", time_ms)
    if not len(own) == len(matrix) == len(times):
        raise DataError(
            f"{len(matrix)} rows came with {len(own)} slots and {len(times)} times; each row needs one of both"
        )
    if own.min() < 0 or own.max() >= capacity:
        raise DataError(f"slots run from {own.min()} to {own.max()}, the state has slots 0 to {capacity - 1}")
    return Rows(own, np.clip(matrix, -LARGEST, LARGEST), times)


def empty_output(rows: int, features: int) -> Output:
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

"""The interface of streaming detectors, which need no training and learn as they score."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ad_detectors.errors import DataError
from ad_detectors.matrix import Floats, count, integers
from ad_detectors.parameters import Parameters

State = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class StreamingScores:
    """What a streaming detector says of n rows with d features.

    Attributes
    ----------
    score : float64 of shape (n,)
        Finite, higher is more anomalous.
    probability : float64 of shape (n,)
        The probability that a normal row of this entity scores as high, in (0, 1].
    anomaly : bool of shape (n,)
        The row is an alert: improbable, and the entity is neither cold nor in the pause after an alert.
    cold : bool of shape (n,)
        The entity has not been seen often enough to be scored; its score is 0.
    imputed : bool of shape (n,)
        At least one value of the row was missing.
    expected, lower, upper : float64 of shape (n, d)
        A normal value and its range per feature, known before the row was seen; NaN while there is none.
    contributions : float64 of shape (n, d)
        The part of each feature in the score; they sum to the score.
    """

    score: Floats
    probability: Floats
    anomaly: NDArray[np.bool_]
    cold: NDArray[np.bool_]
    imputed: NDArray[np.bool_]
    expected: Floats
    lower: Floats
    upper: Floats
    contributions: Floats


def joined(parts: Sequence[StreamingScores], order: NDArray[np.int64] | None = None) -> StreamingScores:
    """The scores of several calls as those of one; `order` says which of all rows comes first, second, …"""
    if len(parts) == 1 and order is None:
        return parts[0]
    arrays = {
        field.name: np.concatenate([getattr(part, field.name) for part in parts])
        for field in fields(StreamingScores)
    }
    return StreamingScores(
        **arrays if order is None else {name: array[order] for name, array in arrays.items()}
    )


class StreamingDetector(ABC):
    """A detector without training: every row is scored by what its entity showed before, then learnt from.

    The state is a table of plain arrays whose first axis is the slot of an entity; the caller maps entities
    to slots. A slot of zeros is an entity never seen. Rows are taken strictly one after the other, so any
    split of a stream into calls gives bit-equal scores, and a copy of the arrays is a snapshot.
    """

    name: ClassVar[str]
    parameters_type: ClassVar[type[Parameters]]

    def __init__(self, **parameters: Any) -> None:
        self.parameters = self.parameters_type.of(parameters)

    @abstractmethod
    def new_state(self, capacity: int, features: int = 1) -> State:
        """Arrays of zeros for `capacity` entities with this number of features, whole numbers of at least 1."""

    @abstractmethod
    def update(
        self, state: State, slots: NDArray[np.int64], data: ArrayLike, time_ms: NDArray[np.int64]
    ) -> StreamingScores:
        """Score rows in their order and learn from them; `state` is changed in place.

        Parameters
        ----------
        state : dict of arrays
            From `new_state`, `grow` or a snapshot.
        slots : int64 of shape (n,)
            The slot of each row's entity.
        data : array_like of shape (n, d)
            The rows; NaN means missing.
        time_ms : int64 of shape (n,)
            Event time in milliseconds since the epoch, the only clock that a detector may use.
        """

    @property
    @abstractmethod
    def threshold(self) -> float:
        """The score from which a row can be an alert."""

    def fits(self, state: State, features: int) -> bool:
        """Whether a state is one of this detector with its parameters: an earlier release may have had others."""
        wanted = self.new_state(1, features)
        return state.keys() == wanted.keys() and all(
            state[name].dtype == array.dtype and state[name].shape[1:] == array.shape[1:]
            for name, array in wanted.items()
        )

    def grow(self, state: State, capacity: int) -> State:
        """A state with room for more entities; the slots that exist keep their contents."""
        have = len(next(iter(state.values())))
        if count("capacity", capacity) < have:
            raise DataError(f"a state with {have} slots cannot shrink to {capacity}")
        # The room at the end takes no memory before it is used.
        grown = {name: np.zeros((capacity, *array.shape[1:]), array.dtype) for name, array in state.items()}
        for name, array in state.items():
            grown[name][:have] = array
        return grown

    def forget(self, state: State, slots: NDArray[np.int64]) -> None:
        """Make slots new again, for other entities."""
        own, have = integers("slots", slots), len(next(iter(state.values())))
        if len(own) and (own.min() < 0 or own.max() >= have):
            raise DataError(f"slots run from {own.min()} to {own.max()}, the state has slots 0 to {have - 1}")
        for array in state.values():
            array[own] = 0

    def warm_up(self) -> None:
        """Compile the update, so that no record waits for it."""
        slots = np.zeros(1, np.int64)
        self.update(self.new_state(1), slots, np.zeros((1, 1)), slots)

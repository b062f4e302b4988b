"""The interface of graph detectors, which need no training and learn as they score."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ad_detectors.matrix import Floats
from ad_detectors.parameters import Parameters
from ad_detectors.streaming.base import State

REASONS = {
    "edge": "{seen:.0f} records between the two in this tick, {expected:.3g} expected",
    "source": "{seen:.0f} records of the source in this tick, {expected:.3g} expected",
    "destination": "{seen:.0f} records to the destination in this tick, {expected:.3g} expected",
    "fan_out": "{seen:.0f} new destinations of the source in this tick, {expected:.3g} expected",
    "fan_in": "{seen:.0f} new sources of the destination in this tick, {expected:.3g} expected",
}
PARTS = tuple(REASONS)


@dataclass(frozen=True)
class EdgeScores:
    """What a graph detector says of n edges.

    Attributes
    ----------
    score : float64 of shape (n,)
        -log10 of the probability; finite, higher is more anomalous.
    probability : float64 of shape (n,)
        The probability that a normal edge of this stream scores as high, in (0, 1].
    anomaly : bool of shape (n,)
        The edge is improbable, and the detector is not cold.
    cold : bool of shape (n,)
        Too little was seen before; the score is 0.
    new_edge : bool of shape (n,)
        The two did not talk before, or not for long.
    parts : float64 of shape (n, 5)
        -log10 of the probability of each part: of the edge itself, of its source, its destination, of new
        destinations of the source (fan-out) and new sources of the destination (fan-in). The largest, less
        log10(5) since there are five of them, is the score.
    seen, expected : float64 of shape (n, 5)
        What was counted in this tick, up to this edge, and what a whole tick usually has. NaN for fan-out and
        fan-in of an edge that is not new.
    """

    score: Floats
    probability: Floats
    anomaly: NDArray[np.bool_]
    cold: NDArray[np.bool_]
    new_edge: NDArray[np.bool_]
    parts: Floats
    seen: Floats
    expected: Floats

    @property
    def source_score(self) -> Floats:
        """How anomalous the source is: the greater of its two parts."""
        return np.maximum(self.parts[:, 1], self.parts[:, 3])

    @property
    def destination_score(self) -> Floats:
        """How anomalous the destination is: the greater of its two parts."""
        return np.maximum(self.parts[:, 2], self.parts[:, 4])

    def reason(self, row: int) -> str:
        """The most unusual part of an edge: edge, source, destination, fan_out or fan_in."""
        return PARTS[int(self.parts[row].argmax())]

    def describe(self, row: int) -> str:
        """The most unusual part of an edge in words."""
        if self.cold[row]:
            return "too little was seen before"
        part = self.reason(row)
        place = PARTS.index(part)
        return f"{part}: " + REASONS[part].format(
            seen=self.seen[row, place], expected=self.expected[row, place]
        )


class GraphDetector(ABC):
    """Scores each edge of a stream by what the stream showed before, then learns from it.

    The state is a dictionary of plain arrays of constant size; a copy of them is a snapshot. Edges are taken
    strictly one after the other, so any split of a stream into calls gives bit-equal scores.
    """

    name: ClassVar[str]
    parameters_type: ClassVar[type[Parameters]]

    def __init__(self, **parameters: Any) -> None:
        self.parameters = self.parameters_type.of(parameters)

    @abstractmethod
    def new_state(self) -> State:
        """The state before the first edge."""

    @abstractmethod
    def update(
        self,
        state: State,
        sources: NDArray[np.int64],
        destinations: NDArray[np.int64],
        time_ms: NDArray[np.int64],
    ) -> EdgeScores:
        """Score edges in their order and learn from them; `state` is changed in place.

        Parameters
        ----------
        state : dict of arrays
            From `new_state` or a snapshot.
        sources, destinations : integers of shape (n,)
            Who talks to whom; names become numbers by `graph.keys.hash_keys`.
        time_ms : int64 of shape (n,)
            Event time in milliseconds since the epoch, the only clock that a detector may use.
        """

    @property
    @abstractmethod
    def threshold(self) -> float:
        """The score from which an edge is an anomaly."""

    def warm_up(self) -> None:
        """Compile the update, so that no edge waits for it."""
        one = np.zeros(1, np.int64)
        self.update(self.new_state(), one, one, one)

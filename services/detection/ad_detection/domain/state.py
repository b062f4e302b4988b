"""Everything that scoring a partition depends on."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ad_detection.domain.control import Rules, StreamKey, StreamSettings
from ad_detection.domain.entities import EntityTable
from ad_detection.domain.episodes import OpenEpisodes
from ad_detection.domain.event_time import EventClock
from ad_detection.domain.memory import Memory
from ad_detection.domain.residents import Residents
from ad_detectors.base import StreamingDetector


@dataclass(slots=True)
class StreamState:
    """The learnt state of one stream in one partition: arrays by entity slot."""

    features: tuple[str, ...]
    entities: EntityTable
    arrays: dict[str, NDArray[Any]]
    algorithm: str
    fits: "Fit | None" = None
    """The detector that the arrays were seen to be of; those of a snapshot may be older."""
    number: int = 0
    """One that learns anew under the name of another has another."""
    written: int = 0
    """The row of the stream from which on no snapshot knows it."""
    residents: Residents | None = None
    """Where memory is limited: which entities the arrays hold. Otherwise those of slot `i` stand in row `i`."""

    @property
    def entity_bytes(self) -> int:
        """What the detector keeps of one entity."""
        return sum(array[:1].nbytes for array in self.arrays.values())

    @property
    def resident_bytes(self) -> int:
        """Memory of names and arrays; room that was not used yet is counted too."""
        return self.name_bytes + sum(array.nbytes for array in self.arrays.values())

    @property
    def name_bytes(self) -> int:
        return sum(array.nbytes for array in self.entities.book)

    @property
    def changed(self) -> int:
        """Entities that no snapshot knows as they are now."""
        return len(self.entities.changed_since(self.written)[0])

    def grow(self, detector: StreamingDetector, capacity: int) -> None:
        """One array after the other, so that only one of them stands in memory twice."""
        if self.residents is not None:
            self.residents.reach(capacity)
            return
        for name in self.arrays:
            self.arrays |= detector.grow({name: self.arrays[name]}, capacity)

    def forget(self, slots: NDArray[np.int64]) -> None:
        """They are new again, for other entities."""
        if self.residents is not None:
            self.residents.forget(slots)
            return
        for array in self.arrays.values():
            array[slots] = 0

    def rows(self, slots: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
        """What the arrays say of ascending slots."""
        if self.residents is not None:
            return self.residents.read(slots)
        return {name: array[slots] for name, array in self.arrays.items()}

    def settle(self, beside: int = 0) -> None:
        """Counts what the table takes, and gives back what is too much for the worker."""
        if self.residents is not None:
            self.residents.settle(self.name_bytes + beside, self.entities.book.used)

    def give_back(self) -> None:
        """A quarter of the memory of the arrays."""
        if self.residents is not None:
            self.residents.shrink(self.entities.book.used)

    def put(self, slots: NDArray[np.int64], rows: dict[str, NDArray[Any]]) -> None:
        """What is known of ascending slots, before any of them was used."""
        if self.residents is not None:
            self.residents.put(slots, rows)
            return
        for name, array in self.arrays.items():
            array[slots] = rows[name]

    def limit(self, memory: Memory, step: int = 1_000) -> None:
        """From now on the arrays hold what was used last; what they held until now goes to the disk."""
        residents = Residents(memory, self.arrays)
        residents.reach(self.entities.capacity)
        slots = self.entities.slots()
        for start in range(0, len(slots), step):
            own = slots[start : start + step]
            residents.put(own, {name: array[own] for name, array in self.arrays.items()})
        self.arrays, self.residents = residents.arrays, residents


@dataclass(frozen=True, slots=True)
class Fit:
    """The detector that settings make; making it checks its parameters, which takes 0.1 ms."""

    settings: StreamSettings
    detector: StreamingDetector


@dataclass(slots=True)
class PartitionState:
    """What a worker knows of one partition. Scoring changes it in place, and nothing else does."""

    rules: Rules = field(default_factory=dict)
    streams: dict[StreamKey, StreamState] = field(default_factory=dict)
    watches: dict[StreamKey, StreamState] = field(default_factory=dict)
    """When each entity of a stream that tells silence was seen last."""
    clocks: dict[StreamKey, EventClock] = field(default_factory=dict)
    """Of the streams whose settings ask for the time."""
    episodes: dict[StreamKey, OpenEpisodes] = field(default_factory=dict)
    """Those that the last record of an entity left open."""
    begun: int = 0
    """How often a stream began to learn, or to be watched."""
    memory: Memory | None = None
    """What the worker shares among its partitions; None where it is not limited."""

    @property
    def largest(self) -> StreamState | None:
        """Of the tables that can give memory back."""
        limited = [stream for stream in list(self.streams.values()) if stream.residents is not None]
        return max(limited, key=_resident_bytes, default=None)

    @property
    def tables(self) -> list[StreamState]:
        """All that grows with the entities."""
        return [*self.streams.values(), *self.watches.values()]

    def begin(self, key: StreamKey, stream: StreamState) -> StreamState:
        """A stream without a past; what was learnt under its name is forgotten."""
        if self.memory is not None:
            stream.limit(self.memory)
        self.streams[key] = self._numbered(stream)
        return stream

    def limit(self, memory: Memory | None) -> None:
        """Of a state that was made without a limit: from now on it keeps the one of the worker."""
        self.memory = memory
        if memory is not None:
            for stream in self.streams.values():
                stream.limit(memory)

    def watch(self, key: StreamKey, watch: StreamState) -> StreamState:
        """A stream whose silence is told from now on."""
        self.watches[key] = self._numbered(watch)
        return watch

    def _numbered(self, stream: StreamState) -> StreamState:
        stream.number, self.begun = self.begun, self.begun + 1
        return stream


def _resident_bytes(stream: StreamState) -> int:
    """As it was told last, since there may be thousands of streams."""
    return 0 if stream.residents is None else stream.residents.resident_bytes


def obey(state: PartitionState, rules: Rules) -> None:
    """From now on these rules; what was learnt of streams that are gone is forgotten, also if their names are not."""
    same = {key for key, rule in rules.items() if rule.generation == state.rules.get(key, rule).generation}
    for known in (state.streams, state.watches, state.clocks, state.episodes):
        for key in known.keys() - same:
            del known[key]
    state.rules = rules

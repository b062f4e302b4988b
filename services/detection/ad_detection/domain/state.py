"""Everything that scoring a partition depends on."""

from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from ad_detection.domain.control import Rules, StreamKey, StreamSettings
from ad_detection.domain.entities import EntityTable
from ad_detection.domain.event_time import EventClock
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

    @property
    def entity_bytes(self) -> int:
        """What the detector keeps of one entity."""
        return sum(array[:1].nbytes for array in self.arrays.values())

    @property
    def changed(self) -> int:
        """Entities that no snapshot knows as they are now."""
        return len(self.entities.changed_since(self.written)[0])

    def grow(self, detector: StreamingDetector, capacity: int) -> None:
        """One array after the other, so that only one of them stands in memory twice."""
        for name in self.arrays:
            self.arrays |= detector.grow({name: self.arrays[name]}, capacity)


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
    begun: int = 0
    """How often a stream began to learn, or to be watched."""

    @property
    def tables(self) -> list[StreamState]:
        """All that grows with the entities."""
        return [*self.streams.values(), *self.watches.values()]

    def begin(self, key: StreamKey, stream: StreamState) -> StreamState:
        """A stream without a past; what was learnt under its name is forgotten."""
        self.streams[key] = self._numbered(stream)
        return stream

    def watch(self, key: StreamKey, watch: StreamState) -> StreamState:
        """A stream whose silence is told from now on."""
        self.watches[key] = self._numbered(watch)
        return watch

    def _numbered(self, stream: StreamState) -> StreamState:
        stream.number, self.begun = self.begun, self.begun + 1
        return stream


def obey(state: PartitionState, rules: Rules) -> None:
    """From now on these rules; what was learnt of streams without a rule is forgotten."""
    for known in (state.streams, state.watches, state.clocks):
        for key in known.keys() - rules.keys():
            del known[key]
    state.rules = rules

"""Which partitions of a worker need a tick: those where a stream that tells silence had no record for a while."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from ad_chassis.eventlog.port import TopicPartition
from ad_detection.domain.ticks import Tick


@dataclass(slots=True)
class Quiet:
    """What a worker knows of a partition."""

    next_offset: int
    waiting: dict[str, float]
    """Streams to tick for, and after how many seconds without a record."""
    seen: dict[str, float] = field(default_factory=dict)
    """When a record of each was scored last."""
    ticked: dict[str, float] = field(default_factory=dict)


class Ticks:
    """Measures how long nothing came by the worker's own clock, which nobody sets."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._quiet: dict[TopicPartition, Quiet] = {}

    def opened(self, source: TopicPartition, next_offset: int, waiting: dict[str, float]) -> None:
        self._quiet[source] = Quiet(next_offset, waiting, dict.fromkeys(waiting, self._clock()))

    def closed(self, source: TopicPartition) -> None:
        self._quiet.pop(source, None)

    def scored(
        self, source: TopicPartition, next_offset: int, streams: Iterable[str], waiting: dict[str, float]
    ) -> None:
        """After a batch: how far the partition is scored, and which streams had records in it."""
        quiet, now = self._quiet.get(source), self._clock()
        if quiet is None:
            return
        quiet.next_offset, quiet.waiting = next_offset, waiting
        if waiting:
            quiet.seen |= dict.fromkeys(streams, now)

    def due(self) -> list[tuple[TopicPartition, Tick]]:
        """Every tick that is worth sending now; each is given once."""
        now, found = self._clock(), []
        for source, quiet in self._quiet.items():
            idle_ms = {}
            for stream, seconds in quiet.waiting.items():
                since = quiet.seen.setdefault(stream, now)
                if now - max(since, quiet.ticked.get(stream, since)) >= seconds:
                    quiet.ticked[stream] = now
                    idle_ms[stream] = round((now - since) * 1000)
            if idle_ms:
                found.append((source, Tick(quiet.next_offset, idle_ms)))
        return found

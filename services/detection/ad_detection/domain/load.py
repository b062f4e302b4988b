"""How many records come of a stream in a partition, and of which entities most: by few counters, never by record."""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from ad_data.columns import Columns

COUNTERS = 64
"""An entity with more than a 65th of the records is among the busiest for certain."""
TOLD = 10
HALF_LIFE_SECONDS = 300.0
FORGOTTEN = 1e-3


class BatchLoad(NamedTuple):
    """Records of one batch, and its busiest entities, each with at least so many of them."""

    records: int
    busiest: dict[str, float]


class Share(NamedTuple):
    """An entity and at least which part of the records is its own."""

    entity: str
    share: float


class ToldLoad(NamedTuple):
    """What a worker says of one stream in one partition."""

    tenant: str
    stream: str
    partition: int
    records: int
    """Since the worker took the partition over."""
    recent: float
    rate_per_second: float
    """From what it said before to this."""
    entities: int | None
    """Those that the streaming detector knows; None where a model scores."""
    busiest: list[Share]
    updated_ms: int


@dataclass(slots=True)
class Load:
    """Counts since the partition was taken over, and others that fade: half of them is gone after five minutes.

    Few counters for many entities (Misra and Gries, 1982; as mergeable summaries, Agarwal and others, 2013): when two
    are joined, the largest that finds no room is taken off from all. A counter falls short by a 65th of the records at
    most, and never says too much.
    """

    faded_ms: int
    """Until when it has faded."""
    told_ms: int
    records: int = 0
    recent: float = 0.0
    untold: int = 0
    entities: int | None = None
    busiest: dict[str, float] = field(default_factory=dict)

    def add(self, batch: BatchLoad, entities: int | None) -> None:
        self.records += batch.records
        self.untold += batch.records
        self.recent += batch.records
        self.entities = entities
        busiest = self.busiest
        for entity, count in batch.busiest.items():
            busiest[entity] = busiest.get(entity, 0.0) + count
        if len(busiest) > COUNTERS:
            self.busiest = _largest(busiest)

    def fade(self, now_ms: int) -> None:
        left = remaining((now_ms - self.faded_ms) / 1000)
        self.faded_ms = now_ms
        self.recent *= left
        faded = ((entity, count * left) for entity, count in self.busiest.items())
        self.busiest = {entity: count for entity, count in faded if count > FORGOTTEN}

    def shares(self) -> list[Share]:
        """The busiest ones, busiest first."""
        known = sorted(self.busiest.items(), key=lambda each: (-each[1], each[0]))[:TOLD]
        return [Share(entity, min(1.0, count / self.recent)) for entity, count in known if self.recent > 0.0]

    def rate_per_second(self, now_ms: int) -> float:
        return 1000 * self.untold / (now_ms - self.told_ms) if now_ms > self.told_ms else 0.0

    def told(self, records: int, now_ms: int) -> None:
        """So many are told of now; what came meanwhile is for the next time."""
        self.untold -= records
        self.told_ms = now_ms


def remaining(seconds: float) -> float:
    """Which part of a count that fades is left after a while; all of it when a clock was put back."""
    return float(0.5 ** (max(0.0, seconds) / HALF_LIFE_SECONDS))


def batch_load(columns: Columns) -> BatchLoad:
    """Of the rows of one stream in one batch."""
    rows = len(columns)
    if columns.entities is None or columns.entity_codes is None:
        return BatchLoad(rows, {})
    if len(columns.entities) == 1:
        return BatchLoad(rows, {columns.entities[0]: float(rows)})
    counts = np.bincount(columns.entity_codes, minlength=len(columns.entities))
    if len(counts) <= COUNTERS:
        known = zip(columns.entities, counts.tolist(), strict=True)
        return BatchLoad(rows, {entity: float(count) for entity, count in known if count})
    rest = len(counts) - COUNTERS
    order = np.argpartition(counts, rest - 1)
    counts = counts - counts[order[rest - 1]]
    top = order[rest:]
    busiest = top[counts[top] > 0].tolist()
    return BatchLoad(rows, {columns.entities[place]: float(counts[place]) for place in busiest})


def merged(before: BatchLoad | None, after: BatchLoad) -> BatchLoad:
    """Of the rows of one stream that stand apart in a batch."""
    if before is None:
        return after
    busiest = dict(before.busiest)
    for entity, count in after.busiest.items():
        busiest[entity] = busiest.get(entity, 0.0) + count
    return BatchLoad(before.records + after.records, busiest)


def _largest(counts: dict[str, float]) -> dict[str, float]:
    """As many as there are counters, less the largest of those that find no room."""
    least = sorted(counts.values(), reverse=True)[COUNTERS]
    return {entity: count - least for entity, count in counts.items() if count > least}

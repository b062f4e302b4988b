"""Entities of a stream that send nothing for so long that somebody should know.

Silence is measured by the time of the stream, not by a clock: the others went on and one did not. So it is the same in
a replay, and however records are cut into batches. Where nothing comes at all, ticks in the log say how long.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from ad_data.columns import Columns
from ad_detection.domain.control import StreamRule
from ad_detection.domain.entities import EntityTable
from ad_detection.domain.event_time import EventClock, Whole
from ad_detection.domain.judgement import entities_of
from ad_detection.domain.state import PartitionState, StreamState

NAME = "silence"
SEEN = "seen"
ORIGIN = 1 << 62
"""Added to times in the state, so that 0, which new and freed slots hold, says never."""
LOOKS = 4
"""How often all entities are looked at while the limit passes: a silence is noticed a quarter of it late at most."""


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing came of an entity between two moments of the stream's time; noticed before a row of the batch."""

    entity: str | None
    since_ms: int
    now_ms: int
    row: int


def silences(
    state: PartitionState, rule: StreamRule, clock: EventClock, columns: Columns, before: Whole
) -> list[Silence]:
    """Those that the rows bring to light; `before` is the watermark that each row met."""
    seconds, most = rule.settings.silence_seconds, rule.settings.max_entities
    if seconds is None:
        state.watches.pop(rule.key, None)
        return []
    watch = state.watches.get(rule.key) or _begin(state, rule)
    now, limit_ms = np.maximum(before, columns.time_ms), round(seconds * 1000)
    step = max(1, limit_ms // LOOKS)
    looks = np.flatnonzero(now // step != before // step)
    found: list[Silence] = []
    for slots, start in _placed(watch, columns, most):
        done = 0
        for row in (looks[(looks >= start) & (looks < start + len(slots))] - start).tolist():
            _see(watch, slots[done:row], now[start + done : start + row])
            due, now_ms = int(now[start + row]) - limit_ms, int(now[start + row])
            found += _told(watch, clock, due, now_ms, start + row)
            done = row
        _see(watch, slots[done:], now[start + done : start + len(slots)])
    return found if columns.entities is not None else [replace(each, entity=None) for each in found]


def silences_while_idle(state: PartitionState, rule: StreamRule, idle_ms: int) -> list[Silence]:
    """Those that come to light although no record does: so long ago came the last one of the whole stream."""
    watch, clock = state.watches.get(rule.key), state.clocks.get(rule.key)
    if rule.settings.silence_seconds is None or watch is None or clock is None or clock.watermark_ms is None:
        return []
    now_ms, limit_ms = clock.watermark_ms + idle_ms, round(rule.settings.silence_seconds * 1000)
    # Nobody was seen later than the watermark, and what is seen when records come again must be told again.
    found = list(_told(watch, clock, min(now_ms - limit_ms, clock.watermark_ms + 1), now_ms, 0))
    return found if rule.schema.entity is not None else [replace(each, entity=None) for each in found]


def _begin(state: PartitionState, rule: StreamRule) -> StreamState:
    table = EntityTable()
    arrays = {SEEN: np.zeros(table.capacity, dtype=np.int64)}
    return state.watch(rule.key, StreamState((), table, arrays, NAME))


def _placed(watch: StreamState, columns: Columns, most: int) -> Iterator[tuple[Whole, int]]:
    """The slots of rows, and from which row on; between two parts entities are forgotten to make room."""
    names, codes = entities_of(columns)
    table, start = watch.entities, 0
    while True:
        slots = table.place(names, codes, start, most)
        if table.outgrown():
            more = table.next_capacity() - len(watch.arrays[SEEN])
            watch.arrays[SEEN] = np.concatenate([watch.arrays[SEEN], np.zeros(more, dtype=np.int64)])
        yield slots, start
        start += len(slots)
        if start == len(codes):
            return
        watch.arrays[SEEN][table.evict(table.oldest(most))] = 0


def _see(watch: StreamState, slots: Whole, now: Whole) -> None:
    """A record counts at the time that the stream had reached, so one that comes late ends a silence too."""
    held = slots >= 0
    watch.arrays[SEEN][slots[held]] = now[held] + ORIGIN


def _told(watch: StreamState, clock: EventClock, due_ms: int, now_ms: int, row: int) -> Iterator[Silence]:
    """Whose last record came before the moment that is due; those before the last such moment were told then."""
    due, seen = due_ms + ORIGIN, watch.arrays[SEEN]
    slots = np.flatnonzero((seen >= clock.told) & (seen < due))
    clock.told = max(clock.told, due)
    since = (seen[slots] - ORIGIN).tolist()
    for entity, since_ms in zip(watch.entities.names(slots), since, strict=True):
        yield Silence(entity, since_ms, now_ms, row)

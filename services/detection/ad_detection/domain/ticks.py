"""Ticks: records of our own that say that nothing came, so that the time of a stream goes on when all are silent.

They stand in the log among the records, so a replay meets them at the same place. A tick says how long a worker saw
nothing of a stream after the records before an offset; one that came too late, after a newer record, says nothing.
"""

from collections.abc import Sequence
from itertools import pairwise

import msgspec

from ad_contracts.headers import TICK, Headers, cloud_event
from ad_detection.domain.grouping import StoredRecord, header
from ad_detection.domain.silence import LOOKS, ORIGIN
from ad_detection.domain.state import PartitionState


class Tick(msgspec.Struct, frozen=True):
    seen_to: int
    """The offset up to which the worker had scored the partition."""
    idle_ms: dict[str, int]
    """By stream: so long it had no record."""


def headers_of(now_ms: int) -> Headers:
    return cloud_event(TICK, TICK, f"tick-{now_ms}", now_ms, "application/json")


def encoded(tick: Tick) -> bytes:
    return msgspec.json.encode(tick)


def decoded(record: StoredRecord) -> Tick | None:
    """None for what only calls itself a tick."""
    try:
        return msgspec.json.decode(record.value or b"", type=Tick)
    except msgspec.MsgspecError:
        return None


def is_tick(record: StoredRecord) -> bool:
    return header(record.headers, "ce_source") == TICK


def segments(records: Sequence[StoredRecord]) -> list[Sequence[StoredRecord]]:
    """The records in parts: each tick is one by itself."""
    places = [place for place, record in enumerate(records) if is_tick(record)]
    bounds = sorted({0, len(records), *places, *(place + 1 for place in places)})
    return [records[start:stop] for start, stop in pairwise(bounds)]


def waiting(state: PartitionState) -> dict[str, float]:
    """Streams of which a silence could still be told, and after how many seconds a tick is worth while."""
    found = {}
    for key in state.watches:
        rule, clock = state.rules.get(key), state.clocks.get(key)
        seconds = None if rule is None else rule.settings.silence_seconds
        if clock is None or seconds is None or clock.watermark_ms is None:
            continue
        if clock.told <= clock.watermark_ms + ORIGIN:
            found[key[1]] = seconds / LOOKS
    return found

"""Scores, page by page, from the topic that carries them."""

import asyncio
from collections.abc import Sequence
from typing import Any, NamedTuple

import polars as pl
from pyarrow import ipc

from ad_chassis.eventlog.port import EventLog, Record, TopicPartition
from ad_chassis.http.cursors import place_of
from ad_contracts.cursor import encode
from ad_contracts.partitioning import partition_for
from ad_contracts.topics import topic
from ad_detection.domain.control import StreamKey
from ad_detection.domain.grouping import streams_named


class Place(NamedTuple):
    """The offset of a message, and the next row in it."""

    offset: int
    row: int


class LogScores:
    """All scores of a stream stand on one partition, so that a page is one read from one place."""

    def __init__(self, event_log: EventLog) -> None:
        self._log = event_log

    async def page(
        self, key: StreamKey, generation: int, limit: int, cursor: str | None
    ) -> tuple[list[dict[str, Any]], str | None]:
        """The scores from a cursor on, oldest first, and the next cursor; None at the end of the topic."""
        source = await self._source(*key)
        if source is None:
            return [], None
        begin = (await self._log.begin_offsets(source.topic)).get(source.partition, 0)
        end = (await self._log.end_offsets(source.topic)).get(source.partition, 0)
        offset, row = place_of(cursor, Place) if cursor else (begin, 0)
        found: list[dict[str, Any]] = []
        async for batch in self._log.read(source, max(offset, begin), end):
            own = [record for record in batch.records if _is_of(record, key[1], generation)]
            begun = row if own and own[0].offset == offset else 0
            # One hand-over for all messages: each would wait for the interpreter anew.
            part, place = await asyncio.to_thread(_rows, own, begun, limit - len(found))
            found += part
            if place is not None and len(found) == limit:
                return found, encode(place)
        return found, None

    async def _source(self, tenant: str, stream: str) -> TopicPartition | None:
        """None where the tenant has no stream yet, and so no topic."""
        name = topic("scores", tenant)
        partitions = (await self._log.topics()).get(name)
        return TopicPartition(name, partition_for(stream.encode(), partitions)) if partitions else None


def _is_of(record: Record, stream: str, generation: int) -> bool:
    """Scores from before there were generations are of the first."""
    [(named, own)] = streams_named([record])
    return named == stream and (own or 1) == generation


def _rows(
    records: Sequence[Record], begun: int, count: int
) -> tuple[list[dict[str, Any]], tuple[int, int] | None]:
    """So many rows of messages at most, and where the next one stands; `begun` of the first message are known."""
    frames: list[pl.DataFrame] = []
    place = None
    for record in records:
        if count == 0:
            break
        with ipc.open_stream(record.value or b"") as reader:
            frame = pl.DataFrame(reader.read_all()).slice(begun, count)
        frames.append(frame)
        place, count, begun = (record.offset, begun + frame.height), count - frame.height, 0
    if not frames:
        return [], place
    time = pl.from_epoch("time_ms", time_unit="ms").dt.strftime("%Y-%m-%dT%H:%M:%S%.3fZ")
    rows = pl.concat(frames, how="diagonal_relaxed").with_columns(time.alias("time")).drop("time_ms")
    return rows.to_dicts(), place

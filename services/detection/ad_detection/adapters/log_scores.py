"""Scores, page by page, from the topic that carries them."""

import asyncio
from typing import Any, NamedTuple

import polars as pl
from pyarrow import ipc

from ad_chassis.eventlog.port import EventLog, TopicPartition
from ad_chassis.http.cursors import place_of
from ad_contracts.cursor import encode
from ad_contracts.partitioning import partition_for
from ad_contracts.topics import topic
from ad_detection.domain.grouping import header


class Place(NamedTuple):
    """The offset of a message, and the next row in it."""

    offset: int
    row: int


class LogScores:
    """All scores of a stream stand on one partition, so that a page is one read from one place."""

    def __init__(self, event_log: EventLog) -> None:
        self._log = event_log

    async def page(
        self, tenant: str, stream: str, limit: int, cursor: str | None
    ) -> tuple[list[dict[str, Any]], str | None]:
        """The scores from a cursor on, oldest first, and the next cursor; None at the end of the topic."""
        source = await self._source(tenant, stream)
        begin = (await self._log.begin_offsets(source.topic)).get(source.partition, 0)
        end = (await self._log.end_offsets(source.topic)).get(source.partition, 0)
        offset, row = place_of(cursor, Place) if cursor else (begin, 0)
        found: list[dict[str, Any]] = []
        async for batch in self._log.read(source, max(offset, begin), end):
            for record in batch.records:
                if header(record.headers, "ce_source") != stream:
                    continue
                first = row if record.offset == offset else 0
                part = await asyncio.to_thread(_rows, record.value or b"", first, limit - len(found))
                found += part
                if len(found) == limit:
                    return found, encode((record.offset, first + len(part)))
        return found, None

    async def _source(self, tenant: str, stream: str) -> TopicPartition:
        name = topic("scores", tenant)
        partitions = (await self._log.topics()).get(name, 1)
        return TopicPartition(name, partition_for(stream.encode(), partitions))


def _rows(message: bytes, first: int, count: int) -> list[dict[str, Any]]:
    with ipc.open_stream(message) as reader:
        frame = pl.DataFrame(reader.read_all()).slice(first, count)
    time = pl.from_epoch("time_ms", time_unit="ms").dt.strftime("%Y-%m-%dT%H:%M:%S%.3fZ")
    return frame.with_columns(time.alias("time")).drop("time_ms").to_dicts()

"""Records of a range of the log, partition after partition."""

from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass

from ad_chassis.errors import Unprocessable
from ad_chassis.eventlog.port import EventLog, Record, TopicPartition
from ad_contracts.headers import TICK
from ad_detection.domain.chunks import Chunk
from ad_detection.domain.control import StreamRule
from ad_detection.domain.grouping import streams_named
from ad_detection.domain.replays import ReplayRequest
from ad_detection.ports import ControlSource

MOST_RECORDS = 20_000
MOST_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class Span:
    """Of one partition: what is only learnt from ends where `start` is."""

    source: TopicPartition
    warm: int
    start: int
    stop: int


class LogRange:
    def __init__(self, event_log: EventLog, view: ControlSource) -> None:
        self._log = event_log
        self._view = view

    async def chunks(self, rule: StreamRule, request: ReplayRequest) -> AsyncGenerator[Chunk, None]:
        spans = await self._spans(rule.topic, request)
        total, before = sum(span.stop - span.warm for span in spans), 0
        alone = len(self._view.control.on_topic(rule.topic)) == 1
        for span in spans:
            for first, stop, warm in ((span.warm, span.start, True), (span.start, span.stop, False)):
                async for records in self._gathered(span.source, first, stop):
                    progress = (before + records[-1].offset + 1 - span.warm) / total
                    own = [record for record in records if _belongs(record, rule, alone)]
                    if own:
                        yield _chunk(span, own, warm, progress)
            before += span.stop - span.warm

    async def _spans(self, topic: str, request: ReplayRequest) -> list[Span]:
        begins, ends = await self._log.begin_offsets(topic), await self._log.end_offsets(topic)
        wanted = {each.partition: each for each in request.offsets}
        if wanted.keys() - ends.keys():
            known = ", ".join(map(str, sorted(ends)))
            raise Unprocessable(f"offsets: topic {topic} has the partitions {known} and no other")
        spans = []
        for partition, end in sorted(ends.items()):
            source, begin = TopicPartition(topic, partition), begins.get(partition, 0)
            if wanted:
                if partition in wanted:
                    start = max(begin, wanted[partition].start)
                    spans.append(Span(source, start, start, min(end, wanted[partition].stop)))
                continue
            stop = end if request.to_ms is None else await self._offset_at(source, request.to_ms, begin, end)
            start = (
                begin
                if request.from_ms is None
                else await self._offset_at(source, request.from_ms, begin, stop)
            )
            warm = start
            if request.warm_from_ms is not None:
                warm = await self._offset_at(source, request.warm_from_ms, begin, start)
            spans.append(Span(source, warm, start, stop))
        return [span for span in spans if span.stop > span.warm]

    async def _offset_at(self, source: TopicPartition, time_ms: int, begin: int, end: int) -> int:
        """The first offset whose record came at this time or later, as far as times grow with offsets."""
        while begin < end:
            middle = (begin + end) // 2
            found = await self._first(source, middle, end)
            if found is None or found.timestamp >= time_ms:
                end = middle
            else:
                begin = found.offset + 1
        return begin

    async def _first(self, source: TopicPartition, start: int, stop: int) -> Record | None:
        async for batch in self._log.read(source, start, stop):
            return batch.records[0]
        return None

    async def _gathered(self, source: TopicPartition, start: int, stop: int) -> AsyncIterator[list[Record]]:
        """Batches of the log put together until scoring them is worth a call."""
        found: list[Record] = []
        size = 0
        if start >= stop:
            return
        async for batch in self._log.read(source, start, stop):
            found += batch.records
            size += sum(len(record.value or b"") for record in batch.records)
            if len(found) >= MOST_RECORDS or size >= MOST_BYTES:
                yield found
                found, size = [], 0
        if found:
            yield found


def _belongs(record: Record, rule: StreamRule, alone: bool) -> bool:
    """As in the live path: a topic with one stream needs no header. Others of its name are other streams."""
    [(named, generation)] = streams_named([record])
    if named is None:
        return alone
    return named == TICK or (named == rule.stream and generation in (None, rule.generation))


def _chunk(span: Span, records: list[Record], warm: bool, progress: float) -> Chunk:
    times, source = [record.timestamp for record in records], span.source
    return Chunk(
        source.topic,
        source.partition,
        records,
        min(times),
        max(times),
        warm,
        progress=progress,
        read_from=span.warm,
    )

"""Publishes what a replay found as corrections of what was told of the same records."""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace

from ad_chassis.errors import Conflict
from ad_chassis.eventlog.port import Message
from ad_contracts.events import AnomalyDetected
from ad_detection.domain.control import StreamKey
from ad_detection.domain.corrections import Told, corrector_of
from ad_detection.domain.replays import Publication, Replay, Span
from ad_detection.domain.results import Results
from ad_detection.ports import AnomalyStore, FindingStore, OutputEncoder, ToldPage

PAGE = 1_000
PART = 500
"""Events of one call of the log."""
Tell = Callable[[Publication], Awaitable[None]]
Place = tuple[int, int, int]
"""Partition, offset, row."""
LAST: Place = (1 << 62, 0, 0)


@dataclass(frozen=True, slots=True)
class PublishTools:
    """What publishing works with."""

    findings: FindingStore
    stored: AnomalyStore
    encoder: OutputEncoder
    send: Callable[[Sequence[Message]], Awaitable[Any]]
    """Into the event log."""
    clock_ms: Callable[[], int]


async def publish_replay(
    replay: Replay, publication: Publication, tools: PublishTools, tell: Tell
) -> Publication:
    """How it ended. What is sent twice, after it was broken off, has the same ids and changes nothing."""
    corrector = corrector_of(replay, publication.configuration, tools.clock_ms())
    spans = spans_of(replay)
    waiting: list[AnomalyDetected] = []
    told = _told(tools.stored, (replay.tenant, replay.request.stream), spans)
    found = _found(tools.findings, replay, publication.configuration)
    async with aclosing(told), aclosing(found), aclosing(_by_record(told, found)) as records:
        async for place, stored, finding in records:
            events = corrector.corrections(stored, finding)
            waiting += events
            publication = _counted(publication, events, agreed=finding is not None)
            if len(waiting) >= PART:
                await tools.send(tools.encoder.messages(Results(anomalies=waiting)))
                waiting = []
            publication = replace(publication, progress=_progress(place, spans))
            await tell(publication)
    if waiting:
        await tools.send(tools.encoder.messages(Results(anomalies=waiting)))
    return replace(publication, progress=1.0)


def spans_of(replay: Replay) -> list[Span]:
    """The records that a replay of the log scored, by partition."""
    return [Span(**span) for span in (replay.result or {})["spans"]]


def _counted(publication: Publication, events: Sequence[AnomalyDetected], *, agreed: bool) -> Publication:
    retracted = sum(event.retracted for event in events)
    anomalies = len(events) - retracted
    return replace(
        publication,
        anomalies=publication.anomalies + anomalies,
        retracted=publication.retracted + retracted,
        unchanged=publication.unchanged + (agreed and not anomalies),
    )


def _progress(place: Place, spans: Sequence[Span]) -> float:
    total = sum(span.stop - span.start for span in spans)
    partition, offset, _ = place
    done = sum(span.stop - span.start for span in spans if span.partition < partition)
    here = sum(offset - span.start for span in spans if span.partition == partition)
    return (done + here) / total


async def _by_record(
    told: AsyncIterator[Told], found: AsyncIterator[AnomalyDetected]
) -> AsyncGenerator[tuple[Place, list[Told], AnomalyDetected | None], None]:
    """Both are in the order of the log: record by record, what was told of it and what the replay found."""
    stored, finding = await anext(told, None), await anext(found, None)
    while stored is not None or finding is not None:
        place = min(_place(stored and stored.event), _place(finding))
        of_record: list[Told] = []
        while stored is not None and _place(stored.event) == place:
            of_record.append(stored)
            stored = await anext(told, None)
        own = finding if _place(finding) == place else None
        if own is not None:
            finding = await anext(found, None)
        yield place, of_record, own


def _place(event: AnomalyDetected | None) -> Place:
    return LAST if event is None else (event.partition, event.offset, event.row)


async def _told(store: AnomalyStore, key: StreamKey, spans: Sequence[Span]) -> AsyncGenerator[Told, None]:
    for span in spans:
        page: ToldPage | None = None
        while page is None or page.next_cursor is not None:
            page = await store.of_records(key, span, PAGE, page and page.next_cursor)
            for item in page.items:
                yield item


async def _found(findings: FindingStore, replay: Replay, name: str) -> AsyncGenerator[AnomalyDetected, None]:
    """Without silences, which are told of no record. What is missing must not be taken for normal."""
    missing, cursor = (replay.result or {})["configurations"][name]["kept"], None
    while missing > 0:
        page = await findings.page(replay, name, min(PAGE, missing), cursor)
        missing, cursor = missing - len(page.items), page.next_cursor
        for finding in page.items:
            if finding.kind == "record":
                yield finding
        if cursor is None and missing > 0:
            raise Conflict("the anomalies of the replay are gone, perhaps removed; replay the range again")

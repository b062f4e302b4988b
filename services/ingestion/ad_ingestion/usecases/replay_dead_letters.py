"""Sends rejected records again, after a fix of their stream or of themselves; each once unless that is forced.

A stream's part of a page is one transaction: dead letters are marked and their messages stand in the outbox, or
the batch that they make is accepted. A process that dies has replayed the parts before, and a repetition the others.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from ad_chassis.errors import Conflict, NotFound, Unprocessable
from ad_data.schema import StreamSchema
from ad_ingestion.domain.dead_letters import DeadLetter, LetterQuery
from ad_ingestion.domain.replays import (
    Correction,
    Replayed,
    ReplayMessage,
    Trial,
    as_body,
    as_message,
    came_over_rest,
    corrected,
    trial,
)
from ad_ingestion.domain.streams import Stream
from ad_ingestion.ports import RecordLog, Store
from ad_ingestion.usecases.accept_records import Incoming, RecordAcceptor
from ad_ingestion.usecases.mark_replayed import mark_replayed

NDJSON = "application/x-ndjson"


@dataclass(frozen=True, slots=True)
class Mode:
    """`dry_run` only says what would happen; `force` replays what was replayed already."""

    dry_run: bool = False
    force: bool = False


class LetterReplayer:
    def __init__(self, store: Store, log: RecordLog, acceptor: RecordAcceptor) -> None:
        self._store = store
        self._log = log
        self._acceptor = acceptor

    async def replay_one(self, tenant: str, event_id: str, correction: Correction, mode: Mode) -> Trial:
        async with self._store.transaction(tenant, read_only=True) as work:
            letter = await work.dead_letter(tenant, event_id)
        if letter is None:
            raise NotFound(
                f"there is no dead letter {event_id[:200]!r}; GET /api/v1/rejected lists those there are"
            )
        if letter.state == "replayed" and not mode.force:
            raise Conflict(f"dead letter {event_id!r} was replayed already; `force` replays it once more")
        changed = corrected(letter, correction)
        found = await self._replay([changed], mode, corrected=changed != letter)
        if found.failed and not mode.dry_run:
            raise Unprocessable(
                f"the record would be rejected again: {found.failed[0].reason}; "
                "change the stream, or give the corrected record as `raw`"
            )
        return (found.passed or found.failed)[0]

    async def replay_some(
        self, tenant: str, query: LetterQuery, *, after: int, limit: int, mode: Mode
    ) -> Replayed:
        """The oldest that match, from a place on; what would be rejected again stays as it is."""
        if not mode.force:
            if query.state == "replayed":
                raise Unprocessable("state: these were replayed already; `force` replays them once more")
            query = replace(query, state="open")
        async with self._store.transaction(tenant, read_only=True) as work:
            letters = await work.oldest_dead_letters(tenant, query, after, limit)
            last = letters[-1].id if letters else after
            remaining = await work.count_dead_letters(tenant, query, last)
        found = await self._replay(letters, mode)
        return replace(found, remaining=remaining, cursor=last if remaining else None)

    async def _replay(
        self, letters: Sequence[DeadLetter], mode: Mode, *, corrected: bool = False
    ) -> Replayed:
        passed: list[Trial] = []
        failed: list[Trial] = []
        by_stream = sorted(letters, key=_stream_and_way)
        for (name, over_rest), group in groupby(by_stream, _stream_and_way):
            some = list(group)
            stream = await self._stream(some[0].event.tenant, name)
            trials = await asyncio.to_thread(_trials, some, stream, name, corrected=corrected)
            good = [each for each in trials if each.passes]
            passed += good
            failed += [each for each in trials if not each.passes]
            if good and stream is not None and not mode.dry_run:
                await (self._accept if over_rest else self._send)(stream, good)
        return Replayed(passed, failed)

    async def _stream(self, tenant: str, name: str) -> Stream | None:
        async with self._store.transaction(tenant, read_only=True) as work:
            stream = await work.stream((tenant, name))
        return None if stream is None or stream.deleted else stream

    async def _accept(self, stream: Stream, trials: Sequence[Trial]) -> None:
        letters = [each.letter for each in trials]
        await self._acceptor.accept(Incoming(stream.key, as_body(letters), NDJSON, replays=letters))

    async def _send(self, stream: Stream, trials: Sequence[Trial]) -> None:
        if stream.schema is None:
            return
        partitions = await self._log.partitions(stream.topic)
        messages = await asyncio.to_thread(_messages, trials, stream, stream.schema, partitions)
        async with self._store.transaction(stream.tenant) as work:
            await mark_replayed(work, [each.letter for each in trials], _now_ms())
            await work.replay(messages)
        await self._store.tell()


def _stream_and_way(letter: DeadLetter) -> tuple[str, bool]:
    return (letter.event.stream or "", came_over_rest(letter))


def _trials(
    letters: Sequence[DeadLetter], stream: Stream | None, name: str, *, corrected: bool
) -> list[Trial]:
    if stream is None:
        reason = f"there is no stream {name!r}; create it first" if name else "the record names no stream"
        return [Trial(letter, f"{reason}, or give another one as `stream`") for letter in letters]
    if stream.schema is None:
        return [
            Trial(letter, f"stream {name!r} has no schema yet; send a first record") for letter in letters
        ]
    now_ms = _now_ms()
    return [trial(letter, stream.schema, now_ms, corrected=corrected) for letter in letters]


def _messages(
    trials: Sequence[Trial], stream: Stream, schema: StreamSchema, partitions: int
) -> list[ReplayMessage]:
    return [as_message(each, stream, schema, partitions) for each in trials]


def _now_ms() -> int:
    return time.time_ns() // 1_000_000

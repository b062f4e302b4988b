"""A member of a consumer group in the embedded log."""

import asyncio
import logging
import time
import uuid
from collections.abc import Collection, Sequence
from functools import partial

from ad_chassis.eventlog import embedded_groups as groups
from ad_chassis.eventlog.assignment import Assignment, Held, Opened
from ad_chassis.eventlog.embedded_catalog import Catalog
from ad_chassis.eventlog.embedded_file import LogFile, Work
from ad_chassis.eventlog.embedded_store import fetch, offsets, stored_ms
from ad_chassis.eventlog.errors import Fenced, LogError, Transient
from ad_chassis.eventlog.partitioner import Partitioner, check_size
from ad_chassis.eventlog.port import AssignmentListener, Batch, Message, Start, TopicPartition
from ad_chassis.eventlog.waiting import wait_until

log = logging.getLogger(__name__)

MAX_POLL_BYTES = 32 << 20


class EmbeddedConsumer:
    def __init__(
        self,
        file: LogFile,
        catalog: Catalog,
        partitioner: Partitioner,
        group: str,
        topics: Collection[str],
        listener: AssignmentListener,
        start: Start,
        lease_seconds: float,
        max_message_bytes: int,
    ) -> None:
        self._file = file
        self._catalog = catalog
        self._partitioner = partitioner
        self._member = groups.Member(group, uuid.uuid4().hex)
        self._topics = set(topics)
        self._start = start
        self._lease_seconds = lease_seconds
        self._max_message_bytes = max_message_bytes
        self._assignment = Assignment(listener, self._open, self._close)
        self._owned: dict[TopicPartition, groups.Ownership] = {}
        self._leaving: dict[TopicPartition, float] = {}
        self._look_now = asyncio.Event()
        self._membership: asyncio.Task[None] | None = None
        self._failing_since: float | None = None
        self._turn = 0

    async def start(self) -> None:
        self._file.on_change.add(self._assignment.changed.set)
        self._file.on_regrouping.add(self._look_now.set)
        await self._heartbeat()
        self._membership = asyncio.create_task(self._stay_member(), name=f"member of {self._member.group}")

    async def stop(self) -> None:
        self._file.on_change.discard(self._assignment.changed.set)
        self._file.on_regrouping.discard(self._look_now.set)
        if self._membership is not None:
            self._membership.cancel()
            await asyncio.wait([self._membership])
            self._membership = None
        await self._assignment.lose(list(self._assignment.held))
        await self._file.write(partial(groups.leave, member=self._member))

    async def subscribe(self, topics: Collection[str]) -> None:
        self._topics = set(topics)
        self._look_now.set()

    async def poll(self, max_records: int, timeout_seconds: float) -> list[Batch]:
        deadline = time.monotonic() + timeout_seconds
        while True:
            self._assignment.changed.clear()
            self._check_membership()
            batches = await self._fetch(max_records)
            remaining_seconds = deadline - time.monotonic()
            if batches or remaining_seconds <= 0:
                return batches
            await wait_until(self._assignment.changed, remaining_seconds)

    async def commit(self, batch: Batch, outputs: Sequence[Message], metadata: str = "") -> None:
        held = self._assignment.require(batch.source)
        async with held.committing:
            held.check(batch)
            for message in outputs:
                check_size(message, self._max_message_bytes)
            topics = await self._catalog.require({message.topic for message in outputs})
            ownership = self._owned.get(batch.source)
            if ownership is None:
                raise Fenced(f"{batch.source} is not assigned to this member any more")
            choose = self._partitioner.for_call()
            await self._write_commit(
                lambda db: groups.commit(
                    db, self._member, ownership, batch, metadata, outputs, topics, choose
                )
            )
            held.finish(batch)
        if batch.source in self._leaving:
            self._look_now.set()

    async def rewind(self, source: TopicPartition) -> None:
        await self._assignment.reopen(source)

    def pause(self, source: TopicPartition) -> None:
        self._assignment.pause(source)

    def resume(self, source: TopicPartition) -> None:
        self._assignment.resume(source)

    def assignment(self) -> frozenset[TopicPartition]:
        return frozenset(self._assignment.held)

    async def lag(self) -> dict[TopicPartition, int]:
        held = self._ready()
        ids = {source: self._owned[source].partition_id for source in held}
        ends = await self._file.read(partial(offsets, partition_ids=list(ids.values())))
        return {source: max(0, ends[ids[source]][1] - one.position) for source, one in held.items()}

    async def oldest_waiting_ms(self) -> dict[TopicPartition, int]:
        places = [
            (source, self._owned[source].partition_id, one.position) for source, one in self._ready().items()
        ]
        known = await self._file.read(
            lambda db: {source: stored_ms(db, number, offset) for source, number, offset in places}
        )
        return {source: time_ms for source, time_ms in known.items() if time_ms is not None}

    def send_seconds(self, source: TopicPartition) -> float:  # noqa: ARG002 - the port's signature
        """Outputs and offset are one write."""
        return 0.0

    def _ready(self) -> dict[TopicPartition, Held]:
        held = self._assignment.held.items()
        return {source: one for source, one in held if one.ready and source in self._owned}

    async def _write_commit(self, work: Work[None]) -> None:
        try:
            await self._file.write(work)
        except Fenced:
            self._look_now.set()
            raise

    def _check_membership(self) -> None:
        if self._membership is None or self._membership.done():
            raise LogError(f"the member of group {self._member.group!r} is not running")
        seconds = 0.0 if self._failing_since is None else time.monotonic() - self._failing_since
        if seconds > self._lease_seconds:
            # Nothing is in hand, perhaps, that could fail; but what comes next will.
            raise Transient(
                f"the file took no heartbeat of group {self._member.group!r} for {seconds:.0f} s: is the disk full?"
            )

    async def _fetch(self, max_records: int) -> list[Batch]:
        ready = [one for one in self._assignment.ready() if one.source in self._owned]
        ready = [one for one in ready if one.source not in self._leaving]
        if not ready:
            return []
        self._turn = (self._turn + 1) % len(ready)
        ready = ready[self._turn :] + ready[: self._turn]
        asked = [(self._owned[one.source].partition_id, one.position) for one in ready]
        found = await self._file.read(
            lambda db: fetch(db, asked, max_records=max_records, max_bytes=MAX_POLL_BYTES)
        )
        batches = []
        for held, (_, position), (records, end_offset) in zip(ready, asked, found, strict=True):
            if self._still(held, position):
                if records:
                    batches.append(held.hand_out(Batch(held.source, records)))
                else:
                    held.position = max(position, end_offset)
        return batches

    def _still(self, held: Held, position: int) -> bool:
        """Whether the partition was neither lost nor rewound nor paused while its records were read."""
        current = (
            self._assignment.held.get(held.source) is held and held.source not in self._assignment.paused
        )
        return current and held.ready and held.position == position

    async def _stay_member(self) -> None:
        while True:
            self._look_now.clear()
            try:
                await self._heartbeat()
                self._failing_since = None
            except LogError:
                self._failing_since = self._failing_since or time.monotonic()
                log.exception("a heartbeat of group %s failed", self._member.group)
            await wait_until(self._look_now, self._lease_seconds / 4)

    async def _heartbeat(self) -> None:
        share = await self._file.write(
            partial(
                groups.heartbeat,
                member=self._member,
                topics=self._topics,
                now_ms=time.time_ns() // 1_000_000,
                lease_ms=int(self._lease_seconds * 1000),
                busy=self._busy(),
            )
        )
        lost = [source for source, one in self._owned.items() if share.owned.get(source) != one]
        self._owned = {source: one for source, one in self._owned.items() if source not in lost}
        self._note_leaving(share.leaving)
        await self._assignment.lose(lost)
        self._owned = dict(share.owned)
        self._assignment.gain(share.owned)

    def _busy(self) -> set[TopicPartition]:
        """Partitions with a batch in hand; one that must go gets a lease's time to finish it."""
        now = time.monotonic()
        return {
            source
            for source, one in self._assignment.held.items()
            if one.ready and one.handed_out
            and now - self._leaving.get(source, now) < self._lease_seconds
        }  # fmt: skip

    def _note_leaving(self, leaving: Collection[TopicPartition]) -> None:
        now = time.monotonic()
        self._leaving = {source: self._leaving.get(source, now) for source in leaving}

    async def _open(self, source: TopicPartition) -> Opened:
        ownership = self._owned[source]
        committed, (begin, end) = await self._file.read(
            lambda db: (
                groups.committed(db, self._member.group, ownership.partition_id),
                offsets(db, [ownership.partition_id])[ownership.partition_id],
            )
        )
        if committed is not None:
            return Opened(committed, committed.offset)
        return Opened(None, begin if self._start == "earliest" else end)

    async def _close(self, source: TopicPartition) -> None:
        """Nothing to close: ownership lives in the file."""

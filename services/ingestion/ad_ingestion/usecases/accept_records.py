"""Accepts a body of records.

The order of effects, so that nothing is lost or doubled wherever the process dies:
1. The Parquet file goes to the lake under the id of the batch. Nobody sees it yet.
2. One transaction makes it count: the file, the counters, the rejections (in the outbox), the receipt for the
   Idempotency-Key, and a note that the batch is not published. Before it nothing has happened, and the sender,
   who has no answer, sends again; after it the records are accepted, whatever follows.
3. The messages are published, and the answer is given.
4. The note is struck off with the next transaction, or within a second. A note that survives its process is taken
   up by another one, which looks in the log for the messages of the batch and publishes those that are missing.
"""

import asyncio
import hashlib
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from ad_chassis.errors import (
    BadRequest,
    Conflict,
    PayloadTooLarge,
    Unavailable,
    Unprocessable,
    UnsupportedMediaType,
)
from ad_chassis.tenants import QuotaExceeded
from ad_data.errors import ReadError, UnsupportedFormatError
from ad_ingestion.domain.batches import KeptReceipt, NewBatch, Receipt, receipt_of
from ad_ingestion.domain.dead_letters import DeadLetter
from ad_ingestion.domain.inflate import DamagedBody, InflatesTooMuch, UnknownEncoding, inflated
from ad_ingestion.domain.lake import BATCH, LakeFile, lake_key, time_bounds, to_parquet
from ad_ingestion.domain.messages import Part, cut
from ad_ingestion.domain.sorting import NoRecords, Rejection, TooManyRecords, sort_records
from ad_ingestion.domain.streams import Stream, StreamKey
from ad_ingestion.ports import Lake, RecordLog, Store
from ad_ingestion.usecases.check_quotas import Gate
from ad_ingestion.usecases.find_stream import find_stream
from ad_ingestion.usecases.fix_schema import fix_schema
from ad_ingestion.usecases.mark_replayed import mark_replayed
from ad_ingestion.usecases.publish_batches import BatchPublisher

RECEIPT_MS = 24 * 3600 * 1000
ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Incoming:
    """A body as it came."""

    stream: StreamKey
    data: bytes
    content_type: str | None
    encoding: str | None = None
    idempotency_key: str | None = None
    replays: Sequence[DeadLetter] = ()
    """Per row, the dead letter that it replays; they are marked so in the transaction that accepts them."""


@dataclass(frozen=True, slots=True)
class Limits:
    max_rows: int
    max_inflated_bytes: int


@dataclass(frozen=True, slots=True)
class Prepared:
    """Everything that costs time, made off the event loop."""

    accepted: int
    rejections: list[Rejection]
    parts: list[Part]
    file: LakeFile | None
    parquet: bytes


class RecordAcceptor:
    def __init__(
        self, store: Store, lake: Lake, log: RecordLog, publisher: BatchPublisher, limits: Limits, gate: Gate
    ) -> None:
        self._store = store
        self._lake = lake
        self._log = log
        self._publisher = publisher
        self._limits = limits
        self._gate = gate
        self._streams: dict[StreamKey, Stream] = {}
        self._fixing: dict[StreamKey, asyncio.Lock] = {}
        self._committing: set[asyncio.Task[Receipt | None]] = set()

    async def accept(self, incoming: Incoming) -> Receipt:
        digest = _digest(incoming)
        for _ in range(ATTEMPTS):
            stream = await self._stream(incoming)
            kept = await self._kept(stream, incoming, digest)
            if kept is not None:
                return kept
            await self._gate.admit(stream.tenant)
            self._publisher.require_up_to_date(stream.key)
            receipt = await self._accept_at(stream, incoming, digest)
            if receipt is not None:
                return receipt
            # Somebody changed the stream meanwhile; nothing was stored.
            self._streams.pop(stream.key, None)
        raise Unavailable(
            f"stream {incoming.stream[1]!r} changes all the time; nothing was stored, try again"
        )

    async def _stream(self, incoming: Incoming) -> Stream:
        """From memory; a stale one is noticed in the transaction, by its revision."""
        key = incoming.stream
        known = self._streams.get(key)
        if known is not None:
            return known
        stream = await find_stream(self._store, key)
        if stream.schema is None:
            async with self._fixing.setdefault(key, asyncio.Lock()):
                stream = await find_stream(self._store, key)
                if stream.schema is None:
                    stream = await self._with_schema(stream, incoming)
        self._streams[key] = stream
        return stream

    async def _with_schema(self, stream: Stream, incoming: Incoming) -> Stream:
        """A body that would be refused must not leave a schema behind."""
        try:
            data = await asyncio.to_thread(
                inflated, incoming.data, incoming.encoding, self._limits.max_inflated_bytes
            )
            return await fix_schema(self._store, stream, data, incoming.content_type)
        except REFUSALS as error:
            raise _refused(error) from error

    async def _kept(self, stream: Stream, incoming: Incoming, digest: str) -> Receipt | None:
        """The answer that this Idempotency-Key got before."""
        if incoming.idempotency_key is None:
            return None
        since_ms = _now_ms() - RECEIPT_MS
        async with self._store.transaction(stream.tenant, read_only=True) as work:
            kept = await work.receipt(stream, incoming.idempotency_key, since_ms)
        return None if kept is None else _checked(kept, digest)

    async def _accept_at(self, stream: Stream, incoming: Incoming, digest: str) -> Receipt | None:
        """None when the stream is not at this revision any more."""
        accepted_ms = _now_ms()
        batch_id = f"{accepted_ms:011x}{secrets.token_hex(8)}"
        partitions = await self._log.partitions(stream.topic)
        try:
            prepared = await asyncio.to_thread(
                _prepare, stream, incoming, batch_id, accepted_ms, partitions, self._limits
            )
        except REFUSALS as error:
            raise _refused(error) from error
        await self._gate.count(stream.tenant, prepared.accepted + len(prepared.rejections))
        if prepared.file is not None:
            await self._lake.put(prepared.file.key, prepared.parquet)
        receipt = receipt_of(batch_id, prepared.accepted, prepared.rejections)
        batch = NewBatch(
            batch_id,
            accepted_ms,
            prepared.file,
            await self._log.reached(stream.topic),
            prepared.rejections,
            incoming.content_type,
            [letter.event_id for letter in incoming.replays],
        )
        # A sender who hangs up must not stop a batch between its commit and its publication.
        commit = asyncio.create_task(self._commit(stream, batch, prepared.parts, receipt, incoming, digest))
        self._committing.add(commit)
        commit.add_done_callback(self._committing.discard)
        try:
            stored = await asyncio.shield(commit)
        except QuotaExceeded:
            if prepared.file is not None:
                await self._lake.delete(prepared.file.key)
            raise
        if stored is not receipt and prepared.file is not None:
            await self._lake.delete(prepared.file.key)
        if prepared.rejections and stored is receipt:
            await self._store.tell()
        return stored

    async def _commit(
        self,
        stream: Stream,
        batch: NewBatch,
        parts: list[Part],
        receipt: Receipt,
        incoming: Incoming,
        digest: str,
    ) -> Receipt | None:
        key = incoming.idempotency_key
        finished = self._publisher.finished(stream.tenant)
        async with self._publisher.in_order(stream.key):
            self._publisher.require_up_to_date(stream.key)
            async with self._store.transaction(stream.tenant) as work:
                # This locks the row of the stream, so of two requests with one key the second sees the first.
                if not await work.count_batch(stream, receipt.accepted, receipt.rejected):
                    return None
                if key is not None:
                    kept = await work.receipt(stream, key, batch.accepted_ms - RECEIPT_MS)
                    if kept is not None:
                        await work.count_batch(stream, -receipt.accepted, -receipt.rejected)
                        return _checked(kept, digest)
                    await work.keep_receipt(stream, KeptReceipt(key, digest, receipt), batch.accepted_ms)
                if batch.file is not None:
                    await self._gate.check_file(work, stream.tenant, batch.file.size_bytes)
                await mark_replayed(work, incoming.replays, batch.accepted_ms)
                stored = await work.add_batch(stream, batch, self._publisher.owner)
                await work.published(finished)
            self._publisher.struck_off(finished)
            if stored is not None:
                await self._publisher.publish(stored, parts, stream.revision)
        return receipt


def _prepare(
    stream: Stream, incoming: Incoming, batch_id: str, accepted_ms: int, partitions: int, limits: Limits
) -> Prepared:
    if stream.schema is None:
        raise NoRecords("the stream has no schema yet")
    data = inflated(incoming.data, incoming.encoding, limits.max_inflated_bytes)
    found = sort_records(
        data, incoming.content_type, stream.schema, arrival_ms=accepted_ms, max_rows=limits.max_rows
    )
    frame = found.accepted
    if frame.is_empty():
        return Prepared(0, found.rejections, [], None, b"")
    parts = cut(frame, stream.name, stream.schema, partitions)
    parquet = to_parquet(frame.with_columns(pl.lit(batch_id).alias(BATCH)))
    first_ms, last_ms = time_bounds(frame)
    key = lake_key(stream.tenant, stream.name, batch_id, accepted_ms)
    file = LakeFile(key, frame.height, len(parquet), first_ms, last_ms, accepted_ms)
    return Prepared(frame.height, found.rejections, parts, file, parquet)


REFUSALS = (ReadError, NoRecords, TooManyRecords, UnknownEncoding, InflatesTooMuch, DamagedBody)


def _refused(error: Exception) -> Exception:
    """What the sender is told of a body that cannot be taken at all."""
    if isinstance(error, UnsupportedFormatError | UnknownEncoding):
        return UnsupportedMediaType(str(error))
    if isinstance(error, TooManyRecords | InflatesTooMuch):
        return PayloadTooLarge(str(error))
    if isinstance(error, NoRecords):
        return Unprocessable(str(error))
    return BadRequest(str(error))


def _digest(incoming: Incoming) -> str:
    if incoming.idempotency_key is None:
        return ""
    digest = hashlib.sha256((incoming.content_type or "").encode() + b"\0")
    digest.update(incoming.data)
    return digest.hexdigest()


def _checked(kept: KeptReceipt, digest: str) -> Receipt:
    if kept.body_sha256 != digest:
        raise Conflict(
            f"the Idempotency-Key {kept.key[:80]!r} was used for another body within the last 24 hours; "
            "use a new key for new records"
        )
    return kept.receipt


def _now_ms() -> int:
    return time.time_ns() // 1_000_000

"""Ways to do it wrong. The audit is worth something only if it notices each of them."""

import asyncio
from typing import Any
from uuid import uuid4

import msgspec
from aiokafka import AIOKafkaProducer
from aiokafka import TopicPartition as KafkaPartition
from aiokafka.errors import KafkaTimeoutError
from aiokafka.structs import OffsetAndMetadata, RecordMetadata

from ad_detection.api.consumers import RecordHandler
from ad_detection.domain.bookmark import Bookmark
from ad_detection.usecases.score_partition import PartitionScorer
from tests.faults.points import of_records, replace


def commit_before_scoring(bootstrap: str, group: str) -> None:
    """As auto-commit does: the offset of a batch stands committed before anything of it is scored."""
    handle, lock = RecordHandler.handle, asyncio.Lock()
    metadata: dict[Any, str] = {}
    early: list[Any] = []

    async def commit(source: Any, offset: int) -> None:
        if not early:
            early.append(
                AIOKafkaProducer(bootstrap_servers=bootstrap, transactional_id=f"early-{uuid4().hex}")
            )
            await early[0].start()
        async with early[0].transaction():
            note = OffsetAndMetadata(offset, metadata.get(source, ""))
            await early[0].send_offsets_to_transaction({KafkaPartition(*source): note}, group)

    async def wrong(self: RecordHandler, batch: Any) -> Any:
        async with lock:
            await commit(batch.source, batch.next_offset)
        outcome = await handle(self, batch)
        metadata[batch.source] = outcome.metadata
        return outcome

    replace(RecordHandler, "handle", wrong)


def fail_some_sends(every: int) -> None:
    """Each so-manieth batch of outputs does not reach the broker, and its future says so."""
    send_batch, count = AIOKafkaProducer.send_batch, 0

    async def failing(self: Any, *args: Any, **options: Any) -> Any:
        nonlocal count
        if of_records(self):
            count += 1
            if count % every == 0:
                failed = asyncio.get_running_loop().create_future()
                failed.set_exception(KafkaTimeoutError())
                return failed
        return await send_batch(self, *args, **options)

    replace(AIOKafkaProducer, "send_batch", failing)


def await_no_send() -> None:
    """Takes every send for delivered at once; how it really ended is never looked at."""
    send_batch = AIOKafkaProducer.send_batch

    async def careless(self: Any, batch: Any, topic: str, *, partition: int) -> Any:
        sent = await send_batch(self, batch, topic, partition=partition)
        if not of_records(self):
            return sent
        sent.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
        believed = asyncio.get_running_loop().create_future()
        believed.set_result(RecordMetadata(topic, partition, KafkaPartition(topic, partition), 0, 0, 0, 0))
        return believed

    replace(AIOKafkaProducer, "send_batch", careless)


def skip_snapshots() -> None:
    """Opens a partition with an empty state, whatever was learnt before."""
    on_assigned = RecordHandler.on_assigned

    async def forgetful(self: RecordHandler, source: Any, _committed: Any) -> None:
        await on_assigned(self, source, None)

    replace(RecordHandler, "on_assigned", forgetful)


def forget_switches() -> None:
    """Replays what is between snapshot and offset by the rules of the snapshot, whatever was promoted since."""
    rebuild = PartitionScorer._rebuild

    async def forgetful(self: PartitionScorer, bookmark: Bookmark, committed_offset: int) -> None:
        await rebuild(self, msgspec.structs.replace(bookmark, switches=()), committed_offset)

    replace(PartitionScorer, "_rebuild", forgetful)

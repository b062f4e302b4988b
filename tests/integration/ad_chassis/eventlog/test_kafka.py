"""The event log on a real Kafka keeps the promises of every event log."""

import asyncio
import uuid
from contextlib import AsyncExitStack

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka import TopicPartition as KafkaPartition
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic, RecordsToDelete

from ad_chassis.eventlog.kafka import KafkaLog
from ad_chassis.eventlog.kafka_consumer import KafkaConsumer
from ad_chassis.eventlog.port import Consumer, EventLog, TopicPartition
from tests.specs.ages import AgeSpec
from tests.specs.event_log import EventLogSpec
from tests.specs.event_log_case import EventLogCase, Listener, eventually, messages, shown, take, values
from tests.specs.oversize import Growing, OversizeSpec
from tests.specs.run_loop import RunLoopSpec


class OnKafka(EventLogCase):
    @pytest.fixture(autouse=True)
    def _address(self, kafka_bootstrap: str) -> None:
        self.address = kafka_bootstrap

    async def connect(self) -> EventLog:
        return KafkaLog(self.address, session_timeout_ms=2000, metadata_max_age_ms=200)

    def freeze(self, consumer: Consumer) -> None:
        assert isinstance(consumer, KafkaConsumer)

        async def heartbeat_that_never_leaves() -> bool:
            return True

        consumer._consumer._coordinator._do_heartbeat = heartbeat_that_never_leaves


class TestKafkaLog(OnKafka, EventLogSpec):
    """See the specification; what only Kafka has comes here."""

    @pytest.mark.parametrize("codec", ["gzip", "snappy", "lz4", "zstd"])
    async def test_what_other_producers_compress_is_read(
        self, log: EventLog, stack: AsyncExitStack, codec: str
    ) -> None:
        topic = await self.topic(log)
        async with AIOKafkaProducer(bootstrap_servers=self.address, compression_type=codec) as producer:
            sent = [producer.send(topic, b"value %d" % number, partition=0) for number in range(300)]
            await asyncio.gather(*[await sending for sending in sent])
        member = await self.member(stack, log, uuid.uuid4().hex, topic)
        assert values(await take(member, 300)) == [f"value {number}" for number in range(300)]

    async def test_records_that_retention_deleted_first_do_not_stop_those_that_follow(
        self, log: EventLog, stack: AsyncExitStack, caplog: pytest.LogCaptureFixture
    ) -> None:
        topic, group = await self.topic(log), uuid.uuid4().hex
        await log.publish(messages(topic, "abcdef"))
        first = await self.member(stack, log, group, topic)
        [batch] = await take(first, 1, max_records=1)
        await first.commit(batch, [])
        await first.stop()
        admin = AIOKafkaAdminClient(bootstrap_servers=self.address)
        await admin.start()
        stack.push_async_callback(admin.close)
        await admin.delete_records({KafkaPartition(topic, 0): RecordsToDelete(before_offset=4)})
        second = await self.member(stack, log, group, topic)
        assert values(await take(second, 2)) == ["e", "f"]
        assert "has no offset 1 any more; it goes on at 4" in caplog.text

    async def test_a_commit_that_kafka_acknowledged_and_lost_is_told(
        self, log: EventLog, stack: AsyncExitStack, caplog: pytest.LogCaptureFixture
    ) -> None:
        topic, group = await self.topic(log), uuid.uuid4().hex
        await log.publish(messages(topic, "abcdef"))
        member = await self.member(stack, log, group, topic)
        [batch] = await take(member, 5, max_records=5)
        await member.commit(batch, [])
        await member.rewind(batch.source)
        assert "Kafka acknowledged" not in caplog.text
        [batch] = await take(member, 1)
        await member.commit(batch, [])
        # By another producer, which is how it looks to a member when the end of its own transaction is missing.
        producer = AIOKafkaProducer(bootstrap_servers=self.address, transactional_id=uuid.uuid4().hex)
        async with producer, producer.transaction():
            await producer.send_offsets_to_transaction({KafkaPartition(topic, 0): 2}, group)
        await member.rewind(batch.source)
        assert values(await take(member, 4)) == ["c", "d", "e", "f"]
        assert "up to offset 6 and has 2 now" in caplog.text


class TestRunLoopOnKafka(OnKafka, RunLoopSpec):
    """See the specification."""


class TestAgesOnKafka(OnKafka, AgeSpec):
    """Outputs are sent before the commit."""

    steps = frozenset({"poll", "send"})


class TestOversizeOnKafka(OnKafka, OversizeSpec):
    """See the specification; a broker and its topics have limits of their own."""

    async def test_what_the_broker_finds_too_large_is_set_aside_too(
        self, log: EventLog, stack: AsyncExitStack
    ) -> None:
        topic, dead, out = await self.topic(log), await self.topic(log), f"t.{uuid.uuid4().hex}"
        admin = AIOKafkaAdminClient(bootstrap_servers=self.address)
        await admin.start()
        stack.push_async_callback(admin.close)
        await admin.create_topics([NewTopic(out, 1, 1, topic_configs={"max.message.bytes": "20000"})])
        await log.publish(messages(topic, [*"abcde", "big", *"fgh"]))
        loop = await self.run(stack, log, topic, Growing(out, bytes(30_000)), dead)
        assert await shown(log, out, 8) == ["a1", "b2", "c3", "d4", "e5", "f6", "g7", "h8"]
        [record] = await self.letters(stack, log, dead, 1)
        assert record.value == b"big"
        assert b"MessageSizeTooLargeError" in dict(record.headers)["reason"]
        await loop.check()


class TestRunLoopAtLeastOnceOnKafka(OnKafka, RunLoopSpec):
    """What holds while nothing breaks, and after failures that are told, is the same."""

    delivery = "at_least_once"


class TestStaticMembers(OnKafka):
    """Members with a name of their own, which a restart keeps."""

    async def named(
        self,
        stack: AsyncExitStack,
        name: str | None,
        group: str,
        topic: str,
        listener: Listener | None = None,
    ) -> KafkaConsumer:
        log = KafkaLog(self.address, session_timeout_ms=2000, metadata_max_age_ms=200, instance_id=name)
        await log.start()
        stack.push_async_callback(log.stop)
        member = await self.member(stack, log, group, topic, listener)
        assert isinstance(member, KafkaConsumer)
        return member

    async def two(
        self, stack: AsyncExitStack, group: str, topic: str, names: tuple[str | None, str | None]
    ) -> tuple[Listener, KafkaConsumer, KafkaConsumer]:
        """Two members that have half of the partitions each, and what the first was told."""
        told = Listener()
        first = await self.named(stack, names[0], group, topic, told)
        await eventually(lambda: len(told.assigned) == 4)
        second = await self.named(stack, names[1], group, topic)
        await eventually(
            lambda: len(first.assignment()) == len(second.assignment()) == len(told.revoked) == 2
        )
        return told, first, second

    async def test_one_that_is_back_within_its_session_has_its_partitions_and_disturbs_nobody(
        self, log: EventLog, stack: AsyncExitStack
    ) -> None:
        topic, group = await self.topic(log, 4), uuid.uuid4().hex
        told, first, second = await self.two(stack, group, topic, ("one", "two"))
        before, generation = second.assignment(), first._consumer._coordinator.generation
        told.revoked.clear()
        await second.stop()
        assert second.assignment() == frozenset()
        again = await self.named(stack, "two", group, topic)
        await eventually(lambda: again.assignment() == before)
        # A rebalance would have made it a member of the next generation.
        assert again._consumer._coordinator.generation == generation
        assert (told.revoked, len(first.assignment())) == ([], 2)

    async def test_one_that_stays_away_longer_is_replaced(self, log: EventLog, stack: AsyncExitStack) -> None:
        topic, group = await self.topic(log, 4), uuid.uuid4().hex
        _, first, second = await self.two(stack, group, topic, ("one", "two"))
        await second.stop()
        assert len(first.assignment()) == 2
        await eventually(lambda: len(first.assignment()) == 4)

    async def test_new_partitions_are_noticed_after_the_leader_was_restarted(
        self, log: EventLog, stack: AsyncExitStack
    ) -> None:
        topic, group = await self.topic(log, 4), uuid.uuid4().hex
        _, first, second = await self.two(stack, group, topic, ("one", "two"))
        await first.stop()
        again = await self.named(stack, "one", group, topic)
        await eventually(lambda: len(again.assignment()) == 2)
        admin = AIOKafkaAdminClient(bootstrap_servers=self.address)
        await admin.start()
        stack.push_async_callback(admin.close)
        await admin.create_partitions({topic: NewPartitions(6)})
        await eventually(lambda: len(again.assignment()) + len(second.assignment()) == 6)
        assert again.assignment() | second.assignment() == {
            TopicPartition(topic, number) for number in range(6)
        }

    async def test_what_stays_at_a_member_is_neither_revoked_nor_opened_again(
        self, log: EventLog, stack: AsyncExitStack
    ) -> None:
        topic, group = await self.topic(log, 4), uuid.uuid4().hex
        told, first, second = await self.two(stack, group, topic, (None, None))
        kept = first.assignment()
        assert set(told.revoked) == {TopicPartition(topic, number) for number in range(4)} - kept
        await second.stop()
        await eventually(lambda: len(told.assigned) == 6)
        assert set(told.revoked).isdisjoint(kept)
        opened = [source for source, _ in told.assigned]
        assert [opened.count(source) for source in sorted(kept)] == [1, 1]

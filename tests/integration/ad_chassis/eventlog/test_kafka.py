"""The event log on a real Kafka keeps the promises of every event log."""

import asyncio
import uuid
from contextlib import AsyncExitStack

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka import TopicPartition as KafkaPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from ad_chassis.eventlog.kafka import KafkaLog
from ad_chassis.eventlog.kafka_consumer import KafkaConsumer
from ad_chassis.eventlog.port import Consumer, EventLog
from tests.specs.event_log import EventLogSpec
from tests.specs.event_log_case import EventLogCase, messages, take, values
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


class TestRunLoopOnKafka(OnKafka, RunLoopSpec):
    """See the specification."""


class TestRunLoopAtLeastOnceOnKafka(OnKafka, RunLoopSpec):
    """What holds while nothing breaks, and after failures that are told, is the same."""

    delivery = "at_least_once"

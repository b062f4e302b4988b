"""The event log on a real Kafka keeps the promises of every event log."""

import pytest

from ad_chassis.eventlog.kafka import KafkaLog
from ad_chassis.eventlog.kafka_consumer import KafkaConsumer
from ad_chassis.eventlog.port import Consumer, EventLog
from tests.specs.event_log import EventLogSpec
from tests.specs.event_log_case import EventLogCase
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
    """See the specification."""


class TestRunLoopOnKafka(OnKafka, RunLoopSpec):
    """See the specification."""

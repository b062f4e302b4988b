"""The state machine of every event log, on a real Kafka: fewer steps, since a group takes its time."""

import asyncio
from typing import ClassVar
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, Phase, settings

from ad_chassis.eventlog.kafka import KafkaLog
from ad_chassis.eventlog.kafka_consumer import KafkaConsumer
from tests.specs.event_log_case import eventually
from tests.specs.event_log_machine import PARTITIONS, LogMachine

SESSION_MS = 1500


class KafkaMachine(LogMachine):
    address: ClassVar[str]
    poll_seconds = 0.3
    log: KafkaLog

    def new_log(self) -> KafkaLog:
        mark = uuid4().hex[:8]
        self.records, self.out, self.group = f"in.{mark}", f"out.{mark}", f"g.{mark}"
        return KafkaLog(self.address, session_timeout_ms=SESSION_MS, metadata_max_age_ms=200)

    async def expire(self, member: KafkaConsumer) -> None:
        """No heartbeat leaves it until its session is over."""

        async def heartbeat_that_never_leaves() -> bool:
            return True

        member._consumer._coordinator._do_heartbeat = heartbeat_that_never_leaves
        await asyncio.sleep(SESSION_MS * 1.5 / 1000)

    async def settled(self, member: KafkaConsumer) -> None:
        vars(member._consumer._coordinator).pop("_do_heartbeat", None)
        fair = PARTITIONS // len(self.members)
        held = member._assignment.held
        await eventually(lambda: len(held) >= fair and all(one.ready for one in held.values()))


@pytest.fixture(autouse=True)
def _address(kafka_bootstrap: str) -> None:
    KafkaMachine.address = kafka_bootstrap


TestKafkaMachine = KafkaMachine.TestCase
TestKafkaMachine.settings = settings(
    max_examples=6,
    stateful_step_count=15,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)

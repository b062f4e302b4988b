"""What is known over any event log of how long records wait."""

import asyncio
import time
import uuid
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import replace

from ad_chassis.eventlog.handler import SilentObserver
from ad_chassis.eventlog.port import EventLog, Message, TopicPartition
from ad_chassis.eventlog.runloop import RunLoop
from tests.specs.event_log_case import EventLogCase, eventually, take
from tests.specs.run_loop import QUICK, Upper


class Ages(SilentObserver):
    """Remembers what was told last of the age of records, and which steps were told of."""

    def __init__(self) -> None:
        self.seconds: dict[TopicPartition, float] = {}
        self.steps: set[str] = set()

    def aged(self, group: str, age_seconds: Mapping[TopicPartition, float]) -> None:
        self.seconds = dict(age_seconds)

    def step(self, topic: str, name: str, seconds: float) -> None:
        self.steps.add(name)

    def of(self, topic: str, partition: int) -> float:
        return self.seconds.get(TopicPartition(topic, partition), -1.0)


class AgeSpec(EventLogCase):
    steps = frozenset({"poll"})
    """That are told of, beside handling and committing."""

    async def test_the_age_of_what_is_in_hand_or_waits_is_told(
        self, log: EventLog, stack: AsyncExitStack
    ) -> None:
        topic, out, ages = await self.topic(log, 2), await self.topic(log), Ages()
        old_ms = time.time_ns() // 1_000_000 - 60_000
        late = [Message(topic, value, partition=0, timestamp_ms=old_ms) for value in (b"a", b"b")]
        await log.publish(late)
        handler = Upper(out)
        handler.gate.clear()
        settings = replace(QUICK, lag_every_seconds=0.05)
        loop = RunLoop(log, uuid.uuid4().hex, [topic], handler, settings, observer=ages)
        await loop.start()
        stack.push_async_callback(loop.stop)
        await eventually(lambda: ages.of(topic, 0) >= 60.0)
        assert ages.of(topic, 0) < 120.0
        assert ages.of(topic, 1) == 0.0
        handler.gate.set()
        await eventually(lambda: ages.of(topic, 0) == 0.0)
        assert ages.steps == self.steps

    async def test_the_age_of_what_waits_for_room_is_told(self, log: EventLog, stack: AsyncExitStack) -> None:
        topic = await self.topic(log)
        old_ms = time.time_ns() // 1_000_000 - 60_000
        await log.publish([Message(topic, b"a", partition=0, timestamp_ms=old_ms)])
        member = await self.member(stack, log, uuid.uuid4().hex, topic)
        await eventually(lambda: bool(member.assignment()))
        member.pause(TopicPartition(topic, 0))
        async with asyncio.timeout(10):
            while not (known := await member.oldest_waiting_ms()):
                await asyncio.sleep(0.02)
        assert known == {TopicPartition(topic, 0): old_ms}
        member.resume(TopicPartition(topic, 0))
        await take(member, 1)
        assert await member.oldest_waiting_ms() == {}

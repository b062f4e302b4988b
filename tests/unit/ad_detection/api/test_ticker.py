"""Ticks on their way into the log."""

import asyncio

from ad_chassis.eventlog.errors import Transient
from ad_chassis.eventlog.port import Message, TopicPartition
from ad_detection.api.ticker import Ticker
from ad_detection.domain.ticks import Tick, decoded, is_tick
from ad_detection.usecases.keep_ticking import Ticks
from tests.support.records import Stored

HERE, THERE = TopicPartition("records.a", 3), TopicPartition("records.b", 0)


class Log:
    """Takes nothing for `records.a`."""

    def __init__(self) -> None:
        self.taken: list[Message] = []

    async def publish(self, messages: list[Message]) -> None:
        for message in messages:
            if message.topic == HERE.topic:
                raise Transient("not allowed to write")
            self.taken.append(message)


async def test_a_tick_goes_into_its_partition_and_one_that_is_refused_keeps_no_other_back() -> None:
    now = 0.0
    ticks, log = Ticks(lambda: now), Log()
    for source in (HERE, THERE):
        ticks.opened(source, 5, {"meters": 1.0})
    now = 2.5
    await Ticker(log, ticks, lambda: 77).tick()
    [message] = log.taken
    assert (message.topic, message.partition, message.timestamp_ms) == ("records.b", 0, 77)
    record = Stored(9, message.value, message.headers)
    assert is_tick(record)
    assert decoded(record) == Tick(5, {"meters": 2_500})


async def test_nothing_runs_before_the_start_or_after_the_stop() -> None:
    ticker = Ticker(Log(), Ticks(), lambda: 0)
    running = asyncio.all_tasks()
    await ticker.stop()
    await ticker.start()
    assert len(asyncio.all_tasks() - running) == 1
    await ticker.stop()
    assert asyncio.all_tasks() == running

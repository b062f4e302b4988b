"""The feed out of the event log."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import pytest

from ad_chassis.eventlog.embedded import EmbeddedLog
from ad_chassis.eventlog.port import Message, TopicConfig
from ad_contracts.codec import codec_for
from ad_contracts.errors import RegistryError
from ad_gateway.adapters.log_feed import LINGER_SECONDS, LogFeed, TenantTail
from tests.support.anomalies import anomaly

TOPIC = "anomalies.default"


@pytest.fixture
async def log(tmp_path: Path) -> AsyncIterator[EmbeddedLog]:
    log = EmbeddedLog(tmp_path / "log.sqlite")
    await log.start()
    await log.create_topics({TOPIC: TopicConfig(2)})
    yield log
    await log.stop()


async def publish(log: EmbeddedLog, numbers: Iterable[int]) -> None:
    codec = codec_for(None)
    await log.publish(
        [Message(TOPIC, codec.encode(anomaly(number)), str(number).encode()) for number in numbers]
    )


async def filled(tail: TenantTail, count: int) -> None:
    async with asyncio.timeout(10):
        while tail.ring.following < count:
            await asyncio.sleep(0.01)


class Waked:
    """Counts how often, and how much of the ring was new to it at most."""

    def __init__(self, tail: TenantTail) -> None:
        self.tail, self.seen, self.most, self.times = tail, tail.ring.following, 0, 0

    def wake(self) -> None:
        self.times += 1
        self.most = max(self.most, self.tail.ring.following - self.seen)
        self.seen = self.tail.ring.following


async def test_a_tail_begins_before_the_end_for_those_who_come_from_another_gateway(log: EmbeddedLog) -> None:
    await publish(log, range(100))
    feed = LogFeed(log, codec_for(None), ring_size=20)
    tail = await feed.tail("default")
    await filled(tail, 20)
    ends = await log.end_offsets(TOPIC)
    assert tail.now == ends
    assert tail.ring.begin == {partition: end - 10 for partition, end in ends.items()}
    await feed.stop()


async def test_new_ones_begin_at_the_end_also_while_the_ring_is_being_filled(log: EmbeddedLog) -> None:
    await publish(log, range(10))
    feed = LogFeed(log, codec_for(None), ring_size=20)
    tail = await feed.tail("default")
    assert tail.now == await log.end_offsets(TOPIC)
    await feed.stop()


async def test_a_tenant_without_a_topic_yet_is_followed_from_its_first_anomaly(log: EmbeddedLog) -> None:
    feed = LogFeed(log, codec_for(None), ring_size=20)
    tail = await feed.tail("acme")
    assert tail.now == {}
    await feed.stop()


async def test_a_large_batch_comes_in_parts_that_no_one_who_keeps_up_can_miss(log: EmbeddedLog) -> None:
    feed = LogFeed(log, codec_for(None), ring_size=6)
    tail = await feed.tail("default")
    clients = [Waked(tail) for _ in range(250)]
    for client in clients:
        tail.join(client)
    tail.leave(clients.pop())
    await publish(log, range(50))
    await filled(tail, 50)
    async with asyncio.timeout(10):
        while clients[-1].seen < 50:
            await asyncio.sleep(0.01)
    assert max(client.most for client in clients) <= 3
    await feed.stop()


async def test_a_registry_that_does_not_answer_delays_the_feed_and_loses_nothing(
    log: EmbeddedLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    codec, failures = codec_for(None), [RegistryError("no answer"), RegistryError("no answer")]

    async def learn(_: object) -> None:
        if failures:
            raise failures.pop()

    monkeypatch.setattr("ad_gateway.adapters.log_feed.POLL_SECONDS", 0.01)
    monkeypatch.setattr(codec, "learn", learn)
    feed = LogFeed(log, codec, ring_size=20)
    tail = await feed.tail("default")
    await publish(log, range(3))
    await filled(tail, 3)
    assert failures == []
    await feed.stop()


async def test_a_failure_that_nobody_thought_of_neither_ends_the_feed_nor_loses_what_was_in_hand(
    log: EmbeddedLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Failing:
        """Fails while more is in hand than it was waked for."""

        times = 0

        def wake(self) -> None:
            self.times += 1
            if self.times == 1:
                raise ZeroDivisionError

    monkeypatch.setattr("ad_gateway.adapters.log_feed.POLL_SECONDS", 0.01)
    feed = LogFeed(log, codec_for(None), ring_size=20)
    tail = await feed.tail("default")
    tail.join(Failing())
    await publish(log, range(15))
    await filled(tail, 15)
    await publish(log, range(15, 20))
    await filled(tail, 20)
    places = [tail.ring[number].place for number in range(20)]
    assert len(set(places)) == 20
    assert tail.ring.end == await log.end_offsets(TOPIC)
    await feed.stop()


async def test_history_is_what_stands_between_two_places(log: EmbeddedLog) -> None:
    await publish(log, range(20))
    feed = LogFeed(log, codec_for(None), ring_size=2)
    ends = await log.end_offsets(TOPIC)
    found = [place async for place, _ in feed.history("default", {0: 1}, ends)]
    assert found == [(0, n) for n in range(2, ends[0] + 1)] + [(1, n) for n in range(1, ends[1] + 1)]


async def test_a_tenant_that_all_clients_left_is_no_longer_followed_when_another_comes(
    log: EmbeddedLog,
) -> None:
    now = 0.0
    feed = LogFeed(log, codec_for(None), ring_size=2, clock=lambda: now)
    left, used = await feed.tail("left"), await feed.tail("used")
    used.join(Waked(used))
    now = LINGER_SECONDS - 1
    back = await feed.tail("back")
    assert await feed.tail("left") is left
    now = LINGER_SECONDS
    await feed.tail("new")
    assert await feed.tail("used") is used
    assert await feed.tail("back") is back
    assert await feed.tail("left") is not left
    await feed.stop()

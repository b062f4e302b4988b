"""Taking what was read ahead; the fetching itself is proved on a real Kafka."""

import asyncio
from types import SimpleNamespace

import pytest

from ad_chassis.eventlog.errors import Transient
from ad_chassis.eventlog.kafka_chunk import Chunk
from ad_chassis.eventlog.kafka_client import KafkaOptions
from ad_chassis.eventlog.kafka_fetch import KafkaFetch
from ad_chassis.eventlog.port import TopicPartition
from tests.unit.ad_chassis.eventlog.test_kafka_chunk import batch, values

GOOD, BAD = TopicPartition("t", 0), TopicPartition("t", 1)


async def first_offset(source: TopicPartition) -> int:
    return 0


@pytest.fixture
def fetch() -> KafkaFetch:
    fetch = KafkaFetch(KafkaOptions("nowhere:1"), asyncio.Event(), first_offset)
    fetch._client = SimpleNamespace(add_topic=lambda topic: None)
    for source in (GOOD, BAD):
        fetch.follow(source, 0)
    damaged = bytearray(batch(0, [b"abc"]))
    damaged[-3] ^= 1
    fetch._keep(GOOD, Chunk(0, batch(0, [b"a", b"b"]), None))
    fetch._keep(BAD, Chunk(0, bytes(damaged), None))
    return fetch


async def test_what_was_taken_is_not_lost_with_a_partition_that_fails_after_it(fetch: KafkaFetch) -> None:
    [taken] = fetch.take_some([GOOD, BAD], 10)
    assert (taken.source, values(taken.records), fetch.position(GOOD)) == (GOOD, [b"a", b"b"], 2)
    assert fetch.position(BAD) == 0


async def test_a_failure_before_anything_was_taken_is_raised_and_takes_nothing(fetch: KafkaFetch) -> None:
    with pytest.raises(Transient, match="checksum"):
        fetch.take_some([BAD, GOOD], 10)
    assert (fetch.position(GOOD), fetch.position(BAD)) == (0, 0)


async def test_no_more_is_taken_than_asked_for_in_all(fetch: KafkaFetch) -> None:
    [taken] = fetch.take_some([GOOD, BAD], 1)
    assert values(taken.records) == [b"a"]


async def test_what_came_meanwhile_is_taken_at_once(fetch: KafkaFetch) -> None:
    fetch._keep(GOOD, Chunk(2, batch(2, [b"c"]) + batch(3, [b"d", b"e"]), None))
    assert values(fetch.take(GOOD, 4)) == [b"a", b"b", b"c", b"d"]
    assert (values(fetch.take(GOOD, 4)), fetch.position(GOOD)) == ([b"e"], 5)
    assert fetch.take(GOOD, 4) == []


async def test_damage_behind_good_records_is_told_after_they_are_taken(fetch: KafkaFetch) -> None:
    damaged = bytearray(batch(2, [b"abc"]))
    damaged[-3] ^= 1
    fetch._keep(GOOD, Chunk(2, bytes(damaged), None))
    assert values(fetch.take(GOOD, 10)) == [b"a", b"b"]
    assert fetch.position(GOOD) == 2
    fetch._keep(GOOD, Chunk(2, bytes(damaged), None))
    with pytest.raises(Transient, match="checksum"):
        fetch.take(GOOD, 10)
    fetch._keep(GOOD, Chunk(2, batch(2, [b"abc"]), None))
    assert values(fetch.take(GOOD, 10)) == [b"abc"]

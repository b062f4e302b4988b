"""What a group has committed, as brokers answer that are loading it or have handed it over."""

from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.protocol.commit import OffsetFetchResponse_v3

from ad_chassis.eventlog.errors import Transient
from ad_chassis.eventlog.kafka_client import KafkaOptions
from ad_chassis.eventlog.kafka_topics import KafkaTopics
from ad_chassis.eventlog.port import Committed, TopicPartition

SOURCE = TopicPartition("records.default", 2)
LOADING, OTHER_BROKER, UNSTABLE = 14, 16, 88


def answered(places: list[Any], error: int = 0) -> KafkaTopics:
    """Topics of a cluster whose brokers say this about a group."""

    async def send(_node: int, _request: object) -> OffsetFetchResponse_v3:
        return OffsetFetchResponse_v3(0, [(SOURCE.topic, places)] if places else [], error)

    async def find_coordinator(_group: str) -> int:
        return 1

    topics = KafkaTopics(KafkaOptions("nowhere:9092"))
    topics._admin = SimpleNamespace(find_coordinator=find_coordinator, _client=SimpleNamespace(send=send))
    return topics


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ((2, 300, "a bookmark", 0), Committed(300, "a bookmark")),
        ((2, 0, None, 0), Committed(0, "")),
        ((2, -1, "", 0), None),
    ],
)
async def test_what_is_committed_is_told(place: tuple[Any, ...], expected: Committed | None) -> None:
    assert await answered([place]).committed("detection", SOURCE) == expected


@pytest.mark.parametrize("error", [LOADING, OTHER_BROKER])
async def test_a_coordinator_that_does_not_know_is_not_taken_for_one_that_knows_of_nothing(
    error: int,
) -> None:
    with pytest.raises(Transient, match=r"what detection has committed of .* is not told"):
        await answered([], error).committed("detection", SOURCE)


async def test_an_error_of_the_partition_is_not_taken_for_an_offset() -> None:
    with pytest.raises(Transient, match="is not told"):
        await answered([(2, -1, "", UNSTABLE)]).committed("detection", SOURCE)

"""The partitions of topics, which others may delete or let grow."""

from types import SimpleNamespace

import pytest

from ad_chassis.errors import Conflict
from ad_ingestion.adapters.record_log import LogRecords


class Cluster:
    """An event log of which only the topics are asked."""

    def __init__(self, **there: int) -> None:
        self.there = there
        self.asked = 0

    async def topics(self) -> dict[str, int]:
        self.asked += 1
        return dict(self.there)

    async def end_offsets(self, topic: str) -> dict[int, int]:
        return dict.fromkeys(range(self.there[topic]), 7)


def records_of(cluster: Cluster) -> LogRecords:
    return LogRecords(cluster, SimpleNamespace())


async def test_partitions_are_asked_for_once_until_sizes_are_looked_at_again() -> None:
    cluster = Cluster(plant=2)
    log = records_of(cluster)
    assert [await log.partitions("plant") for _ in range(3)] == [2, 2, 2]
    assert cluster.asked == 1
    cluster.there["plant"] = 5
    assert await log.sizes() == {"plant": 5}
    assert await log.partitions("plant") == 5


async def test_a_topic_that_is_gone_is_told_with_what_to_do_until_it_is_back() -> None:
    cluster = Cluster(plant=2)
    log = records_of(cluster)
    await log.partitions("plant")
    del cluster.there["plant"]
    await log.sizes()
    with pytest.raises(Conflict, match="there is no topic 'plant' any more; create it again"):
        await log.partitions("plant")
    cluster.there["plant"] = 3
    assert await log.partitions("plant") == 3


async def test_offsets_of_a_topic_that_is_gone_are_not_those_of_the_next_of_its_name() -> None:
    cluster = Cluster(plant=1)
    log = records_of(cluster)
    assert await log.reached("plant") == {0: 7}
    cluster.there = {}
    await log.sizes()
    cluster.there = {"plant": 2}
    assert await log.reached("plant") == {0: 7, 1: 7}

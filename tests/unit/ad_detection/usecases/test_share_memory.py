"""Memory that goes from large tables to small ones."""

import asyncio
from pathlib import Path

import numpy as np
import pytest
import structlog

from ad_data.columns import Columns
from ad_detection.domain import residents
from ad_detection.domain.control import StreamSettings
from ad_detection.domain.judgement import judge_by_streaming
from ad_detection.domain.memory import Memory
from ad_detection.domain.state import PartitionState
from ad_detection.usecases.share_memory import share_memory
from tests.support.memory import Taken, limited
from tests.support.records import sensor_rule

NOW = 1_700_000_000_000


class Table:
    def __init__(self, size_bytes: int) -> None:
        self.using = asyncio.Lock()
        self.largest_bytes = size_bytes

    async def give_back(self) -> None:
        assert self.using.locked()
        self.largest_bytes -= self.largest_bytes // 4


@pytest.mark.parametrize(("hungry", "left"), [(None, 400), (100, 300), (199, 300), (200, 400)])
async def test_the_largest_gives_when_one_with_less_than_half_of_it_found_no_room(
    hungry: int | None, left: int, tmp_path: Path
) -> None:
    memory, tables = limited(tmp_path), [Table(80), Table(400)]
    memory.hungry_bytes = hungry
    await share_memory(memory, tables, NOW)
    assert [table.largest_bytes for table in tables] == [80, left]
    assert memory.hungry_bytes is None


async def test_tables_in_use_are_left_alone(tmp_path: Path) -> None:
    memory, table = limited(tmp_path), Table(400)
    memory.hungry_bytes = 10
    async with table.using:
        await share_memory(memory, [table], NOW)
    assert table.largest_bytes == 400


async def test_it_is_looked_once_a_second_and_also_when_the_clock_was_set_back(tmp_path: Path) -> None:
    memory, table = limited(tmp_path), Table(400)
    for now_ms, left in ((NOW, 300), (NOW + 999, 300), (NOW + 1_000, 225), (NOW - 3_600_000, 169)):
        memory.hungry_bytes = 10
        await share_memory(memory, [table], now_ms)
        assert table.largest_bytes == left


class Partition:
    """A stream of a partition, with as many entities in a batch as asked for."""

    rule = sensor_rule(settings=StreamSettings(algorithm="ewma"))

    def __init__(self, memory: Memory) -> None:
        self.using = asyncio.Lock()
        self.state = PartitionState(memory=memory)

    @property
    def largest_bytes(self) -> int:
        largest = self.state.largest
        return 0 if largest is None or largest.residents is None else largest.residents.resident_bytes

    async def give_back(self) -> None:
        if self.state.largest is not None:
            self.state.largest.give_back()

    def score(self, entities: int) -> None:
        place = np.arange(entities, dtype=np.int64)
        names, features = [f"e{number}" for number in range(entities)], np.zeros((entities, 1))
        columns = Columns(features, ("load",), place, place, place, names, place)
        judge_by_streaming(self.state, self.rule, columns)


async def test_a_partition_without_records_gives_to_one_with_many(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(residents, "FLOOR_BYTES", 10_000)
    memory = limited(tmp_path, 600_000)
    resting, busy = Partition(memory), Partition(memory)
    resting.score(2_000)
    had = resting.largest_bytes
    busy.score(300)
    before = busy.largest_bytes
    for second in range(20):
        await share_memory(memory, [resting, busy], NOW + 1_000 * second)
        busy.score(300)
        assert memory.total.resident_bytes <= 600_000
    assert had > 400_000 > 2 * before
    assert busy.largest_bytes > 200_000


async def test_a_limit_that_everything_else_takes_up_is_told_once_each_time(tmp_path: Path) -> None:
    process = Taken(resident=2_000_000)
    memory = limited(tmp_path, 1_000_000, process)
    with structlog.testing.capture_logs() as told:
        for second, resident in enumerate((2_000_000, 2_000_000, 500_000, 3_000_000)):
            process.resident = resident
            await share_memory(memory, [], NOW + 1_000 * second)
    assert [line["megabytes_beside_entities"] for line in told] == [2, 3]
    assert "raise DETECTION_MEMORY_MB" in told[0]["event"]

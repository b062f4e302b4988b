"""Joining small files of the lake."""

import polars as pl

from ad_ingestion.domain.lake import RecordQuery
from ad_ingestion.usecases.compact_lake import FEWEST_FILES, compact_lake, remove_replaced
from ad_ingestion.usecases.find_stream import find_stream
from ad_ingestion.usecases.read_records import read_records
from tests.support.ingestion import sensor_body


async def records(ingestion) -> pl.DataFrame:
    stream = await find_stream(ingestion.store, ("default", "sensors"))
    return pl.concat(
        [frame async for frame in read_records(ingestion.store, ingestion.lake, stream, RecordQuery())]
    )


async def test_small_files_become_one_and_nobody_sees_a_difference(ingestion) -> None:
    await ingestion.create()
    for number in range(FEWEST_FILES):
        await ingestion.accept(sensor_body(3, start=3 * number))
    await ingestion.publisher.flush()
    before = await records(ingestion)
    assert await compact_lake(ingestion.store, ingestion.lake) == FEWEST_FILES
    await ingestion.accept(sensor_body(3, start=1000))
    after = await records(ingestion)
    assert after.head(before.height).equals(before)
    assert after["load"].to_list()[-3:] == [1000.0, 1001.0, 1002.0]
    assert len(await ingestion.lake.list("lake")) == FEWEST_FILES + 2
    await remove_replaced(ingestion.store, ingestion.lake, keep_seconds=-1)
    assert len(await ingestion.lake.list("lake")) == 2
    assert (await records(ingestion)).equals(after)


async def test_few_files_and_files_that_wait_for_the_log_are_left_alone(ingestion) -> None:
    await ingestion.create()
    for _ in range(FEWEST_FILES):
        await ingestion.accept(sensor_body(1))
    # The last one is not struck off yet.
    assert await compact_lake(ingestion.store, ingestion.lake) == 0

"""Reading the lake."""

import polars as pl
import pytest

from ad_ingestion.domain.lake import LakeFile, RecordQuery
from ad_ingestion.usecases.find_stream import find_stream
from ad_ingestion.usecases.read_records import batches, read_records
from tests.support.ingestion import sensor_body

KEY = ("default", "sensors")


async def loads(ingestion, **query) -> list[float]:
    stream = await find_stream(ingestion.store, KEY)
    frames = [
        frame async for frame in read_records(ingestion.store, ingestion.lake, stream, RecordQuery(**query))
    ]
    return pl.concat(frames)["load"].to_list() if frames else []


@pytest.mark.parametrize(
    ("query", "first", "last"),
    [
        ({}, 0, 99),
        ({"limit": 25}, 0, 24),
        ({"latest": True, "limit": 25}, 75, 99),
        ({"latest": True, "limit": 1000}, 0, 99),
        ({"latest": True}, 0, 99),
    ],
)
async def test_records_come_in_the_order_of_their_acceptance(ingestion, query, first, last) -> None:
    await ingestion.create()
    for start in range(0, 100, 10):
        await ingestion.accept(sensor_body(10, start=start))
    assert await loads(ingestion, **query) == list(range(first, last + 1))


async def test_a_stream_without_a_schema_has_no_records(ingestion) -> None:
    await ingestion.create(schema=None)
    assert await loads(ingestion) == []


def test_no_more_files_are_fetched_first_than_may_be_enough() -> None:
    files = [LakeFile(str(number), 10, 0, 0, 0, 0) for number in range(100)]
    assert [len(each) for each in batches(files, 25)][:2] == [3, 32]
    assert sum(len(each) for each in batches(files, None)) == 100

"""Accepting bodies: each once, in order, with one schema."""

import asyncio
import io
import json

import polars as pl
import pytest

from ad_chassis.errors import Conflict
from ad_contracts.partitioning import partition_for, record_key
from ad_contracts.topics import topic
from ad_ingestion.domain.lake import RecordQuery
from ad_ingestion.usecases.change_stream import change_stream
from ad_ingestion.usecases.find_stream import find_stream
from ad_ingestion.usecases.read_records import read_records
from tests.support.ingestion import sensor_body
from tests.support.registry import published

RECORDS = topic("records", "default")
KEY = ("default", "sensors")


async def logged(ingestion) -> pl.DataFrame:
    """Every record of the log in the order of its partition."""
    frames = []
    for partition, event, value in await ingestion.messages(RECORDS):
        frame = pl.read_ipc_stream(io.BytesIO(value))
        frames.append(
            frame.with_columns(
                partition=pl.lit(partition),
                source=pl.lit(event.source),
                id=pl.lit(event.batch_id) + "/" + pl.col("_row").cast(pl.String),
            )
        )
    return pl.concat(frames)


async def stored(ingestion) -> pl.DataFrame:
    stream = await find_stream(ingestion.store, KEY)
    return pl.concat(
        [frame async for frame in read_records(ingestion.store, ingestion.lake, stream, RecordQuery())]
    )


async def test_every_accepted_record_is_in_the_log_and_in_the_lake_once_under_its_id(ingestion) -> None:
    await ingestion.create()
    receipts = [await ingestion.accept(sensor_body(100, start=100 * number)) for number in range(5)]
    ids = [f"{receipt.batch_id}/{row}" for receipt in receipts for row in range(100)]
    log = await logged(ingestion)
    assert sorted(log["id"]) == sorted(ids)
    assert set(log["source"]) == {"sensors"}
    assert (await stored(ingestion))["_id"].to_list() == ids
    for sensor, records in log.group_by("sensor"):
        assert set(records["partition"]) == {partition_for(record_key("sensors", sensor[0]), 6)}
        assert records["load"].is_sorted()


async def test_rejected_records_keep_their_rows_and_go_to_their_topic(ingestion) -> None:
    await ingestion.create()
    rows = json.loads(sensor_body(10))
    rows[4] = {"load": 1}
    receipt = await ingestion.accept(json.dumps(rows).encode())
    assert (receipt.accepted, receipt.rejected) == (9, 1)
    [event] = await published(ingestion.platform, "rejected.default")
    assert (event.row, event.field, event.source, json.loads(event.raw)) == (
        4,
        "sensor",
        "ingestion",
        {"load": 1},
    )
    assert 4 not in (await logged(ingestion))["_row"]


async def test_a_body_of_bad_records_only_leaves_no_file_and_no_message(ingestion) -> None:
    await ingestion.create()
    receipt = await ingestion.accept(b'[{"load": 1}, {"load": 2}]')
    assert (receipt.accepted, receipt.rejected) == (0, 2)
    assert await ingestion.lake.list("lake") == []
    assert await ingestion.messages(RECORDS) == []


async def test_many_first_requests_at_once_fix_one_schema(ingestion) -> None:
    await ingestion.create(schema=None)
    bodies = [json.dumps([{f"f{number}": 1.0, "load": 1.0}]).encode() for number in range(8)]
    receipts = await asyncio.gather(*(ingestion.accept(body) for body in bodies))
    assert sum(receipt.accepted for receipt in receipts) == 8
    [event] = await published(ingestion.platform, "streams")
    assert len(json.loads(event.schema_json)["fields"]) == 2
    assert (await find_stream(ingestion.store, KEY)).revision == 2


async def test_a_stream_is_told_before_its_records_come(ingestion) -> None:
    await ingestion.create(schema=None)
    await ingestion.accept(b'[{"load": 1}]')
    assert len(await published(ingestion.platform, "streams")) == 1
    assert len(await ingestion.messages(RECORDS)) == 1


async def test_of_many_with_one_idempotency_key_one_is_stored(ingestion) -> None:
    await ingestion.create()
    bodies = [ingestion.accept(sensor_body(10), idempotency_key="k") for _ in range(6)]
    receipts = await asyncio.gather(*bodies)
    assert len({receipt.batch_id for receipt in receipts}) == 1
    assert (await logged(ingestion)).height == 10
    assert len(await ingestion.lake.list("lake")) == 1
    assert (await find_stream(ingestion.store, KEY)).accepted == 10
    with pytest.raises(Conflict, match="was used for another body"):
        await ingestion.accept(sensor_body(11), idempotency_key="k")


async def test_concurrent_requests_leave_the_log_and_the_lake_in_one_order(ingestion) -> None:
    await ingestion.create()
    await asyncio.gather(*(ingestion.accept(sensor_body(20, sensors=1, start=20 * n)) for n in range(10)))
    lake = await stored(ingestion)
    assert (await logged(ingestion))["id"].to_list() == lake["_id"].to_list()
    assert lake.height == 200


async def test_a_stream_that_changes_meanwhile_is_read_again(ingestion) -> None:
    await ingestion.create()
    await ingestion.accept(sensor_body(1))
    await change_stream(ingestion.store, ingestion.log, ingestion.tenants, KEY, rules={"on_extra": "reject"})
    receipt = await ingestion.accept(b'[{"sensor": "a", "load": 1, "heat": 1, "more": 1}]')
    assert (receipt.accepted, receipt.rejections[0]["field"]) == (0, "more")
    assert len(await ingestion.lake.list("lake")) == 1


async def test_a_sender_who_hangs_up_does_not_stop_a_batch_half_way(ingestion) -> None:
    await ingestion.create()
    for delay in range(8):
        task = asyncio.create_task(ingestion.accept(sensor_body(5)))
        await asyncio.sleep(delay / 1000)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    await ingestion.accept(sensor_body(5))
    accepted = (await find_stream(ingestion.store, KEY)).accepted
    assert (await logged(ingestion)).height == (await stored(ingestion)).height == accepted

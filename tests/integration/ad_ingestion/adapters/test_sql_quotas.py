"""Quotas on PostgreSQL: what is counted in turns is not exceeded by those who come at the same time."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from ad_chassis.database.outbox import Outbox
from ad_chassis.settings import DatabaseSettings
from ad_chassis.tenants import QuotaExceeded
from ad_chassis.testing import memory_platform
from ad_ingestion.adapters import tables
from ad_ingestion.adapters.events import EventWriter
from ad_ingestion.adapters.sql_store import SqlStore
from ad_ingestion.domain.streams import Stream
from ad_ingestion.ports import Transaction
from ad_ingestion.usecases.check_entities import EntityRoom, check_entities
from ad_ingestion.usecases.check_quotas import check_streams
from tests.support.ingestion import sensor_stream
from tests.support.tenants import FixedTenants

Check = Callable[[Transaction, Stream], Awaitable[object]]


async def by_streams(work: Transaction, stream: Stream) -> None:
    await check_streams(work, FixedTenants(streams=3), stream.tenant)


async def by_entities(work: Transaction, stream: Stream) -> None:
    await check_entities(work, EntityRoom(200, sizes={stream.topic: 6}), stream)


def small(number: int) -> Stream:
    """May hold ten entities in each of six partitions."""
    stream = sensor_stream(name=f"s{number}")
    return replace(stream, settings=replace(stream.settings, max_entities=10))


@pytest.mark.parametrize("check", [by_streams, by_entities])
async def test_streams_that_are_made_at_the_same_time_do_not_exceed_a_quota(
    tmp_path: Path, postgres_url: str, check: Check
) -> None:
    async with memory_platform(tmp_path, database=DatabaseSettings(url=SecretStr(postgres_url))) as platform:
        database = platform.database(tables.SERVICE, "ad_ingestion.migrations", tables.metadata)
        await database.start()
        outbox = Outbox(database, platform.event_log, tables.outbox)
        store = SqlStore(database, outbox, EventWriter(platform.codec))

        async def add(number: int) -> None:
            async with store.transaction("default") as work:
                await check(work, small(number))
                await asyncio.sleep(0)
                await work.save_stream(small(number))

        made = await asyncio.gather(*map(add, range(10)), return_exceptions=True)
        async with store.transaction("default", read_only=True) as work:
            assert await work.streams_in_use("default") == 3
    assert sum(isinstance(each, QuotaExceeded) for each in made) == 7

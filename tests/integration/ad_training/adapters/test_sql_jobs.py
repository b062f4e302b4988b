"""Jobs in PostgreSQL: those that come at the same time do not exceed a quota."""

import asyncio
from pathlib import Path

from pydantic import SecretStr

from ad_chassis.database.outbox import Outbox
from ad_chassis.settings import DatabaseSettings
from ad_chassis.tenants import QuotaExceeded
from ad_chassis.testing import memory_platform
from ad_training.adapters import tables
from ad_training.adapters.events import EventWriter
from ad_training.adapters.sql_jobs import SqlJobs
from tests.support.training import job


async def test_jobs_that_come_at_the_same_time_do_not_exceed_the_quota(
    tmp_path: Path, postgres_url: str
) -> None:
    async with memory_platform(tmp_path, database=DatabaseSettings(url=SecretStr(postgres_url))) as platform:
        database = platform.database(tables.SERVICE, "ad_training.migrations", tables.metadata)
        await database.start()
        jobs = SqlJobs(
            database, Outbox(database, platform.event_log, tables.outbox), EventWriter(platform.codec)
        )
        await jobs.add(job(id="others", tenant="other"), most=3)
        tries = (jobs.add(job(id=f"j{number}"), most=3) for number in range(10))
        added = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(each is True for each in added) == 3
    assert sum(isinstance(each, QuotaExceeded) for each in added) == 7

"""Upkeep goes on after a failure."""

import asyncio
from datetime import datetime

import pytest

from ad_auth.api.upkeep import Upkeep


async def test_a_step_that_fails_later_is_tried_again() -> None:
    calls: list[datetime] = []
    third = asyncio.Event()

    async def first(now: datetime) -> None:
        assert calls == []

    async def step(now: datetime) -> None:
        calls.append(now)
        if len(calls) == 2:
            raise ConnectionError("the database is away")
        if len(calls) == 3:
            third.set()

    upkeep = Upkeep(first, [step], every_seconds=0.001)
    await upkeep.start()
    async with asyncio.timeout(5):
        await third.wait()
    await upkeep.stop()


async def test_a_failure_at_the_start_keeps_the_service_from_starting() -> None:
    async def fail(now: datetime) -> None:
        raise ConnectionError("the database is away")

    upkeep = Upkeep(fail, [], every_seconds=60)
    with pytest.raises(ConnectionError):
        await upkeep.start()
    await upkeep.stop()

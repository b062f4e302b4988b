"""Work that goes on although its caller is gone."""

import asyncio

import pytest

from ad_chassis.database.unbroken import unbroken


async def test_work_comes_to_its_end_although_the_caller_is_cancelled() -> None:
    gate, ended = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        await gate.wait()
        ended.set()

    caller = asyncio.create_task(unbroken(work()))
    await asyncio.sleep(0)
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    gate.set()
    await asyncio.wait_for(ended.wait(), 5)


async def test_results_and_errors_reach_a_caller_that_is_there() -> None:
    async def good() -> int:
        return 3

    async def bad() -> int:
        raise KeyError("gone")

    assert await unbroken(good()) == 3
    with pytest.raises(KeyError):
        await unbroken(bad())

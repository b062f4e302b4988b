"""Compiling in a process of its own."""

import asyncio

import pytest

from ad_chassis.errors import Unavailable
from ad_detection.adapters.warm_up import WarmUp


async def test_a_detector_is_ready_after_it_was_compiled_elsewhere() -> None:
    warm_up = WarmUp()
    await asyncio.gather(warm_up.ready("iqr"), warm_up.ready("iqr"))
    compiled = warm_up._compiling["iqr"]
    assert compiled.done()
    await warm_up.ready("iqr")
    assert warm_up._compiling["iqr"] is compiled
    await warm_up.stop()


async def test_who_has_waited_enough_is_told_to_come_back_and_the_work_goes_on() -> None:
    warm_up = WarmUp(wait_seconds=0.0)
    with pytest.raises(Unavailable, match="iqr is being compiled for its first use"):
        await warm_up.ready("iqr")
    warm_up._wait_seconds = 60.0
    await warm_up.ready("iqr")
    await warm_up.stop()


async def test_what_cannot_be_compiled_is_said_with_the_reason_and_tried_again() -> None:
    warm_up = WarmUp()
    for _ in range(2):
        with pytest.raises(Unavailable, match="unknown algorithm 'crystal_ball'"):
            await warm_up.ready("crystal_ball")


async def test_a_stop_ends_the_compiling() -> None:
    warm_up = WarmUp(wait_seconds=0.0)
    with pytest.raises(Unavailable):
        await warm_up.ready("iqr")
    await warm_up.stop()
    assert all(task.cancelled() for task in warm_up._compiling.values())

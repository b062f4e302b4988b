"""Compiling in a process of its own."""

import asyncio

import pytest

from ad_chassis.errors import Unavailable
from ad_detection.adapters.warm_up import WarmUp, warm_up_entities
from ad_detection.domain.control import StreamSettings
from ad_detection.domain.grouping import Incoming
from ad_detection.domain.state import PartitionState
from ad_detection.usecases.score_batch import score_batch
from ad_detectors.kernels import names
from tests.support.records import TENANT, TOPIC, sensor_records, sensor_rule
from tests.support.snapshots import written_and_read


def test_no_record_waits_for_what_finds_the_slots_of_entities() -> None:
    warm_up_entities()
    kernels = {name: kernel for name, kernel in vars(names).items() if hasattr(kernel, "signatures")}
    compiled = {name: len(kernel.signatures) for name, kernel in kernels.items()}
    assert {"hash_names", "find_names", "place_rows", "enter_all", "copy_names"} <= compiled.keys()
    state = PartitionState()
    rule = sensor_rule(settings=StreamSettings(algorithm="ewma", max_entities=12))
    state.rules = {rule.key: rule}
    score_batch(state, {}, Incoming(TENANT, TOPIC, 0, sensor_records(400, sensors=30), 0))
    score_batch(written_and_read(state), {}, Incoming(TENANT, TOPIC, 0, sensor_records(90, sensors=50), 0))
    assert {name: len(kernel.signatures) for name, kernel in kernels.items()} == compiled


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

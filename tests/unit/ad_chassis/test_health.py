"""Checks run at the same time, each with a time-out, and say nothing in public about the inside."""

import asyncio
import time

from ad_chassis.health import Health


async def passes() -> None:
    """Nothing wrong."""


async def hangs() -> None:
    await asyncio.Event().wait()


async def fails() -> None:
    raise ConnectionError("password=hunter2 refused")


async def test_a_service_without_failing_checks_is_healthy_in_the_promised_shape() -> None:
    health = Health("1.2.3")
    health.add("database", passes)
    report = await health.report()
    answer = report.as_json()
    assert report.healthy
    assert set(answer) == {"status", "timestamp", "version", "checks"}
    assert answer["status"] == "healthy"
    assert answer["version"] == "1.2.3"
    assert answer["timestamp"].endswith("Z")
    assert answer["checks"]["database"]["status"] == "healthy"


async def test_a_check_that_hangs_fails_after_its_time_and_the_others_do_not_wait_for_each_other() -> None:
    health = Health("1", timeout_seconds=0.1)
    for number in range(10):
        health.add(f"slow {number}", hangs)
    health.add("fast", passes)
    started = time.monotonic()
    report = await health.report()
    assert time.monotonic() - started < 0.9
    assert not report.healthy
    assert report.checks["slow 3"].detail == "no answer within 0.1 s"
    assert report.checks["fast"].status == "healthy"


async def test_a_check_that_raises_fails_without_telling_its_message() -> None:
    health = Health("1")
    health.add("kafka", fails)
    answer = (await health.report()).as_json()
    assert answer["status"] == "unhealthy"
    assert answer["checks"]["kafka"]["detail"] == "failed with ConnectionError"
    assert "hunter2" not in str(answer)


async def test_a_service_is_ready_only_between_start_and_drain() -> None:
    health = Health("1")
    assert not (await health.readiness()).healthy
    health.started()
    assert (await health.readiness()).healthy
    health.draining()
    assert not (await health.readiness()).healthy
    assert (await health.report()).healthy


async def test_a_check_that_does_not_decide_readiness_is_told_only() -> None:
    health = Health("1")
    health.add("own", passes)
    health.add("behind", fails, decides_readiness=False)
    health.started()
    assert not (await health.report()).healthy
    assert (await health.readiness()).healthy


def test_who_would_hold_the_stop_up_is_told_that_it_begins() -> None:
    health, told = Health("1"), []
    health.on_draining(lambda: told.append("stop"))
    health.started()
    assert told == []
    health.draining()
    assert told == ["stop"]

"""What the embedded log forgets, and when."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ad_chassis.eventlog.embedded import EmbeddedLog
from ad_chassis.eventlog.port import Message, TopicConfig
from tests.specs.event_log_case import everything, messages

HOUR_MS = 3_600_000


@pytest.fixture
async def log(tmp_path: Path) -> AsyncIterator[EmbeddedLog]:
    log = EmbeddedLog(tmp_path / "log.sqlite")
    await log.start()
    yield log
    await log.stop()


def in_hours(hours: float) -> int:
    return time.time_ns() // 1_000_000 + int(hours * HOUR_MS)


async def test_records_are_forgotten_after_their_time_and_offsets_go_on(log: EmbeddedLog) -> None:
    await log.create_topics({"t": TopicConfig(1, retention_hours=1)})
    await log.publish(messages("t", "abc"))
    await log.forget(in_hours(0.9))
    assert await everything(log, "t") == list("abc")
    await log.forget(in_hours(1.1))
    assert await everything(log, "t") == []
    assert await log.begin_offsets("t") == await log.end_offsets("t") == {0: 3}
    [(_, offset)] = await log.publish(messages("t", "d"))
    assert offset == 3
    assert await everything(log, "t") == ["d"]


async def test_old_timestamps_do_not_make_new_arrivals_old(log: EmbeddedLog) -> None:
    await log.create_topics({"t": TopicConfig(1, retention_hours=1)})
    await log.publish([Message("t", b"from 2014", partition=0, timestamp_ms=1_400_000_000_000)])
    await log.forget()
    assert await everything(log, "t") == ["from 2014"]


async def test_without_a_retention_nothing_is_forgotten(log: EmbeddedLog) -> None:
    await log.create_topics({"t": TopicConfig(1)})
    await log.publish(messages("t", "a"))
    await log.forget(in_hours(10_000))
    assert await everything(log, "t") == ["a"]


async def test_tombstones_of_a_compacted_topic_go_after_a_day(log: EmbeddedLog) -> None:
    await log.create_topics({"t": TopicConfig(1, compacted=True)})
    await log.publish([Message("t", b"1", b"kept"), Message("t", b"2", b"gone"), Message("t", None, b"gone")])
    assert await everything(log, "t") == ["1", ""]
    await log.forget(in_hours(25))
    assert await everything(log, "t") == ["1"]
    reader = log.reader(["t"])
    await reader.start()
    await reader.poll(10, 0)
    await reader.poll(10, 0)
    assert await reader.caught_up()
    await reader.stop()

"""Entries of the audit log reach their topic without anybody waiting for it."""

import asyncio

import pytest
from structlog.testing import capture_logs

from ad_chassis import audit_trail
from ad_chassis.audit_trail import AuditTrail
from ad_chassis.eventlog.errors import Transient
from ad_chassis.security_metrics import REGISTRY
from ad_chassis.testing import memory_platform
from tests.specs.audit_log import event
from tests.support.registry import published


class Log:
    """An event log that is away for some calls."""

    def __init__(self, away: int = 0) -> None:
        self.away = away
        self.sizes: list[int] = []
        self.called = asyncio.Event()

    async def publish(self, messages) -> list:
        self.called.set()
        if self.away:
            self.away -= 1
            raise Transient("away")
        self.sizes.append(len(messages))
        return []


def lost() -> float:
    return REGISTRY.get_sample_value("anomaly_detection_audit_entries_lost_total") or 0.0


@pytest.fixture
async def platform(tmp_path):
    async with memory_platform(tmp_path) as platform:
        yield platform


async def test_entries_stand_on_the_topic_with_their_tenant_as_key(platform) -> None:
    platform.audit.note(event(1))
    await platform.audit.stop()
    assert await published(platform, "audit") == [event(1)]


async def test_those_of_many_requests_go_together(platform) -> None:
    log = Log()
    trail = AuditTrail(log, platform.codec)
    await trail.start()
    for number in range(1_200):
        trail.note(event(number))
    await trail.stop()
    assert log.sizes == [500, 500, 200]


async def test_what_the_log_does_not_take_waits_and_is_sent_again(platform, monkeypatch) -> None:
    monkeypatch.setattr(audit_trail, "RETRY_SECONDS", 0.0)
    log = Log(away=2)
    trail = AuditTrail(log, platform.codec)
    await trail.start()
    trail.note(event(1))
    async with asyncio.timeout(5):
        while not log.sizes:
            log.called.clear()
            await log.called.wait()
    await trail.stop()
    assert log.sizes == [1]


async def test_beyond_its_bound_entries_are_lost_and_counted_and_nobody_waits(platform) -> None:
    trail = AuditTrail(Log(), platform.codec, most_waiting=3)
    before = lost()
    with capture_logs() as logs:
        for number in range(5):
            trail.note(event(number))
    assert lost() == before + 2
    assert [line["event"] for line in logs] == ["too many entries of the audit log wait; more are lost"]


async def test_what_cannot_be_sent_at_the_end_is_counted(platform) -> None:
    trail = AuditTrail(Log(away=99), platform.codec)
    before = lost()
    await trail.start()
    trail.note(event(1))
    with capture_logs() as logs:
        await trail.stop()
    assert lost() == before + 1
    assert "entries of the audit log are lost" in [line["event"] for line in logs]

"""Entries of other services come from the topic into the chain."""

import asyncio
from dataclasses import dataclass

import pytest
from structlog.testing import capture_logs

from ad_auth.api.consumers import AuditHandler
from ad_auth.domain.audit import AuditFilter
from ad_chassis.database import EVERY_TENANT
from ad_chassis.eventlog.port import Batch, TopicPartition
from ad_contracts.events import AuditRecorded
from tests.specs.audit_log import event


@dataclass
class Stored:
    offset: int
    value: bytes | None
    timestamp: int = 0
    key: bytes | None = None
    headers: tuple = ()


@pytest.fixture
def handle(store, platform):
    handler = AuditHandler(store, platform.codec)

    async def handle(*values: AuditRecorded | bytes | None) -> None:
        records = [
            Stored(offset, platform.codec.encode(value) if isinstance(value, AuditRecorded) else value)
            for offset, value in enumerate(values)
        ]
        await handler.handle(Batch(TopicPartition("audit", 0), records))

    return handle


async def seen(store) -> list[str]:
    async with store.transaction(EVERY_TENANT, read_only=True) as work:
        return [each.id for each in await work.audit_entries("default", AuditFilter(), "oldest", None, 99)]


async def test_what_comes_twice_is_chained_once(store, handle) -> None:
    await handle(event(1), event(2))
    await handle(event(2), event(3))
    assert await seen(store) == ["event-1", "event-2", "event-3"]


async def test_what_is_no_entry_is_told_and_stops_nothing(store, handle) -> None:
    with capture_logs() as logs:
        await handle(
            b"garbage", None, event(1, tenant="No Tenant"), event(2, id=""), event(3, id="x" * 65), event(4)
        )
    assert await seen(store) == ["event-4"]
    assert len([line for line in logs if line["event"] == "a message is no entry of the audit log"]) == 5


async def test_a_call_of_another_service_is_in_the_log_at_last(running, client, administrator) -> None:
    """Through the topic and the run loop of the service."""
    running[0].audit.note(event(7))
    found: list[dict] = []
    async with asyncio.timeout(30):
        while not found:
            answer = await client.get("/audit", params={"action": "promote model"}, headers=administrator)
            found = answer.json()["items"]
    assert [(each["id"], each["service"]) for each in found] == [("event-7", "model_registry")]

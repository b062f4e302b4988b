"""Accounts in SQLite keep to the specification."""

import asyncio

import pytest

from ad_auth.adapters import sql_store
from ad_auth.ports import AuditEntry
from ad_chassis.database import EVERY_TENANT
from tests.specs.account_store import AccountStoreSpec


class TestSqlite(AccountStoreSpec):
    @pytest.fixture
    def database_url(self) -> None:
        """None is a file."""


async def test_nobody_waits_for_an_event_log_that_is_away(store, now, monkeypatch) -> None:
    monkeypatch.setattr(sql_store, "TELL_SECONDS", 0.01)
    back, calls = asyncio.Event(), 0

    async def publish() -> None:
        nonlocal calls
        calls += 1
        await back.wait()

    monkeypatch.setattr(store._outbox, "publish", publish)
    for number in range(5):
        async with asyncio.timeout(5), store.transaction(EVERY_TENANT) as work:
            await work.record(AuditEntry("default", "me", f"change {number}", None, "allowed", now))
    assert calls == 2
    async with store.transaction(EVERY_TENANT, read_only=True) as work:
        assert (await work.audit_head("default")).seq == 5
    back.set()

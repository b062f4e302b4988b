"""What the audit log does on either database. Adapters inherit this and give `database_url`."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from ad_auth.adapters import tables
from ad_auth.adapters.audit import AuditWriter
from ad_auth.adapters.sql_store import SqlStore
from ad_auth.adapters.tenant_events import TenantWriter
from ad_auth.domain.accounts import ApiKey, User
from ad_auth.domain.audit import AuditFilter, as_json
from ad_auth.ports import AuditEntry
from ad_chassis.database import EVERY_TENANT, Database
from ad_chassis.database.outbox import Outbox
from ad_chassis.platform import Platform
from ad_chassis.settings import DatabaseSettings
from ad_chassis.testing import memory_platform
from ad_contracts.audit_chain import BrokenChainError, Head, checked
from ad_contracts.events import AuditRecorded

NOW = datetime(2026, 1, 1, tzinfo=UTC)
TRIGGERS = ("audit_entries", "audit_heads")
CHANGES = [
    "UPDATE audit_entries SET outcome = 'denied' WHERE seq = 3",
    "DELETE FROM audit_entries WHERE seq = 3",
    "DELETE FROM audit_entries",
    "UPDATE audit_heads SET hash = 'x'",
    "UPDATE audit_heads SET seq = seq - 1",
    "DELETE FROM audit_heads",
]
FORGED = (
    "INSERT INTO audit_entries SELECT tenant, 5, 'forged', at_ms, subject, action, resource, outcome,"
    " address, service, request_id, details, previous_hash, hash FROM audit_entries WHERE seq = 4"
)


def event(number: int, **changes: Any) -> AuditRecorded:
    values: dict[str, Any] = {
        "id": f"event-{number}",
        "tenant": "default",
        "subject": "0f",
        "action": "promote model",
        "resource": "/api/v1/models/pump/promote",
        "outcome": "allowed",
        "details": {"status": "200", "odd": "a\x00\x1b"},
        "event_time_ms": 1767225600000 + number,
        "address": "192.0.2.7",
        "service": "model_registry",
    }
    return AuditRecorded(**values | changes)


async def check(store: SqlStore, *known: Head) -> Head:
    """As `anomaly_detection audit verify` does it."""
    async with store.transaction(EVERY_TENANT, read_only=True) as work:
        found = await work.audit_entries("default", AuditFilter(), "oldest", None, 1000)
        head = await work.audit_head("default")
    return checked([as_json(entry) for entry in found], head, *known)


async def make_tenant(store: SqlStore, *, fails: bool = False) -> None:
    async with store.transaction(EVERY_TENANT) as work:
        await work.add_tenant("acme", NOW)
        await work.record(AuditEntry("default", "me", "made acme", None, "allowed", NOW))
        if fails:
            raise LookupError


class AuditLogSpec:
    @pytest.fixture
    async def platform(self, database_url: str | None, tmp_path: Path) -> AsyncIterator[Platform]:
        async with memory_platform(tmp_path, database=DatabaseSettings(url=database_url)) as platform:
            yield platform

    @pytest.fixture
    async def database(self, platform: Platform) -> Database:
        database = platform.database(tables.SERVICE, "ad_auth.migrations")
        await database.start()
        return database

    @pytest.fixture
    async def store(self, platform: Platform, database: Database) -> SqlStore:
        outbox = Outbox(database, platform.event_log, tables.outbox)
        return SqlStore(database, outbox, AuditWriter(platform.codec), TenantWriter(platform.codec))

    @pytest.fixture
    async def five(self, store: SqlStore) -> Head:
        """The head of a chain of five entries."""
        async with store.transaction(EVERY_TENANT) as work:
            await work.chain([event(number) for number in range(5)])
        return await check(store)

    @pytest.fixture
    def administer(self, database: Database):
        """What the administrator of the database can do: take the guards away, then anything."""

        async def administer(*statements: str) -> None:
            async with database.engine.begin() as connection:
                if database.is_sqlite:
                    names = await connection.scalars(
                        text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
                    )
                    taken = [f"DROP TRIGGER {name}" for name in names]
                else:
                    taken = [f"ALTER TABLE {name} DISABLE TRIGGER ALL" for name in TRIGGERS]
                for statement in (*taken, *statements):
                    await connection.execute(text(statement))

        return administer

    async def test_a_change_and_its_entry_are_stored_together_or_not_at_all(self, store) -> None:
        with pytest.raises(LookupError):
            await make_tenant(store, fails=True)
        assert await check(store) == Head()
        await make_tenant(store)
        assert (await check(store)).seq == 1

    async def test_every_entry_is_chained_once_however_often_it_comes(self, store, five) -> None:
        async with store.transaction(EVERY_TENANT) as work:
            await work.chain([event(4), event(5), event(5), event(0)])
        assert (await check(store, five)).seq == 6

    async def test_tenants_have_chains_of_their_own(self, store, five) -> None:
        async with store.transaction(EVERY_TENANT) as work:
            await work.chain([event(9, tenant="acme"), event(10), event(11, tenant="acme")])
            assert {tenant: head.seq for tenant, head in (await work.audit_heads()).items()} == {
                "acme": 2,
                "default": 6,
            }
        assert (await check(store)).seq == 6

    async def test_accounts_are_named_as_they_are_called_when_the_entry_is_chained(self, store, five) -> None:
        """Entries of before are not touched, and what is no account has no name."""
        ann = User("default", "0f", "ann", "hash", "viewer", NOW, NOW)
        loader = ApiKey("default", "1a", "loader", "hash", "viewer", "0f", NOW)
        async with store.transaction(EVERY_TENANT) as work:
            await work.add_tenant("default", NOW)
            await work.add_user(ann)
            await work.add_api_key(loader)
        async with store.transaction(EVERY_TENANT) as work:
            await work.chain([event(7, resource="1a"), event(8, subject="x\x00"), event(9, tenant="acme")])
            newest = await work.audit_entries("default", AuditFilter(), "newest", None, 3)
            [foreign] = await work.audit_entries("acme", AuditFilter(), "newest", None, 3)
        names = {"subject_name": "ann", "resource_name": "loader"}
        assert {name: newest[1].details[name] for name in names} == names
        for entry in (newest[0], newest[2], foreign):
            assert not names.keys() & entry.details.keys()
        assert (await check(store, five)).seq == 7

    async def test_two_processes_add_to_one_chain_in_turns(
        self, store, platform, database_url, tmp_path
    ) -> None:
        url = database_url or database_file(platform)
        async with AsyncExitStack() as stack:
            other = await stack.enter_async_context(
                memory_platform(tmp_path / "other", database=DatabaseSettings(url=url))
            )
            second = other.database(tables.SERVICE, "ad_auth.migrations")
            await second.start()
            outbox = Outbox(second, other.event_log, tables.outbox)
            stores = [store, SqlStore(second, outbox, AuditWriter(other.codec), TenantWriter(other.codec))]

            async def add(which: SqlStore, start: int) -> None:
                for number in range(start, start + 20):
                    async with which.transaction(EVERY_TENANT) as work:
                        await work.chain([event(number), event(number, tenant="acme", id=f"a-{number}")])

            await asyncio.gather(add(stores[0], 0), add(stores[1], 100), add(stores[1], 200))
        assert (await check(store)).seq == 60

    async def test_entries_are_found_by_who_what_outcome_and_time(self, store, five) -> None:
        async with store.transaction(EVERY_TENANT) as work:
            await work.chain([event(7, subject="1a", action="delete user", outcome="denied")])
            moment = NOW + timedelta(milliseconds=3)
            for wanted, seqs in (
                (AuditFilter(), [6, 5, 4, 3, 2, 1]),
                (AuditFilter(subject="1a"), [6]),
                (AuditFilter(action="delete user", outcome="denied"), [6]),
                (AuditFilter(outcome="failed"), []),
                (AuditFilter(since=moment, until=moment + timedelta(milliseconds=1)), [4]),
            ):
                found = await work.audit_entries("default", wanted, "newest", None, 10)
                assert [entry.seq for entry in found] == seqs
            page = await work.audit_entries("default", AuditFilter(), "newest", 4, 2)
            assert [entry.seq for entry in page] == [3, 2]
            page = await work.audit_entries("default", AuditFilter(), "oldest", 4, 9)
            assert [entry.seq for entry in page] == [5, 6]
            assert await work.audit_entries("acme", AuditFilter(), "oldest", None, 9) == []

    @pytest.mark.parametrize("statement", CHANGES)
    async def test_the_database_itself_refuses_all_but_adding(self, store, database, five, statement) -> None:
        with pytest.raises(DBAPIError, match="only added to"):
            async with database.engine.begin() as connection:
                await connection.execute(text(statement))
        assert await check(store) == five

    @pytest.mark.parametrize(
        ("statements", "seq"),
        [
            (["UPDATE audit_entries SET subject = 'mallory' WHERE seq = 3"], 3),
            (["UPDATE audit_entries SET details = '{}' WHERE seq = 2"], 2),
            (["DELETE FROM audit_entries WHERE seq = 4"], 4),
            (
                [
                    "UPDATE audit_entries SET seq = 99 WHERE seq = 2",
                    "UPDATE audit_entries SET seq = 2 WHERE seq = 4",
                    "UPDATE audit_entries SET seq = 4 WHERE seq = 99",
                ],
                2,
            ),
            (
                [
                    "UPDATE audit_entries SET seq = 6 WHERE seq = 5",
                    FORGED,
                ],
                5,
            ),
            (["DELETE FROM audit_entries WHERE seq > 3"], 4),
            (["DELETE FROM audit_entries"], 1),
        ],
    )
    async def test_what_an_administrator_changes_is_found_and_named(
        self, store, five, administer, statements, seq
    ) -> None:
        await administer(*statements)
        with pytest.raises(BrokenChainError) as caught:
            await check(store)
        assert caught.value.seq == seq

    async def test_a_tail_that_is_cut_with_its_head_is_seen_by_a_head_that_was_kept(
        self, store, five, administer
    ) -> None:
        async with store.transaction(EVERY_TENANT, read_only=True) as work:
            third = (await work.audit_entries("default", AuditFilter(), "oldest", 2, 1))[0]
        await administer(
            "DELETE FROM audit_entries WHERE seq > 3",
            f"UPDATE audit_heads SET seq = 3, hash = '{third.hash}'",
        )
        assert (await check(store)).seq == 3
        with pytest.raises(BrokenChainError) as caught:
            await check(store, five)
        assert caught.value.seq == 4


def database_file(platform: Platform) -> str:
    return platform.database(tables.SERVICE).url

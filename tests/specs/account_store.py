"""What auth's store does on either database. Adapters inherit this and give `database_url`."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ad_auth.adapters import tables
from ad_auth.adapters.audit import AuditWriter
from ad_auth.adapters.cached_revocations import CachedRevocations
from ad_auth.adapters.signing import TokenSigner, make_signing_key
from ad_auth.adapters.sql_signing_keys import SqlSigningKeys
from ad_auth.adapters.sql_store import SqlStore
from ad_auth.adapters.tenant_events import TenantWriter
from ad_auth.domain.accounts import User
from ad_auth.domain.refusals import InvalidGrant
from ad_auth.domain.second_factor import SecondFactor, code_at, new_secret, recovery_hash
from ad_auth.domain.sessions import IssuedToken
from ad_auth.settings import AuthSettings
from ad_auth.usecases.change_role import change_role
from ad_auth.usecases.change_tenant import change_tenant
from ad_auth.usecases.create_key import create_key
from ad_auth.usecases.create_role import create_role
from ad_auth.usecases.give_code import CodeGiver
from ad_auth.usecases.issue_token import Grant, Issuer
from ad_auth.usecases.redeem_code import redeem_code
from ad_auth.usecases.refresh_session import refresh_session
from ad_auth.usecases.use_code import locked_factor, use_code
from ad_chassis.database import EVERY_TENANT, Database
from ad_chassis.database.migrations import differences
from ad_chassis.database.outbox import Outbox
from ad_chassis.platform import Platform
from ad_chassis.settings import DatabaseSettings
from ad_chassis.testing import memory_platform
from tests.support.callers import caller
from tests.support.oauth import CALLBACK, wanted

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LATER = NOW + timedelta(minutes=15)


def user(**changes: object) -> User:
    return replace(User("default", "u1", "ann", "hash", "feeder", NOW, NOW), **changes)


class AccountStoreSpec:
    @pytest.fixture
    async def platform(self, database_url: str | None, tmp_path: Path) -> AsyncIterator[Platform]:
        async with memory_platform(tmp_path, database=DatabaseSettings(url=database_url)) as platform:
            yield platform

    @pytest.fixture
    async def store(self, platform: Platform) -> SqlStore:
        """A tenant with the role feeder and the user ann, who has it."""
        database = platform.database(tables.SERVICE, "ad_auth.migrations", tables.metadata)
        await database.start()
        outbox = Outbox(database, platform.event_log, tables.outbox)
        store = SqlStore(database, outbox, AuditWriter(platform.codec), TenantWriter(platform.codec))
        async with store.transaction(EVERY_TENANT) as work:
            await work.add_tenant("default", NOW)
        await create_role(store, by=caller(), name="feeder", permissions=["records:write"], now=NOW)
        async with store.transaction(EVERY_TENANT) as work:
            await work.add_user(user())
        return store

    @pytest.fixture
    async def other_process(self, platform: Platform, store: SqlStore) -> AsyncIterator[SqlStore]:
        """Connections of its own to the same database; `store` made the tables."""
        database = Database(
            platform.database(tables.SERVICE).url,
            tables.SERVICE,
            migrations="ad_auth.migrations",
            tables=tables.metadata,
        )
        await database.start()
        yield SqlStore(
            database,
            Outbox(database, platform.event_log, tables.outbox),
            AuditWriter(platform.codec),
            TenantWriter(platform.codec),
        )
        await database.stop()

    @pytest.fixture
    async def issuer(self, platform: Platform, store: SqlStore) -> Issuer:
        keys = SqlSigningKeys(platform.database(tables.SERVICE))
        await keys.add(make_signing_key("ES256", 1, NOW, NOW))
        lifetimes = AuthSettings().lifetimes(15)
        signer = TokenSigner(keys, issuer="here", audience="here", access_lifetime=lifetimes.access)
        return Issuer(signer, lifetimes)

    @pytest.fixture
    def revocations(self, platform: Platform) -> CachedRevocations:
        return CachedRevocations(platform.cache)

    async def test_the_migrations_make_the_tables_that_the_code_uses(self, platform, store) -> None:
        async with platform.database(tables.SERVICE).engine.connect() as connection:
            assert await connection.run_sync(differences, tables.metadata, tables.SERVICE) == []

    async def test_who_is_bound_or_suspended_or_ends_does_not_count_as_an_administrator(self, store) -> None:
        what = {"by": caller(), "role": "admin", "environment": "test", "now": NOW}
        for changes, count in (
            ({"role": "admin"}, 1),
            ({"role": "admin", "streams": ["pumps"]}, 0),
            ({"role": "admin", "suspended_at": NOW}, 0),
            ({"role": "feeder"}, 0),
        ):
            async with store.transaction(EVERY_TENANT) as work:
                await work.save_user(user(**changes))
                assert await work.user("default", "u1") == user(**changes)
                assert await work.administrators("default") == count
        await create_key(store, name="bound", streams=["pumps"], **what)
        await create_key(store, name="ending", expires_at=LATER, **what)
        key, _ = await create_key(store, name="lasting", **what)
        async with store.transaction(EVERY_TENANT) as work:
            assert await work.administrators("default") == 1
            assert await work.administrators("default", but=key.id) == 0

    async def test_of_many_who_use_a_code_of_the_second_factor_at_the_same_time_one_gets_it(
        self, store
    ) -> None:
        factor = SecondFactor("default", "u1", new_secret(), NOW, NOW)
        async with store.transaction(EVERY_TENANT) as work:
            await work.save_second_factor(factor)
            await work.replace_recovery_codes(user(), [recovery_hash("lost-phone")], NOW)
            assert await work.second_factor(user()) == factor

        async def use(code: str) -> bool:
            async with store.transaction(EVERY_TENANT) as work:
                found = await locked_factor(work, user())
                return await use_code(work, user(), found, code, NOW)

        current = code_at(factor.secret, int(NOW.timestamp()) // 30).decode()
        for code in (current, "lost phone"):
            assert (await asyncio.gather(*(use(code) for _ in range(4)))).count(True) == 1

    async def test_holders_of_a_role_are_named(self, store) -> None:
        await create_key(store, by=caller(), name="k", role="feeder", environment="test", now=NOW)
        async with store.transaction(EVERY_TENANT) as work:
            assert await work.holders("default", "feeder", 5) == ["user 'ann'", "API key 'k'"]
            assert await work.holders("default", "feeder", 1) == ["user 'ann'"]
            assert await work.holders("acme", "feeder", 5) == []

    @pytest.mark.parametrize("change", ["role", "tenant"])
    async def test_a_token_that_is_made_while_a_role_or_tenant_changes_ends_too(
        self, store, revocations, change
    ) -> None:
        """The login has read what was before, and commits after the change began."""
        reading, done = asyncio.Event(), asyncio.Event()

        async def log_in() -> None:
            async with store.transaction(EVERY_TENANT) as work:
                await work.user("default", "u1")
                await work.role("default", "feeder")
                reading.set()
                await done.wait()
                await work.add_token(IssuedToken("default", "t1", "u1", None, LATER))

        async def change_it() -> None:
            if change == "role":
                what = {"name": "feeder", "permissions": ["streams:read"]}
                await change_role(store, revocations, by=caller(), now=NOW, **what)
            else:
                what = {"name": "default", "suspended": True}
                await change_tenant(store, revocations, by=caller(), now=NOW, **what)

        login = asyncio.create_task(log_in())
        await reading.wait()
        changing = asyncio.create_task(change_it())
        _, waiting = await asyncio.wait([changing], timeout=0.3)
        assert waiting
        done.set()
        await asyncio.gather(login, changing)
        async with store.transaction(EVERY_TENANT) as work:
            assert [each.id for each in await work.revoked_tokens(NOW)] == ["t1"]

    async def test_rfc9700_4_14_2_parallel_refreshes_in_two_processes_go_on_and_a_late_one_ends_all(
        self, store, other_process, issuer, revocations
    ) -> None:
        async with store.transaction(EVERY_TENANT) as work:
            answer = await issuer.give(work, user(), NOW)
        first = (await answer()).refresh_token

        async def refresh(where: SqlStore, token: str, at: datetime) -> Grant:
            return await refresh_session(where, issuer, revocations, refresh_token=token, now=at)

        both = [store, other_process] * 4
        tabs = await asyncio.gather(*(refresh(where, first, NOW) for where in both))
        assert len({tab.refresh_token for tab in tabs}) == len(both)
        late = NOW + issuer.lifetimes.refresh_grace
        outcomes = await asyncio.gather(
            *(refresh(where, first, late) for where in both), return_exceptions=True
        )
        assert {type(each) for each in outcomes} == {InvalidGrant}
        for where, tab in zip(both, tabs, strict=True):
            with pytest.raises(InvalidGrant):
                await refresh(where, tab.refresh_token, late)
        async with store.transaction(EVERY_TENANT) as work:
            assert len(await work.revoked_tokens(NOW)) == 1 + len(both)

    async def test_rfc9700_4_14_2_without_grace_one_of_many_at_once_goes_on_and_the_family_ends(
        self, store, other_process, issuer, revocations
    ) -> None:
        strict = replace(issuer, lifetimes=replace(issuer.lifetimes, refresh_grace=timedelta()))
        async with store.transaction(EVERY_TENANT) as work:
            answer = await strict.give(work, user(), NOW)
        first = (await answer()).refresh_token
        outcomes = await asyncio.gather(
            *(
                refresh_session(where, strict, revocations, refresh_token=first, now=NOW)
                for where in [store, other_process] * 4
            ),
            return_exceptions=True,
        )
        good = [each for each in outcomes if isinstance(each, Grant)]
        assert (len(good), {type(each) for each in outcomes}) == (1, {Grant, InvalidGrant})
        with pytest.raises(InvalidGrant):
            await refresh_session(store, strict, revocations, refresh_token=good[0].refresh_token, now=NOW)

    async def test_rfc6749_4_1_2_of_many_who_bring_a_code_at_once_at_most_one_gets_tokens_and_they_end(
        self, store, other_process, issuer, revocations
    ) -> None:
        async with store.transaction(EVERY_TENANT) as work:
            answer = await CodeGiver(wanted()).give(work, user(), NOW)
        code = await answer()
        what = {"client_id": "cli", "redirect_uri": CALLBACK, "verifier": "v" * 43, "now": NOW}
        outcomes = await asyncio.gather(
            *(
                redeem_code(where, issuer, revocations, code=code, **what)
                for where in [store, other_process] * 4
            ),
            return_exceptions=True,
        )
        assert sorted(type(each).__name__ for each in outcomes) == ["Grant", *["InvalidGrant"] * 7]
        async with store.transaction(EVERY_TENANT) as work:
            assert len(await work.revoked_tokens(NOW)) == 1

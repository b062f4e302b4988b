"""API keys that change."""

from datetime import timedelta

import pytest

from ad_auth.usecases.change_key import change_key
from ad_auth.usecases.create_key import create_key
from ad_auth.usecases.exchange_key import exchange_key
from ad_chassis.database import EVERY_TENANT
from ad_chassis.errors import Conflict, Forbidden, NotFound, Unprocessable
from ad_chassis.security.token_source import parse_api_key
from tests.support.callers import caller

DAY = timedelta(days=1)


@pytest.fixture
async def key(store, now):
    what = {"name": "loader", "role": "viewer", "environment": "test", "now": now}
    return await create_key(store, by=caller(), **what)


@pytest.fixture
def change(store, revocations, now):
    async def change(key_id, by=None, **changes):
        return await change_key(
            store, revocations, by=by or caller(), key_id=key_id, changes=changes, now=now
        )

    return change


@pytest.fixture
def use(store, issuer, now):
    async def use(text):
        key_id, secret = parse_api_key(text)
        return await exchange_key(store, issuer, None, key_id=key_id, secret=secret, now=now)

    return use


async def revoked(store, now) -> int:
    async with store.transaction(EVERY_TENANT) as work:
        return len(await work.revoked_tokens(now))


@pytest.mark.parametrize(
    ("changes", "scope", "ended"),
    [
        ({"name": "feeder"}, "read", 0),
        ({"role": "operator"}, "read write", 1),
        ({"permissions": ["scores:read"]}, "scores:read", 1),
        ({"streams": ["pumps"]}, "read", 1),
        ({"expires_at": None}, "read", 0),
    ],
)
async def test_tokens_end_when_they_say_too_much_or_too_little(
    store, key, change, use, now, changes, scope, ended
) -> None:
    found, text = key
    await use(text)
    changed = await change(found.id, **changes)
    assert {name: getattr(changed, name) for name in changes} == changes
    assert await revoked(store, now) == ended
    assert (await use(text)).scope == scope


async def test_a_role_takes_the_place_of_permissions_and_the_other_way_round(key, change) -> None:
    found, _ = key
    changed = await change(found.id, permissions=["read"])
    assert (changed.role, changed.permissions) == (None, ["read"])
    changed = await change(found.id, role="analyst")
    assert (changed.role, changed.permissions) == ("analyst", None)


async def test_a_token_ends_with_its_key(key, change, use, now) -> None:
    found, text = key
    assert (await use(text)).expires_in == 900
    await change(found.id, expires_at=now + timedelta(minutes=5))
    assert (await use(text)).expires_in == 300


async def test_what_cannot_be_is_refused_and_changes_nothing(key, change, use, now) -> None:
    found, text = key
    for changes, reason in (
        ({"expires_at": now - DAY}, "expires_at"),
        ({"role": "root"}, "there is no role 'root'"),
        ({"permissions": ["fly"]}, "there is no permission 'fly'"),
    ):
        with pytest.raises(Unprocessable, match=reason):
            await change(found.id, **changes)
    assert (await use(text)).scope == "read"


async def test_nobody_changes_a_key_that_has_or_would_have_more_than_they_have(
    store, key, change, now
) -> None:
    found, _ = key
    for by, changes in (
        (caller(["api_keys:write"]), {"name": "mine"}),
        (caller(["admin", "read"]), {"role": "operator"}),
        (caller(streams=["pumps"]), {"name": "mine"}),
    ):
        with pytest.raises(Forbidden):
            await change(found.id, by=by, **changes)
    bound = caller(["admin", "read"], streams=["pumps", "mills"])
    mine, _ = await create_key(
        store, by=bound, name="m", role="viewer", environment="test", now=now, streams=["pumps"]
    )
    assert (await change(mine.id, by=bound, streams=["mills"])).streams == ["mills"]
    with pytest.raises(Forbidden):
        await change(mine.id, by=bound, streams=None)


@pytest.mark.parametrize(
    "changes", [{"role": "operator"}, {"streams": ["pumps"]}, {"permissions": ["admin"]}]
)
async def test_the_last_administrator_stays_one(store, change, now, changes) -> None:
    what = {"name": "root", "role": "admin", "environment": "test", "now": now}
    found, _ = await create_key(store, by=caller(), **what)
    with pytest.raises(Conflict, match="the last administrator"):
        await change(found.id, **changes)
    with pytest.raises(Conflict, match="the last administrator"):
        await change(found.id, expires_at=now + DAY)


async def test_a_key_of_another_tenant_is_not_there(key, change) -> None:
    with pytest.raises(NotFound, match="there is no API key"):
        await change(key[0].id, by=caller(tenant="acme"), name="mine")

"""Roles and passwords that change."""

import asyncio

import pytest

from ad_auth.domain.refusals import InvalidGrant
from ad_auth.usecases.change_user import change_user
from ad_auth.usecases.create_key import create_key
from ad_auth.usecases.log_in import log_in
from ad_auth.usecases.refresh_session import refresh_session
from ad_chassis.errors import Conflict, NotFound, Unprocessable


@pytest.fixture
def change(store, passwords, revocations, now):
    async def change(user_id, role=None, password=None, tenant="default"):
        what = {"role": role, "password": password, "by": "me", "now": now}
        return await change_user(store, passwords, revocations, tenant=tenant, user_id=user_id, **what)

    return change


@pytest.fixture
def enter(store, passwords, attempts, issuer, now):
    async def enter(password="correct horse battery"):
        who = {"tenant": "default", "username": "ann", "password": password}
        return await log_in(store, passwords, attempts, issuer, now=now, **who)

    return enter


async def revoked_tokens(store, now) -> int:
    async with store.transaction() as work:
        return len(await work.revoked_tokens(now))


async def test_a_new_role_ends_the_access_tokens_of_the_old_one(store, add_user, change, enter, now) -> None:
    user = await add_user("ann", "viewer")
    await enter()
    assert (await change(user.id, role="analyst")).role == "analyst"
    assert await revoked_tokens(store, now) == 1


async def test_the_same_role_again_ends_nothing(store, add_user, change, enter, now) -> None:
    user = await add_user("ann", "viewer")
    await enter()
    await change(user.id, role="viewer")
    assert await revoked_tokens(store, now) == 0


async def test_a_new_password_ends_all_sessions(
    store, issuer, revocations, add_user, change, enter, now
) -> None:
    user = await add_user()
    grant = await enter()
    await change(user.id, password="another horse battery")
    with pytest.raises(InvalidGrant):
        await refresh_session(store, issuer, revocations, refresh_token=grant.refresh_token, now=now)
    with pytest.raises(InvalidGrant):
        await enter()
    await enter("another horse battery")
    assert await revoked_tokens(store, now) == 1


async def test_the_last_administrator_stays_one(store, add_user, change, now) -> None:
    user = await add_user("ann", "admin")
    expiring = {"tenant": "default", "name": "x", "role": "admin", "by": "me", "now": now}
    await create_key(store, **expiring, expires_at=now.replace(year=2027))
    with pytest.raises(Conflict, match="the last administrator of 'default'"):
        await change(user.id, role="viewer")
    await create_key(store, **expiring)
    assert (await change(user.id, role="viewer")).role == "viewer"


async def test_of_two_administrators_who_demote_each_other_one_stays(add_user, change) -> None:
    users = [await add_user(name, "admin") for name in ("ann", "bob")]
    outcomes = await asyncio.gather(
        *(change(user.id, role="viewer") for user in users), return_exceptions=True
    )
    assert [isinstance(each, Conflict) for each in outcomes].count(True) == 1


async def test_a_password_that_is_too_short_changes_nothing(add_user, change, enter) -> None:
    user = await add_user()
    with pytest.raises(Unprocessable, match="12 to 1024"):
        await change(user.id, role="viewer", password="short")
    assert (await enter()).scope == "read write"


async def test_a_user_of_another_tenant_is_not_there(add_user, change) -> None:
    user = await add_user()
    for tenant, user_id in (("acme", user.id), ("default", "nobody")):
        with pytest.raises(NotFound, match="there is no user with the id"):
            await change(user_id, role="viewer", tenant=tenant)
        with pytest.raises(NotFound, match="there is no user with the id"):
            await change(user_id, password="another horse battery", tenant=tenant)

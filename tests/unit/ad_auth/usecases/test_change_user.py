"""Roles and passwords that change."""

import asyncio

import pytest

from ad_auth.domain.refusals import InvalidGrant
from ad_auth.usecases.change_user import change_user
from ad_auth.usecases.create_key import create_key
from ad_auth.usecases.log_in import log_in
from ad_auth.usecases.refresh_session import refresh_session
from ad_chassis.database import EVERY_TENANT
from ad_chassis.errors import Conflict, Forbidden, NotFound, Unprocessable
from tests.support.callers import caller


@pytest.fixture
def change(store, passwords, revocations, now):
    async def change(user_id, tenant="default", by=None, **changes):
        what = {"by": by or caller(tenant=tenant), "changes": changes, "now": now}
        return await change_user(store, passwords, revocations, user_id=user_id, **what)

    return change


@pytest.fixture
def enter(store, passwords, attempts, issuer, now):
    async def enter(password="correct horse battery"):
        who = {"tenant": "default", "username": "ann", "password": password}
        return await log_in(store, passwords, attempts, issuer, now=now, **who)

    return enter


async def revoked_tokens(store, now) -> int:
    async with store.transaction(EVERY_TENANT) as work:
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
    expiring = {"name": "x", "role": "admin", "environment": "test", "by": caller(), "now": now}
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


async def test_a_suspended_user_is_out_and_comes_back_with_the_same_password(
    store, issuer, revocations, add_user, change, enter, now
) -> None:
    user = await add_user()
    grant = await enter()
    assert (await change(user.id, suspended=True)).suspended_at == now
    assert await revoked_tokens(store, now) == 1
    with pytest.raises(InvalidGrant, match="the user name or the password is wrong"):
        await enter()
    with pytest.raises(InvalidGrant):
        await refresh_session(store, issuer, revocations, refresh_token=grant.refresh_token, now=now)
    assert (await change(user.id, suspended=False)).suspended_at is None
    assert (await enter()).scope == "read write"


async def test_a_binding_is_in_the_next_token_and_ends_those_before(
    store, add_user, change, enter, now
) -> None:
    user = await add_user()
    await enter()
    assert (await change(user.id, streams=["pumps"])).streams == ["pumps"]
    assert await revoked_tokens(store, now) == 1
    assert (await change(user.id, role="viewer")).streams == ["pumps"]
    assert (await change(user.id, streams=None)).streams is None


@pytest.mark.parametrize("changes", [{"suspended": True}, {"streams": ["pumps"]}])
async def test_the_last_administrator_is_neither_suspended_nor_bound(add_user, change, changes) -> None:
    first, second = await add_user("ann", "admin"), await add_user("bob", "admin")
    await change(first.id, **changes)
    with pytest.raises(Conflict, match="the last administrator"):
        await change(second.id, **changes)


async def test_nobody_changes_a_user_who_has_or_would_have_more_than_they_have(
    add_user, change, enter
) -> None:
    user = await add_user("ann", "operator")
    for by, changes in (
        (caller(["admin", "read"]), {"password": "another horse battery"}),
        (caller(["admin", "read"]), {"suspended": True}),
        (caller(["users:write", "read", "write"]), {"role": "admin"}),
        (caller(streams=["pumps"]), {"password": "another horse battery"}),
    ):
        with pytest.raises(Forbidden):
            await change(user.id, by=by, **changes)
    assert (await enter()).scope == "read write"

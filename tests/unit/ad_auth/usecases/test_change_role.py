"""Roles that change."""

import pytest

from ad_auth.usecases.change_role import change_role
from ad_auth.usecases.create_key import create_key
from ad_auth.usecases.create_role import create_role
from ad_auth.usecases.exchange_key import exchange_key
from ad_auth.usecases.log_in import log_in
from ad_chassis.database import EVERY_TENANT
from ad_chassis.errors import Conflict, Forbidden, NotFound
from ad_chassis.security.revocations import REVOKED_PREFIX
from ad_chassis.security.token_source import parse_api_key
from tests.support.callers import caller


@pytest.fixture
def change(store, revocations, now):
    async def change(permissions, name="feeder", by=None):
        what = {"name": name, "permissions": permissions, "now": now}
        return await change_role(store, revocations, by=by or caller(), **what)

    return change


@pytest.fixture
async def feeder(store, now):
    return await create_role(store, by=caller(), name="feeder", permissions=["records:write"], now=now)


async def test_a_changed_role_ends_the_tokens_of_all_who_have_it_and_of_nobody_else(
    platform, store, passwords, attempts, issuer, add_user, feeder, change, now
) -> None:
    async def enter(username):
        who = {"tenant": "default", "username": username, "password": "correct horse battery"}
        return await log_in(store, passwords, attempts, issuer, now=now, **who)

    ann, _ = await add_user("ann", "feeder"), await add_user("bob", "viewer")
    key, text = await create_key(store, by=caller(), name="k", role="feeder", environment="test", now=now)
    key_id, secret = parse_api_key(text)
    assert (await enter("ann")).scope == "records:write"
    await enter("bob")
    await exchange_key(store, issuer, None, key_id=key_id, secret=secret, now=now)
    await change(["records:write", "streams:read"])
    async with store.transaction(EVERY_TENANT) as work:
        revoked = await work.revoked_tokens(now)
    assert {each.subject for each in revoked} == {ann.id, key.id}
    for each in revoked:
        assert await platform.cache.get(REVOKED_PREFIX + each.id) is not None
    assert (await enter("ann")).scope == "records:write streams:read"


async def test_built_in_roles_and_those_that_do_not_exist_cannot_be_changed(change) -> None:
    with pytest.raises(Conflict, match="the role 'viewer' is the same for every tenant"):
        await change(["read"], "viewer")
    with pytest.raises(NotFound, match="there is no role 'feeder'"):
        await change(["read"])


async def test_nobody_gives_or_takes_by_a_role_what_they_do_not_have(store, feeder, change) -> None:
    for by, permissions in ((caller(["admin"]), ["users:read"]), (caller(["records:write"]), ["write"])):
        with pytest.raises(Forbidden):
            await change(permissions, by=by)
    async with store.transaction(EVERY_TENANT) as work:
        assert (await work.role("default", "feeder")).permissions == ["records:write"]


async def test_a_role_of_another_tenant_is_not_there(feeder, change) -> None:
    with pytest.raises(NotFound):
        await change(["read"], by=caller(tenant="acme"))

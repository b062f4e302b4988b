"""Removing users."""

import pytest

from ad_auth.domain.refusals import InvalidGrant
from ad_auth.usecases.delete_user import delete_user
from ad_auth.usecases.log_in import log_in
from ad_auth.usecases.refresh_session import refresh_session
from ad_chassis.database import EVERY_TENANT
from ad_chassis.errors import Conflict, NotFound
from ad_chassis.security.revocations import REVOKED_PREFIX
from tests.support.callers import caller
from tests.support.registry import published


@pytest.fixture
def delete(store, revocations, now):
    async def delete(user_id, tenant="default"):
        await delete_user(store, revocations, by=caller(tenant=tenant), user_id=user_id, now=now)

    return delete


async def test_the_tokens_of_a_user_end_with_the_user(
    platform, store, passwords, attempts, issuer, revocations, add_user, delete, now
) -> None:
    user = await add_user()
    who = {"tenant": "default", "username": "ann", "password": "correct horse battery"}
    grant = await log_in(store, passwords, attempts, issuer, now=now, **who)
    await delete(user.id)
    with pytest.raises(InvalidGrant):
        await refresh_session(store, issuer, revocations, refresh_token=grant.refresh_token, now=now)
    async with store.transaction(EVERY_TENANT) as work:
        [token] = await work.revoked_tokens(now)
    assert await platform.cache.get(REVOKED_PREFIX + token.id) is not None
    assert (await published(platform, "audit"))[-1].action == "delete user"


async def test_the_last_administrator_stays(add_user, delete) -> None:
    first, second = await add_user("ann", "admin"), await add_user("bob", "admin")
    await delete(first.id)
    with pytest.raises(Conflict, match="the last administrator"):
        await delete(second.id)


async def test_a_user_of_another_tenant_is_not_there(add_user, delete) -> None:
    user = await add_user()
    with pytest.raises(NotFound):
        await delete(user.id, tenant="acme")

"""What is told of a token, and to whom."""

from datetime import timedelta

import pytest

from ad_auth.domain.sessions import IssuedToken
from ad_auth.usecases.introspect_token import INACTIVE, introspect_token
from ad_auth.usecases.refresh_session import refresh_session
from ad_chassis.database import EVERY_TENANT
from ad_chassis.security import Principal
from tests.support.callers import caller


@pytest.fixture
async def grant(store, issuer, add_user, now):
    user = await add_user()
    async with store.transaction(EVERY_TENANT) as work:
        answer = await issuer.give(work, user, now)
    return await answer()


@pytest.fixture
def ask(store, now):
    """The verifier finds a token of ann with this id."""

    async def ask(token, by=None, at=now, token_id="unknown"):
        async def verify(_):
            return Principal("ann", "default", frozenset({"read"}), "user", token_id, 1)

        return await introspect_token(store, verify, by=by or caller(), token=token, now=at)

    return ask


async def test_rfc7662_4_other_tenants_tokens_are_nobodys_business_but_the_services(grant, ask) -> None:
    assert await ask(grant.refresh_token, caller(tenant="acme")) == INACTIVE
    service = Principal("service", "acme", frozenset(), "service")
    assert (await ask(grant.refresh_token, service))["active"]


async def test_rfc7662_2_2_a_refresh_token_that_was_used_or_ended_is_not_active(
    store, issuer, revocations, grant, ask, now
) -> None:
    assert await ask(grant.refresh_token, at=now + timedelta(days=14)) == INACTIVE
    await refresh_session(store, issuer, revocations, refresh_token=grant.refresh_token, now=now)
    assert await ask(grant.refresh_token) == INACTIVE


async def test_rfc7662_2_2_a_token_that_the_database_knows_as_revoked_is_not_active(store, ask, now) -> None:
    assert await ask("a.b.c") == INACTIVE
    async with store.transaction(EVERY_TENANT) as work:
        from_now = now + timedelta(minutes=5)
        await work.add_token(IssuedToken("default", "t1", "ann", None, from_now))
    assert (await ask("a.b.c", token_id="t1"))["active"]
    assert await ask("a.b.c", caller(tenant="acme"), token_id="t1") == INACTIVE
    async with store.transaction(EVERY_TENANT) as work:
        await work.revoke_tokens("default", "token", "t1", now)
    assert await ask("a.b.c", token_id="t1") == INACTIVE

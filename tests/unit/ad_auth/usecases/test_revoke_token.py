"""Revocation (RFC 7009)."""

import pytest

from ad_auth.domain.refusals import InvalidGrant
from ad_auth.usecases.log_in import log_in
from ad_auth.usecases.refresh_session import refresh_session
from ad_auth.usecases.revoke_token import revoke_token
from ad_chassis.database import EVERY_TENANT
from ad_chassis.http.context import serving
from ad_chassis.security.jwks import JwksSource
from ad_chassis.security.revocations import REVOKED_PREFIX
from ad_chassis.security.verifier import TokenVerifier
from ad_chassis.served import Caller
from tests.support.registry import published


@pytest.fixture
async def grant(store, passwords, attempts, issuer, add_user, now):
    await add_user()
    who = {"tenant": "default", "username": "ann", "password": "correct horse battery"}
    return await log_in(store, passwords, attempts, issuer, now=now, **who)


@pytest.fixture
def verify(issuer, now):
    keys = JwksSource(lambda: issuer.signer.key_set(now), min_interval_seconds=0)
    return TokenVerifier(keys, issuer="here", audience="here", clock=now.timestamp).verify


@pytest.fixture
def revoke(store, revocations, verify, now):
    async def revoke(token, **more):
        await revoke_token(store, revocations, verify, token=token, now=now, **more)

    return revoke


async def test_rfc7009_2_1_a_revoked_access_token_is_told_to_all_and_the_session_goes_on(
    platform, store, issuer, revocations, verify, revoke, grant, now
) -> None:
    await revoke(grant.access_token)
    principal = await verify(grant.access_token)
    assert await platform.cache.get(REVOKED_PREFIX + principal.token_id) is not None
    await refresh_session(store, issuer, revocations, refresh_token=grant.refresh_token, now=now)


async def test_rfc7009_2_1_a_revoked_refresh_token_takes_its_session_and_access_tokens_along(
    platform, store, issuer, revocations, verify, revoke, grant, now
) -> None:
    following = await refresh_session(store, issuer, revocations, refresh_token=grant.refresh_token, now=now)
    await revoke(following.refresh_token)
    for each in (grant, following):
        with pytest.raises(InvalidGrant):
            await refresh_session(store, issuer, revocations, refresh_token=each.refresh_token, now=now)
        principal = await verify(each.access_token)
        assert await platform.cache.get(REVOKED_PREFIX + principal.token_id) is not None


async def test_a_revocation_is_in_the_audit_log_once_with_what_was_revoked(
    platform, store, verify, revoke, grant
) -> None:
    principal = await verify(grant.access_token)
    async with store.transaction(EVERY_TENANT, read_only=True) as work:
        session_id = (await work.token("default", principal.token_id)).session_id
    with serving(None, Caller("192.0.2.7")):
        for token in (grant.access_token, grant.refresh_token) * 2:
            await revoke(token)
    who = ("default", principal.subject, "allowed", "192.0.2.7")
    entries = (await published(platform, "audit"))[-2:]
    assert [(each.action, each.resource) for each in entries] == [
        ("revoke token", principal.token_id),
        ("revoke session", session_id),
    ]
    assert {(each.tenant, each.subject, each.outcome, each.address) for each in entries} == {who}


async def test_a_token_that_was_revoked_with_its_session_is_no_entry_of_its_own(
    platform, revoke, grant
) -> None:
    await revoke(grant.refresh_token)
    await revoke(grant.access_token)
    actions = [entry.action for entry in await published(platform, "audit")]
    assert actions.count("revoke session") == 1
    assert "revoke token" not in actions


@pytest.mark.parametrize("token", ["", "x", "ad_refresh_unknown", "a.b.c", "é"])
async def test_rfc7009_2_2_a_token_that_is_worth_nothing_is_no_error_and_ends_no_other(
    revoke, token, store, verify, grant, now
) -> None:
    await revoke(token)
    assert (await verify(grant.access_token)).token_id
    async with store.transaction(EVERY_TENANT) as work:
        assert await work.revoked_tokens(now) == []

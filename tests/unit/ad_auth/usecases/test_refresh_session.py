"""Refresh tokens: good once, and a second use ends the session (RFC 9700 section 4.14)."""

import asyncio
from datetime import timedelta

import pytest

from ad_auth.domain.refusals import InvalidGrant
from ad_auth.usecases.change_user import change_user
from ad_auth.usecases.log_in import log_in
from ad_auth.usecases.refresh_session import refresh_session
from ad_chassis.database import EVERY_TENANT
from ad_chassis.security.revocations import REVOKED_PREFIX
from tests.support.callers import caller
from tests.support.registry import published

DAY = timedelta(days=1)
GRACE = timedelta(seconds=10)


@pytest.fixture
async def session(store, passwords, attempts, issuer, add_user, now):
    user = await add_user()
    who = {"tenant": "default", "username": "ann", "password": "correct horse battery"}
    return user, await log_in(store, passwords, attempts, issuer, now=now, **who)


@pytest.fixture
def refresh(store, issuer, revocations, now):
    async def refresh(token, at=now):
        return await refresh_session(store, issuer, revocations, refresh_token=token, now=at)

    return refresh


async def test_rfc6749_6_each_refresh_token_is_followed_by_another(session, refresh) -> None:
    _, grant = session
    seen = {grant.refresh_token}
    for _ in range(3):
        grant = await refresh(grant.refresh_token)
        assert grant.scope == "read write"
        seen.add(grant.refresh_token)
    assert len(seen) == 4


async def test_rfc9700_4_14_2_a_second_use_ends_the_session_and_its_access_tokens(
    platform, store, session, refresh, now
) -> None:
    user, first = session
    second = await refresh(first.refresh_token)
    with pytest.raises(InvalidGrant):
        await refresh(first.refresh_token, now + GRACE)
    with pytest.raises(InvalidGrant):
        await refresh(second.refresh_token)
    entry = (await published(platform, "audit"))[-1]
    assert (entry.action, entry.subject, entry.outcome) == ("reuse refresh token", user.id, "denied")
    async with store.transaction(EVERY_TENANT) as work:
        revoked = await work.revoked_tokens(user.created_at)
    assert len(revoked) == 2
    for token in revoked:
        assert await platform.cache.get(REVOKED_PREFIX + token.id) is not None


async def test_tabs_that_refresh_at_once_go_on_each_with_its_own_successor_of_one_family(
    session, refresh, now
) -> None:
    _, grant = session
    tabs = await asyncio.gather(*(refresh(grant.refresh_token) for _ in range(5)))
    assert len({tab.refresh_token for tab in tabs}) == 5
    following = await refresh(tabs[0].refresh_token, now + 2 * GRACE)
    with pytest.raises(InvalidGrant):
        await refresh(grant.refresh_token, now + GRACE)
    for each in (*tabs, following):
        with pytest.raises(InvalidGrant):
            await refresh(each.refresh_token, now + GRACE)


async def test_coming_again_and_again_does_not_draw_the_grace_out(session, refresh, now) -> None:
    _, grant = session
    for part in range(3):
        await refresh(grant.refresh_token, now + part * GRACE / 3)
    with pytest.raises(InvalidGrant):
        await refresh(grant.refresh_token, now + GRACE)


async def test_rfc6749_10_4_a_refresh_token_ends_after_its_time_and_with_its_session(
    session, refresh, now
) -> None:
    _, grant = session
    with pytest.raises(InvalidGrant):
        await refresh(grant.refresh_token, now + 14 * DAY)
    at = now
    while at < now + 85 * DAY:
        at += 13 * DAY
        if at >= now + 90 * DAY:
            break
        grant = await refresh(grant.refresh_token, at)
    with pytest.raises(InvalidGrant):
        await refresh(grant.refresh_token, now + 90 * DAY)


async def test_a_new_role_is_in_the_next_token(store, passwords, revocations, session, refresh, now) -> None:
    user, grant = session
    change = {"by": caller(), "changes": {"role": "viewer"}, "now": now}
    await change_user(store, passwords, revocations, user_id=user.id, **change)
    assert (await refresh(grant.refresh_token)).scope == "read"


@pytest.mark.parametrize("token", ["", "ad_refresh_nothing", "eyJ.x.y", "\x00", "é" * 4000])
async def test_rfc6749_5_2_what_is_no_refresh_token_is_refused(refresh, store, token) -> None:
    with pytest.raises(InvalidGrant, match="unknown, expired or used"):
        await refresh(token)

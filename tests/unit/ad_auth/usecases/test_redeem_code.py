"""A code becomes a session, once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ad_auth.domain.refusals import InvalidGrant
from ad_auth.usecases.change_tenant import change_tenant
from ad_auth.usecases.change_user import change_user
from ad_auth.usecases.give_code import CodeGiver
from ad_auth.usecases.open_session import open_session
from ad_auth.usecases.redeem_code import redeem_code
from ad_chassis.database import EVERY_TENANT
from ad_chassis.errors import Forbidden
from tests.support.callers import caller
from tests.support.oauth import CALLBACK, wanted
from tests.support.registry import published

SECOND = timedelta(seconds=1)
BOUND = {"client_id": "cli", "redirect_uri": CALLBACK, "verifier": "v" * 43}


@pytest.fixture
async def user(add_user):
    return await add_user()


@pytest.fixture
async def code(store, user, now):
    return await open_session(store, CodeGiver(wanted()), user, None, now)


@pytest.fixture
def redeem(store, issuer, revocations):
    async def redeem(code, at, **changes):
        return await redeem_code(store, issuer, revocations, code=code, now=at, **BOUND | changes)

    return redeem


async def test_rfc6749_4_1_2_a_code_ends_after_its_minute(redeem, code, now) -> None:
    with pytest.raises(InvalidGrant):
        await redeem(code, now + 60 * SECOND)


async def test_rfc6749_4_1_2_a_code_works_until_its_last_second_and_on_a_clock_that_is_behind(
    store, user, redeem, code, now
) -> None:
    assert (await redeem(code, now + 59 * SECOND)).refresh_token
    other = await open_session(store, CodeGiver(wanted()), user, None, now)
    assert (await redeem(other, now - 5 * SECOND)).refresh_token


@pytest.mark.parametrize(
    "changes",
    [{"client_id": "dashboard"}, {"redirect_uri": f"{CALLBACK}/"}, {"verifier": "w" * 43}, {"verifier": ""}],
)
async def test_rfc9700_2_1_1_a_wrong_try_uses_the_code_up(redeem, code, now, changes) -> None:
    for tried in (changes, {}):
        with pytest.raises(InvalidGrant):
            await redeem(code, now, **tried)


async def test_who_was_suspended_since_gets_nothing(
    store, passwords, revocations, redeem, user, code, now
) -> None:
    change = {"by": caller(), "user_id": user.id, "changes": {"suspended": True}, "now": now}
    await change_user(store, passwords, revocations, **change)
    with pytest.raises(InvalidGrant):
        await redeem(code, now)


async def test_nobody_of_a_suspended_tenant_gets_tokens(store, revocations, redeem, code, now) -> None:
    await change_tenant(store, revocations, by=caller(), name="default", suspended=True, now=now)
    with pytest.raises(Forbidden):
        await redeem(code, now)


async def test_a_code_that_comes_again_and_again_is_one_entry_of_the_audit_log(
    platform, redeem, code, now
) -> None:
    await redeem(code, now)
    for _ in range(5):
        with pytest.raises(InvalidGrant):
            await redeem(code, now)
    actions = [entry.action for entry in await published(platform, "audit")]
    assert actions.count("reuse code") == 1


async def test_an_unknown_code_gets_nothing(redeem, now) -> None:
    for code in ("", "ad_code_x", "é" * 100):
        with pytest.raises(InvalidGrant):
            await redeem(code, now)


async def test_a_code_of_a_user_with_a_new_role_gives_the_new_one(store, redeem, user, code, now) -> None:
    async with store.transaction(EVERY_TENANT) as work:
        await work.save_user(replace(user, role="viewer"))
    assert (await redeem(code, now)).scope == "read"


async def test_a_change_of_the_account_ends_codes_that_were_given_before(
    store, user, redeem, code, now
) -> None:
    async with store.transaction(EVERY_TENANT) as work:
        await work.save_user(replace(user, password_hash="another", updated_at=now + SECOND))
    with pytest.raises(InvalidGrant):
        await redeem(code, now + 2 * SECOND)

"""Passwords."""

import asyncio
from dataclasses import replace

import pytest

from ad_auth.adapters.argon2_passwords import Argon2Passwords
from ad_auth.adapters.cached_attempts import CachedAttempts
from ad_auth.domain.refusals import InvalidGrant, MfaRequired
from ad_auth.domain.second_factor import SecondFactor, new_secret
from ad_auth.settings import AuthSettings
from ad_auth.usecases.change_tenant import change_tenant
from ad_auth.usecases.delete_user import delete_user
from ad_auth.usecases.log_in import log_in
from ad_chassis.database import EVERY_TENANT
from ad_chassis.errors import Forbidden, TooManyRequests, Unavailable
from tests.support.callers import caller
from tests.support.registry import published

PASSWORD = "correct horse battery"


@pytest.fixture
def attempt(store, passwords, attempts, issuer, now):
    async def attempt(
        username="ann", password=PASSWORD, tenant="default", passwords=passwords, attempts=attempts, **more
    ):
        return await log_in(
            store,
            passwords,
            attempts,
            issuer,
            tenant=tenant,
            username=username,
            password=password,
            now=now,
            **more,
        )

    return attempt


async def test_the_right_password_gives_tokens_with_the_permissions_of_the_role(add_user, attempt) -> None:
    await add_user("ann", "operator")
    grant = await attempt(" Ann ")
    assert (grant.scope, grant.tenant, grant.expires_in) == ("read write", "default", 900)
    assert grant.refresh_token.startswith("ad_refresh_")


@pytest.mark.parametrize(
    "wrong",
    [
        {"password": "wrong horse battery"},
        {"password": ""},
        {"username": "bob"},
        {"username": "no name at all\x00"},
        {"tenant": "acme"},
    ],
)
async def test_whatever_is_wrong_gets_the_same_answer_and_is_audited(
    platform, add_user, attempt, wrong
) -> None:
    user = await add_user()
    with pytest.raises(InvalidGrant) as caught:
        await attempt(**wrong)
    assert str(caught.value) == "the user name or the password is wrong"
    entry = (await published(platform, "audit"))[-1]
    known = set(wrong) == {"password"}
    assert (entry.action, entry.outcome, entry.subject) == (
        "login",
        "failed",
        user.id if known else "unknown",
    )
    assert entry.details == {"reason": "wrong password" if known else "unknown user"}


async def test_an_unknown_user_costs_as_much_work_as_a_known_one(
    add_user, attempt, passwords, monkeypatch
) -> None:
    await add_user()
    looked_at: list[str] = []
    same = passwords._same

    def counted(password_hash: str, password: str) -> bool:
        looked_at.append(password_hash)
        return same(password_hash, password)

    monkeypatch.setattr(passwords, "_same", counted)
    for username in ("ann", "bob"):
        with pytest.raises(InvalidGrant):
            await attempt(username, "wrong horse battery")
    costs = [text.split("$")[:4] for text in looked_at]
    assert len(costs) == 2
    assert costs[0] == costs[1]


async def test_after_too_many_failures_the_account_waits_whether_it_exists_or_not(add_user, attempt) -> None:
    await add_user()
    for username in ("ann", "bob"):
        for _ in range(3):
            with pytest.raises(InvalidGrant):
                await attempt(username, "wrong horse battery")
        with pytest.raises(TooManyRequests) as caught:
            await attempt(username)
        assert 0 < int(caught.value.headers["Retry-After"]) <= 900


async def test_many_tries_at_the_same_time_are_no_way_around_the_limit(add_user, attempt) -> None:
    await add_user()
    outcomes = await asyncio.gather(
        *(attempt("ann", f"wrong horse battery {number}") for number in range(10)), return_exceptions=True
    )
    assert [type(each) for each in outcomes].count(InvalidGrant) == 3


async def test_a_success_forgets_the_failures_before_it(add_user, attempt) -> None:
    await add_user()
    for _ in range(3):
        for _ in range(2):
            with pytest.raises(InvalidGrant):
                await attempt(password="wrong horse battery")
        await attempt()


async def test_an_address_that_fails_with_many_accounts_waits(platform, add_user, attempt) -> None:
    await add_user()
    place = {
        "attempts": CachedAttempts(platform.cache, most=10, window_seconds=900, most_per_address=3),
        "address": "192.0.2.7",
    }
    await attempt(**place)
    for username in ("a", "b", "c"):
        with pytest.raises(InvalidGrant):
            await attempt(username, **place)
    with pytest.raises(TooManyRequests, match="from this address"):
        await attempt(**place)
    await attempt(**place | {"address": "192.0.2.8"})


async def test_a_hash_of_other_parameters_is_renewed_at_the_next_login(store, add_user, attempt) -> None:
    before = await add_user()
    stronger = Argon2Passwords(AuthSettings(password_memory_kib=16, password_rounds=2, password_lanes=1))
    await stronger.start()
    await attempt(passwords=stronger)
    await attempt(passwords=stronger)
    async with store.transaction(EVERY_TENANT) as work:
        after = await work.user("default", before.id)
    assert stronger.outdated(before.password_hash)
    assert not stronger.outdated(after.password_hash)
    await stronger.stop()


async def test_a_deleted_user_cannot_log_in(store, revocations, add_user, attempt, now) -> None:
    user = await add_user()
    await delete_user(store, revocations, by=caller(), user_id=user.id, now=now)
    with pytest.raises(InvalidGrant):
        await attempt()


async def test_a_suspended_user_gets_the_answer_of_a_wrong_password_and_is_audited(
    platform, store, add_user, attempt, now
) -> None:
    user = await add_user()
    async with store.transaction(EVERY_TENANT) as work:
        await work.save_user(replace(user, suspended_at=now))
    with pytest.raises(InvalidGrant, match="the user name or the password is wrong"):
        await attempt()
    entry = (await published(platform, "audit"))[-1]
    assert (entry.action, entry.outcome, entry.subject) == ("login", "failed", user.id)
    assert entry.details == {"reason": "suspended"}


async def reasons(platform) -> list[tuple[str, str]]:
    entries = [entry for entry in await published(platform, "audit") if entry.outcome == "failed"]
    return [(entry.subject, entry.details["reason"]) for entry in entries]


async def test_a_suspended_tenant_is_the_reason_of_a_failed_login(
    platform, store, revocations, add_user, attempt, now
) -> None:
    user = await add_user()
    await change_tenant(store, revocations, by=caller(), name="default", suspended=True, now=now)
    with pytest.raises(Forbidden):
        await attempt()
    assert await reasons(platform) == [(user.id, "suspended tenant")]


async def test_that_an_account_or_an_address_waits_is_told_once(platform, add_user, attempt) -> None:
    user = await add_user()
    place = {
        "attempts": CachedAttempts(platform.cache, most=3, window_seconds=900, most_per_address=4),
        "address": "192.0.2.7",
    }
    for username in ["ann"] * 6 + ["bob"] * 4:
        with pytest.raises((InvalidGrant, TooManyRequests)):
            await attempt(username, "wrong horse battery", **place)
    assert await reasons(platform) == [
        *[(user.id, "wrong password")] * 3,
        (user.id, "too many failures for this account"),
        ("unknown", "unknown user"),
        ("unknown", "too many failures from this address"),
    ]


async def test_a_right_password_without_its_second_factor_is_a_failed_login(
    platform, store, add_user, attempt, now
) -> None:
    user = await add_user()
    async with store.transaction("default") as work:
        await work.save_second_factor(SecondFactor("default", user.id, new_secret(), now, now))
    for otp in (None, "000000"):
        with pytest.raises((MfaRequired, InvalidGrant)):
            await attempt(otp=otp)
    assert await reasons(platform) == [
        (user.id, "second factor missing"),
        (user.id, "second factor wrong"),
    ]


async def test_tries_while_the_database_is_away_lock_nobody_out(add_user, attempt, passwords) -> None:
    """The limit here is three."""

    class Away(type(passwords)):
        async def verify(self, *_: object) -> bool:
            raise Unavailable("the database of auth does not answer")

    await add_user()
    away = Away.__new__(Away)
    for _ in range(10):
        with pytest.raises(Unavailable):
            await attempt(passwords=away)
    assert (await attempt()).tenant == "default"

"""A user takes a second factor."""

from dataclasses import replace

import pytest

from ad_auth.domain.second_factor import code_at
from ad_auth.usecases.enrol_totp import confirm_totp, enrol_totp
from ad_chassis.errors import Conflict, Forbidden, NotFound, TooManyRequests, Unprocessable
from ad_chassis.security import Principal
from tests.support.callers import caller
from tests.support.registry import published

PASSWORD = "correct horse battery"


@pytest.fixture
async def ann(add_user) -> Principal:
    return caller((), subject=(await add_user()).id)


@pytest.fixture
def enrol(store, passwords, attempts, ann, now):
    async def enrol(by: Principal = ann, password: str = PASSWORD) -> tuple[str, str]:
        return await enrol_totp(
            store, passwords, attempts, by=by, password=password, address="192.0.2.7", now=now
        )

    return enrol


def code_of(secret: str, now, away: int = 0) -> str:
    return code_at(secret, int(now.timestamp()) // 30 + away).decode()


async def test_a_first_code_confirms_it_and_recovery_codes_are_given_once(
    store, platform, enrol, ann, now
) -> None:
    secret, uri = await enrol()
    assert f"secret={secret}" in uri
    codes = await confirm_totp(store, by=ann, code=code_of(secret, now), now=now)
    assert len(codes) == 10
    with pytest.raises(Conflict, match="nothing to confirm"):
        await confirm_totp(store, by=ann, code=code_of(secret, now, 1), now=now)
    with pytest.raises(Conflict, match="remove it first: POST /api/v1/users/me/totp/remove with a code"):
        await enrol()
    entry = (await published(platform, "audit"))[-1]
    assert (entry.action, entry.subject, entry.details) == ("add second factor", ann.subject, {})


async def test_the_last_enrolment_counts_until_one_is_confirmed(store, enrol, ann, now) -> None:
    (first, _), (second, _) = await enrol(), await enrol()
    with pytest.raises(Unprocessable, match="the code is wrong"):
        await confirm_totp(store, by=ann, code=code_of(first, now), now=now)
    assert await confirm_totp(store, by=ann, code=code_of(second, now), now=now)


async def test_it_needs_the_password_and_wrong_ones_count_like_logins(platform, enrol) -> None:
    for _ in range(3):
        with pytest.raises(Forbidden, match="the password is wrong"):
            await enrol(password="wrong horse battery")
    with pytest.raises(TooManyRequests):
        await enrol()
    entries = [entry for entry in await published(platform, "audit") if entry.outcome == "failed"]
    assert [(entry.action, entry.details["reason"]) for entry in entries] == [
        ("add second factor", "wrong password")
    ] * 3


async def test_keys_and_users_that_are_gone_have_none(enrol, ann) -> None:
    with pytest.raises(Forbidden, match="only users"):
        await enrol(replace(ann, kind="api_key"))
    with pytest.raises(NotFound):
        await enrol(replace(ann, subject="00"))
    with pytest.raises(NotFound):
        await enrol(replace(ann, tenant="acme"))


async def test_without_an_enrolment_there_is_nothing_to_confirm(store, ann, now) -> None:
    with pytest.raises(Conflict, match="nothing to confirm"):
        await confirm_totp(store, by=ann, code="000000", now=now)

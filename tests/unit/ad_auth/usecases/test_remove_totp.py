"""The second factor is taken away."""

import pytest

from ad_auth.domain.second_factor import SecondFactor, code_at, new_secret, recovery_hash
from ad_auth.usecases.remove_totp import remove_totp, reset_totp
from ad_chassis.database import EVERY_TENANT
from ad_chassis.errors import Forbidden, NotFound, TooManyRequests
from tests.support.callers import caller
from tests.support.registry import published


@pytest.fixture
async def ann(add_user):
    return await add_user("ann", "admin")


@pytest.fixture
async def factor(store, ann, now) -> SecondFactor:
    factor = SecondFactor("default", ann.id, new_secret(), now, now)
    async with store.transaction(EVERY_TENANT) as work:
        await work.save_second_factor(factor)
        await work.replace_recovery_codes(ann, [recovery_hash("lost-phone")], now)
    return factor


@pytest.fixture
def remove(store, attempts, ann, now):
    async def remove(code: str) -> None:
        await remove_totp(
            store, attempts, by=caller((), subject=ann.id), code=code, address="192.0.2.7", now=now
        )

    return remove


@pytest.fixture
def left(store, ann):
    async def left() -> tuple[bool, int]:
        async with store.transaction(EVERY_TENANT, read_only=True) as work:
            return await work.second_factor(ann) is not None, await work.recovery_codes_left(ann)

    return left


@pytest.mark.parametrize("recovery", [False, True])
async def test_its_user_removes_it_with_a_code(factor, remove, left, now, recovery) -> None:
    code = "lost phone" if recovery else code_at(factor.secret, int(now.timestamp()) // 30).decode()
    await remove(code)
    assert await left() == (False, 0)
    with pytest.raises(NotFound):
        await remove(code)


async def test_wrong_codes_count_like_failed_logins_and_are_audited(platform, factor, remove, left) -> None:
    for _ in range(3):
        with pytest.raises(Forbidden, match="the code is wrong"):
            await remove("000000")
    with pytest.raises(TooManyRequests):
        await remove("000000")
    assert await left() == (True, 1)
    entries = [(each.action, each.outcome, each.details) for each in await published(platform, "audit")]
    assert entries[-3:] == [("remove second factor", "failed", {"reason": "wrong code"})] * 3


async def test_an_administrator_removes_it_without_one(platform, store, factor, left, ann, now) -> None:
    await reset_totp(store, by=caller(), user_id=ann.id, now=now)
    assert await left() == (False, 0)
    with pytest.raises(NotFound, match="no second factor"):
        await reset_totp(store, by=caller(), user_id=ann.id, now=now)
    entry = (await published(platform, "audit"))[-1]
    assert (entry.subject, entry.resource, entry.outcome) == ("me", ann.id, "allowed")


async def test_nobody_removes_that_of_a_user_with_more_rights_or_of_another_tenant(
    store, factor, left, ann, now
) -> None:
    with pytest.raises(Forbidden):
        await reset_totp(store, by=caller(["users:write"]), user_id=ann.id, now=now)
    with pytest.raises(NotFound):
        await reset_totp(store, by=caller(tenant="acme"), user_id=ann.id, now=now)
    assert await left() == (True, 1)

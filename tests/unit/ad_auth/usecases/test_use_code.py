"""A code is good once."""

import asyncio

import pytest

from ad_auth.domain.second_factor import SecondFactor, code_at, new_secret, recovery_hash
from ad_auth.usecases.use_code import locked_factor, use_code
from ad_chassis.database import EVERY_TENANT


@pytest.fixture
async def factor(store, add_user, now) -> SecondFactor:
    user = await add_user()
    factor = SecondFactor("default", user.id, new_secret(), now, now)
    async with store.transaction(EVERY_TENANT) as work:
        await work.save_second_factor(factor)
        await work.replace_recovery_codes(user, [recovery_hash("a-b"), recovery_hash("c-d")], now)
    return factor


@pytest.fixture
def use(store, factor, now):
    async def use(code: str) -> bool:
        async with store.transaction(EVERY_TENANT) as work:
            user = await work.user("default", factor.user_id)
            return await use_code(work, user, await locked_factor(work, user), code, now)

    return use


async def test_of_many_who_use_a_code_at_the_same_time_one_gets_it(use, factor, now) -> None:
    code = code_at(factor.secret, int(now.timestamp()) // 30).decode()
    assert (await asyncio.gather(*(use(code) for _ in range(5)))).count(True) == 1


async def test_a_recovery_code_is_good_once(store, use, factor, now) -> None:
    assert [await use("A B"), await use("ab"), await use("xy"), await use("cd")] == [True, False, False, True]
    async with store.transaction(EVERY_TENANT, read_only=True) as work:
        assert await work.recovery_codes_left(await work.user("default", factor.user_id)) == 0


async def test_a_factor_that_was_not_confirmed_is_none(store, add_user, now) -> None:
    user = await add_user("bob")
    async with store.transaction(EVERY_TENANT) as work:
        await work.save_second_factor(SecondFactor("default", user.id, new_secret(), now))
        assert await locked_factor(work, user) is None


async def test_a_user_who_goes_takes_factor_and_codes_along(store, factor) -> None:
    async with store.transaction(EVERY_TENANT) as work:
        user = await work.user("default", factor.user_id)
        await work.remove_user(user)
    async with store.transaction(EVERY_TENANT) as work:
        assert await work.second_factor(user) is None
        assert await work.recovery_codes_left(user) == 0

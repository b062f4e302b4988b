"""A device that asks whether its person has decided."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from ad_auth.adapters.cached_devices import CachedDevices
from ad_auth.domain.devices import Decision
from ad_auth.domain.refusals import AccessDenied, AuthorizationPending, ExpiredToken, SlowDown
from ad_auth.usecases.ask_device import ask_device
from ad_auth.usecases.decide_device import find_device
from ad_auth.usecases.issue_token import Grant
from ad_auth.usecases.poll_device import poll_device
from ad_chassis.cache import MemoryCache
from ad_chassis.database import EVERY_TENANT


@pytest.fixture
def clock():
    return [0.0]


@pytest.fixture
def devices(clock):
    return CachedDevices(MemoryCache(clock=lambda: clock[0]))


@pytest.fixture
async def codes(devices, now):
    return await ask_device(devices, client_id="cli", asked_from="here", now=now)


@pytest.fixture
def poll(store, devices, issuer, codes, now):
    async def poll():
        return await poll_device(store, devices, issuer, device_code=codes[0], client_id="cli", now=now)

    return poll


async def test_rfc8628_3_5_each_question_that_comes_too_soon_makes_the_interval_longer(poll, clock) -> None:
    for seconds, error in (
        (0, AuthorizationPending),
        (5, AuthorizationPending),
        (6, SlowDown),
        (11, AuthorizationPending),
        (16, SlowDown),
        (22, AuthorizationPending),
        (32, SlowDown),
    ):
        clock[0] = seconds
        with pytest.raises(error):
            await poll()


async def test_rfc8628_3_5_a_device_code_ends_after_ten_minutes(poll, clock) -> None:
    clock[0] = 600
    with pytest.raises(ExpiredToken):
        await poll()


@pytest.mark.parametrize("change", ["suspended", "removed", "denied", "changed"])
async def test_who_approved_and_cannot_sign_in_any_more_gives_nothing(
    store, devices, add_user, codes, poll, change, now
) -> None:
    user = await add_user()
    device = await find_device(devices, user_code=codes[1], address="a")
    await devices.decide(device, Decision("default", None if change == "denied" else user.id, now))
    async with store.transaction(EVERY_TENANT) as work:
        if change == "suspended":
            await work.save_user(replace(user, suspended_at=now))
        elif change == "changed":
            await work.save_user(
                replace(user, password_hash="another", updated_at=now + timedelta(seconds=1))
            )
        elif change == "removed":
            await work.remove_user(user)
    with pytest.raises(AccessDenied):
        await poll()


async def test_of_many_questions_at_once_one_gets_the_tokens(devices, add_user, codes, poll, now) -> None:
    user = await add_user()
    device = await find_device(devices, user_code=codes[1], address="a")
    await devices.decide(device, Decision("default", user.id, now))
    outcomes = await asyncio.gather(*(poll() for _ in range(5)), return_exceptions=True)
    assert [isinstance(each, Grant) for each in outcomes].count(True) == 1


async def test_a_decision_is_taken_once_however_close_two_questions_are(
    devices, add_user, codes, now
) -> None:
    user = await add_user()
    device = await find_device(devices, user_code=codes[1], address="a")
    decision = Decision("default", user.id, now)
    await devices.decide(device, decision)
    assert [await devices.take_decision(device) for _ in range(2)] == [decision, None]

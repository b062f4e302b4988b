"""What a person decides counts once."""

import asyncio

import pytest

from ad_auth.adapters.cached_devices import CachedDevices
from ad_auth.usecases.ask_device import ask_device
from ad_auth.usecases.decide_device import Approval, deny_device, find_device
from ad_auth.usecases.open_session import open_session
from ad_chassis.cache import MemoryCache
from ad_chassis.errors import TooManyRequests
from tests.support.registry import published


@pytest.fixture
def devices(platform):
    return CachedDevices(platform.cache)


@pytest.fixture
async def code(devices, now):
    _, user_code = await ask_device(devices, client_id="cli", asked_from="192.0.2.1", now=now)
    return user_code


async def test_of_many_decisions_one_counts(devices, store, add_user, code, now) -> None:
    user, device = await add_user(), await find_device(devices, user_code=code, address="a")
    approvals = [open_session(store, Approval(devices, device), user, None, now) for _ in range(3)]
    outcomes = await asyncio.gather(*approvals, deny_device(devices, device, now))
    assert sorted(outcomes) == [False, False, False, True]
    assert await find_device(devices, user_code=code, address="a") is None


async def test_an_approval_is_in_the_audit_log(platform, devices, store, add_user, code, now) -> None:
    user, device = await add_user(), await find_device(devices, user_code=code, address="a")
    assert await open_session(store, Approval(devices, device), user, None, now)
    entry = (await published(platform, "audit"))[-1]
    assert (entry.action, entry.subject, entry.details["asked_from"]) == (
        "approve device", user.id, "192.0.2.1"
    )  # fmt: skip


async def test_rfc8628_5_1_after_ten_wrong_codes_an_address_waits_and_others_do_not(devices, code) -> None:
    for _ in range(10):
        assert await find_device(devices, user_code="WRONG", address="a") is None
    with pytest.raises(TooManyRequests):
        await find_device(devices, user_code=code, address="a")
    assert await find_device(devices, user_code=code, address="b") is not None


async def test_wrong_codes_from_one_network_of_ipv6_count_together(devices, code) -> None:
    for number in range(10):
        await find_device(devices, user_code="WRONG", address=f"2001:db8::{number:x}")
    with pytest.raises(TooManyRequests):
        await find_device(devices, user_code=code, address="2001:db8::ffff")


class DistantCache(MemoryCache):
    """Others have their turn while it looks, as with a server."""

    async def get(self, key: str) -> bytes | None:
        await asyncio.sleep(0)
        return await super().get(key)


async def test_many_codes_at_the_same_time_are_no_way_around_the_limit() -> None:
    devices = CachedDevices(DistantCache())
    tries = [find_device(devices, user_code="WRONG", address="a") for _ in range(30)]
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert (outcomes.count(None), len(outcomes)) == (10, 30)


async def test_right_codes_and_tries_without_an_address_use_nothing_up(devices, code) -> None:
    for address in ("a", None):
        for _ in range(30):
            assert await find_device(devices, user_code=code, address=address) is not None
    for _ in range(30):
        assert await find_device(devices, user_code="WRONG", address=None) is None

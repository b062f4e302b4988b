"""Codes for a device and its person."""

from ad_auth.adapters.cached_devices import CachedDevices
from ad_auth.domain.credentials import digest
from ad_auth.usecases import ask_device as asking
from ad_auth.usecases.ask_device import ask_device


async def test_both_codes_lead_to_what_was_asked(platform, now) -> None:
    devices = CachedDevices(platform.cache)
    device_code, user_code = await ask_device(devices, client_id="cli", asked_from="192.0.2.1", now=now)
    found = await devices.by_device_code(digest(device_code))
    assert found == await devices.by_user_code(digest(user_code))
    assert found is not None
    assert (found.client_id, found.asked_from, found.asked_at) == ("cli", "192.0.2.1", now)


async def test_no_two_devices_wait_for_the_same_code(platform, now, monkeypatch) -> None:
    devices, codes = CachedDevices(platform.cache), iter(["BBBBBBBB", "BBBBBBBB", "CCCCCCCC"])
    monkeypatch.setattr(asking, "new_user_code", lambda: next(codes))
    given = [await ask_device(devices, client_id="cli", asked_from="here", now=now) for _ in range(2)]
    assert [user_code for _, user_code in given] == ["BBBBBBBB", "CCCCCCCC"]

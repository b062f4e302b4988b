"""Logins on other devices, in the cache: they are over after ten minutes, and a lost one is begun again."""

from pydantic import TypeAdapter

from ad_auth.domain.credentials import digest
from ad_auth.domain.devices import INTERVAL_SECONDS, LIFETIME, Decision, DeviceRequest
from ad_chassis.cache import Cache
from ad_chassis.errors import TooManyRequests
from ad_chassis.logs import security_event
from ad_chassis.networks import network_of

KEPT_SECONDS = LIFETIME.total_seconds()
GUESSES = 10
GUESS_SECONDS = 900
SLOWER_SECONDS = 5
GRACE_SECONDS = 0.5
"""The way of two questions is not equally long."""
_devices = TypeAdapter(DeviceRequest)
_decisions = TypeAdapter(Decision)


class CachedDevices:
    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    async def add(self, device: DeviceRequest) -> bool:
        text = _devices.dump_json(device)
        if not await self._cache.add(_of_user(device.user_hash), text, KEPT_SECONDS):
            return False
        await self._cache.set(_of_device(device.device_hash), text, KEPT_SECONDS)
        return True

    async def by_user_code(self, user_hash: str) -> DeviceRequest | None:
        return _device(await self._cache.get(_of_user(user_hash)))

    async def by_device_code(self, device_hash: str) -> DeviceRequest | None:
        return _device(await self._cache.get(_of_device(device_hash)))

    async def decide(self, device: DeviceRequest, decision: Decision) -> bool:
        if await self._cache.take(_of_user(device.user_hash)) is None:
            return False
        text = _decisions.dump_json(decision)
        await self._cache.set(_decided(device), text, KEPT_SECONDS)
        return True

    async def may_poll(self, device: DeviceRequest) -> bool:
        polled = f"auth:device:polled:{device.device_hash}"
        slower = f"auth:device:slower:{device.device_hash}"
        times = int(await self._cache.get(slower) or 0)
        interval = INTERVAL_SECONDS + SLOWER_SECONDS * times - GRACE_SECONDS
        if await self._cache.add(polled, b"1", interval):
            return True
        await self._cache.increment(slower, KEPT_SECONDS)
        return False

    async def take_decision(self, device: DeviceRequest) -> Decision | None:
        text = await self._cache.take(_decided(device))
        if text is None:
            return None
        await self._cache.delete(_of_device(device.device_hash))
        return _decisions.validate_json(text)

    async def count_guess(self, address: str | None) -> None:
        if address is None:
            return
        if await self._cache.increment(_guesses(address), GUESS_SECONDS) > GUESSES:
            await self.take_back_guess(address)
            security_event("device codes guessed", address=address)
            raise TooManyRequests(
                f"too many wrong codes from this address; try again in {GUESS_SECONDS // 60} minutes",
                retry_after_seconds=GUESS_SECONDS,
            )

    async def take_back_guess(self, address: str | None) -> None:
        if address is not None:
            await self._cache.increment(_guesses(address), GUESS_SECONDS, by=-1)


def _device(text: bytes | None) -> DeviceRequest | None:
    return None if text is None else _devices.validate_json(text)


def _of_user(user_hash: str) -> str:
    return f"auth:device:user:{user_hash}"


def _of_device(device_hash: str) -> str:
    return f"auth:device:{device_hash}"


def _decided(device: DeviceRequest) -> str:
    return f"auth:device:decided:{device.device_hash}"


def _guesses(address: str) -> str:
    return f"auth:device:guesses:{digest(network_of(address))}"

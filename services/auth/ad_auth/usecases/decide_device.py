"""Finds what a person's code asks for, and keeps what the person decides."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from ad_auth.domain.accounts import User
from ad_auth.domain.credentials import digest
from ad_auth.domain.devices import Decision, DeviceRequest, canonical_code
from ad_auth.ports import AuditEntry, Devices, Transaction


async def find_device(devices: Devices, *, user_code: str, address: str | None) -> DeviceRequest | None:
    """Wrong codes are counted by address, so that nobody tries them all (RFC 8628 section 5.1)."""
    await devices.count_guess(address)
    found = await devices.by_user_code(digest(canonical_code(user_code)))
    if found is not None:
        await devices.take_back_guess(address)
    return found


@dataclass(frozen=True, slots=True)
class Approval:
    """Given to who signed in on the page; whether the device still waited."""

    devices: Devices
    device: DeviceRequest

    async def give(self, work: Transaction, user: User, now: datetime) -> Callable[[], Awaitable[bool]]:
        details = {"client": self.device.client_id, "asked_from": self.device.asked_from}
        await work.record(AuditEntry(user.tenant, user.id, "approve device", None, "allowed", now, details))

        async def answer() -> bool:
            return await self.devices.decide(self.device, Decision(user.tenant, user.id, now))

        return answer


async def deny_device(devices: Devices, device: DeviceRequest, now: datetime) -> bool:
    """Needs no login: who knows the code may always say no."""
    return await devices.decide(device, Decision("", None, now))

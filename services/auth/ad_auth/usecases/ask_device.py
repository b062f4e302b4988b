"""Begins a login on another device (RFC 8628 section 3.1)."""

from datetime import datetime

from ad_auth.domain.credentials import digest, new_secret
from ad_auth.domain.devices import DEVICE_PREFIX, DeviceRequest, new_user_code
from ad_auth.ports import Devices


async def ask_device(devices: Devices, *, client_id: str, asked_from: str, now: datetime) -> tuple[str, str]:
    """The code that the device polls with, and the one that the person types."""
    device_code = DEVICE_PREFIX + new_secret()
    while True:
        user_code = new_user_code()
        if await devices.add(
            DeviceRequest(digest(device_code), digest(user_code), client_id, now, asked_from)
        ):
            return device_code, user_code

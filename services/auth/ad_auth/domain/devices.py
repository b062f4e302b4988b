"""Signing in on another device: the codes of RFC 8628, and what was asked and decided."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

DEVICE_PREFIX = "ad_device_"
# RFC 8628 section 6.1: no vowels, so no words; 20^8 codes are 34 bits.
LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
USER_CODE_LETTERS = 8
LIFETIME = timedelta(minutes=10)
INTERVAL_SECONDS = 5


@dataclass(frozen=True, slots=True)
class DeviceRequest:
    """What asks, from where. Neither of its codes is kept, only their digests."""

    device_hash: str = field(repr=False)
    user_hash: str = field(repr=False)
    client_id: str
    asked_at: datetime
    asked_from: str


@dataclass(frozen=True, slots=True)
class Decision:
    """The user who approved, and when; None when somebody denied."""

    tenant: str
    user_id: str | None
    at: datetime


def new_user_code() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(USER_CODE_LETTERS))


def canonical_code(text: str) -> str:
    """As it was made, however somebody typed it."""
    return "".join(letter for letter in text.upper() if letter in LETTERS)[: USER_CODE_LETTERS + 1]


def shown_code(code: str) -> str:
    half = USER_CODE_LETTERS // 2
    return f"{code[:half]}-{code[half:]}"

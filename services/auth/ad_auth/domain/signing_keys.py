"""The keys that sign access tokens: each is published before it signs, and until its last token has ended."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any


@dataclass(frozen=True, slots=True)
class SigningKey:
    """`generation` counts up, and each can be stored once: so all processes agree on one key."""

    tenant: str
    generation: int
    id: str
    algorithm: str
    jwk: dict[str, Any] = field(repr=False)
    created_at: datetime
    signs_from: datetime
    retired_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Schedule:
    """A key signs for `max_age`, and is published `ahead` of that: longer than verifiers keep the key set."""

    max_age: timedelta
    ahead: timedelta


def newest(keys: Sequence[SigningKey]) -> SigningKey | None:
    return max(keys, key=lambda key: key.generation, default=None)


def signing(keys: Sequence[SigningKey], now: datetime) -> SigningKey | None:
    """The newest of those whose time has come; the next one waits until every verifier knows it."""
    return newest([key for key in keys if key.signs_from <= now])


def due(keys: Sequence[SigningKey], algorithm: str, now: datetime, schedule: Schedule) -> bool:
    """Whether a new key is wanted: the first one, another algorithm, or the newest will soon be too old."""
    last = newest(keys)
    if last is None or last.algorithm != algorithm:
        return True
    return now >= last.signs_from + schedule.max_age - schedule.ahead


def starts(keys: Sequence[SigningKey], now: datetime, schedule: Schedule) -> datetime:
    """When a key that is made now begins to sign. The first one signs at once: nobody has tokens of another."""
    return now + schedule.ahead if keys else now


def published(keys: Sequence[SigningKey], now: datetime, token_lifetime: timedelta) -> list[SigningKey]:
    """The keys whose tokens may still be good, and the one that will sign next."""
    return [key for key in keys if key.retired_at is None or now < key.retired_at + token_lifetime]

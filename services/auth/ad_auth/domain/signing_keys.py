"""The keys that sign access tokens: the newest signs, older ones are published until their tokens end."""

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
    retired_at: datetime | None = None


def newest(keys: Sequence[SigningKey]) -> SigningKey | None:
    return max(keys, key=lambda key: key.generation, default=None)


def due(keys: Sequence[SigningKey], algorithm: str, now: datetime, max_age: timedelta) -> bool:
    """Whether a new key is wanted: the first one, another algorithm, or the newest is too old."""
    current = newest(keys)
    return current is None or current.algorithm != algorithm or now - current.created_at >= max_age


def published(keys: Sequence[SigningKey], now: datetime, token_lifetime: timedelta) -> list[SigningKey]:
    """The keys whose tokens may still be good."""
    return [key for key in keys if key.retired_at is None or now < key.retired_at + token_lifetime]

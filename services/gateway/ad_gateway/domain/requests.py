"""What a client of the live feed may say while it is connected."""

from typing import Literal

import msgspec

from ad_gateway.domain.filters import AnomalyFilter


class FilterRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Other filters from now on; what is left out lets everything through."""

    type: Literal["filter"] = "filter"
    streams: list[str] = []
    entities: list[str] = []
    models: list[str] = []
    severity: str | None = None
    kinds: list[str] = []

    def wanted(self) -> AnomalyFilter:
        return AnomalyFilter.of(self.streams, self.entities, self.models, self.severity, self.kinds)


class AuthenticateRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A new token, API key or ticket of the same subject, before the one in use ends."""

    type: Literal["authenticate"]
    token: str | None = None
    ticket: str | None = None

    def __post_init__(self) -> None:
        if (self.token is None) == (self.ticket is None):
            raise ValueError("give either a token or a ticket")


class _Head(msgspec.Struct):
    type: str = "filter"


FORMS: dict[str, type[FilterRequest | AuthenticateRequest]] = {
    "filter": FilterRequest,
    "authenticate": AuthenticateRequest,
}


def read(text: str) -> FilterRequest | AuthenticateRequest:
    """Raises `msgspec.MsgspecError` for what is no message of a client. Without a type it is a filter."""
    kind = msgspec.json.decode(text, type=_Head).type
    if kind not in FORMS:
        raise msgspec.ValidationError(f"type is {kind[:50]!r}; it must be one of {', '.join(FORMS)}")
    return msgspec.json.decode(text, type=FORMS[kind])


class Allowance:
    """How often a client may speak: a few times at once, and then so many times a second."""

    __slots__ = ("_at", "_left")
    BURST = 20.0
    A_SECOND = 2.0

    def __init__(self, now: float) -> None:
        self._left = self.BURST
        self._at = now

    def spend(self, now: float) -> bool:
        """Whether another message is within it."""
        self._left = min(self._left + (now - self._at) * self.A_SECOND, self.BURST)
        self._at = now
        if self._left < 1.0:
            return False
        self._left -= 1.0
        return True

"""What the gateway needs of the outside."""

from collections.abc import AsyncIterator
from typing import NamedTuple, Protocol

from fastapi import Request, Response

from ad_contracts.events import AnomalyDetected
from ad_gateway.domain.cursor import Positions


class Place(NamedTuple):
    partition: int
    next_offset: int


class Found(NamedTuple):
    """An anomaly and where the feed goes on after it."""

    place: Place
    anomaly: AnomalyDetected


class Live(Protocol):
    """The anomalies of a tenant from one moment on, until closed."""

    @property
    def start(self) -> Positions:
        """Where the live part begins; what stands before it is history."""

    def behind(self) -> bool:
        """True once the reader was too slow and something was left out: go back to history."""

    async def next(self) -> Found: ...
    def close(self) -> None: ...


class Forwarder(Protocol):
    async def forward(self, request: Request, service: str, token: str | None) -> Response:
        """The answer of a service to a request, problems included, with no rights but the caller's."""


class TokenExchange(Protocol):
    async def access_token(self, bearer: str) -> str:
        """An access token for what a caller sent: the same, or that of its API key."""


class AnomalyFeed(Protocol):
    async def open(self, tenant: str) -> Live: ...
    def history(self, tenant: str, start: Positions, stop: Positions) -> AsyncIterator[Found]:
        """What stands in the log between two positions, partition after partition."""

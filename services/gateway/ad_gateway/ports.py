"""What the gateway needs of the outside."""

from collections.abc import AsyncGenerator
from typing import NamedTuple, Protocol

from fastapi import Request, Response

from ad_contracts.events import AnomalyDetected
from ad_gateway.domain.cursor import Positions
from ad_gateway.domain.ring import Place, Ring


class Found(NamedTuple):
    """An anomaly and where the feed goes on after it."""

    place: Place
    anomaly: AnomalyDetected


class Listener(Protocol):
    def wake(self) -> None:
        """There may be something new in the ring. Must not wait."""


class Tail(Protocol):
    """The newest anomalies of a tenant, as they come."""

    @property
    def ring(self) -> Ring: ...
    @property
    def now(self) -> Positions:
        """Where a client begins that wants only what is new."""

    def join(self, listener: Listener) -> None: ...
    def leave(self, listener: Listener) -> None: ...


class AnomalyFeed(Protocol):
    async def tail(self, tenant: str) -> Tail: ...
    def history(self, tenant: str, start: Positions, stop: Positions) -> AsyncGenerator[Found]:
        """What stands in the log between two positions, partition after partition."""


class Gone(Exception):
    """The client is not there any more."""


class Outlet(Protocol):
    """The way to one client."""

    async def send(self, text: str) -> None:
        """Waits while the client takes nothing; raises `Gone`."""

    async def close(self, code: int, reason: str) -> None: ...


class Meter(Protocol):
    """Counts what happens in the feed of a tenant."""

    def connected(self, tenant: str, change: int) -> None: ...
    def sent(self, tenant: str) -> None: ...
    def gap(self, tenant: str) -> None: ...
    def resumed(self, tenant: str) -> None: ...
    def closed(self, code: int) -> None: ...


class Forwarder(Protocol):
    async def forward(self, request: Request, service: str, token: str | None) -> Response:
        """The answer of a service to a request, problems included, with no rights but the caller's."""


class TokenExchange(Protocol):
    async def access_token(self, bearer: str) -> str:
        """An access token for what a caller sent: the same, or that of its API key."""


class Pass(NamedTuple):
    """What a ticket stands for."""

    token: str
    tenant: str


class Tickets(Protocol):
    async def issue(self, held: Pass, seconds: float) -> str:
        """A ticket that is good once."""

    async def redeem(self, ticket: str) -> Pass | None:
        """None for one that nobody was given, that has ended, or that was used."""

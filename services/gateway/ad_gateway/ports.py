"""What the gateway needs of the outside."""

from collections.abc import AsyncGenerator, AsyncIterator
from typing import NamedTuple, Protocol

from ad_contracts.events import AnomalyDetected
from ad_gateway.domain.cursor import Positions
from ad_gateway.domain.keyed import KeptAnswer
from ad_gateway.domain.limits import Caller
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


class Forward(NamedTuple):
    """A request on its way to the service that owns its path."""

    service: str
    method: str
    target: str
    headers: dict[str, str]
    body: AsyncIterator[bytes] | bytes | None
    token: str | None
    seconds: float
    slow: bool
    """Whether an answer may take its time; then a time-out says nothing of the service."""


class Forwarded(Protocol):
    """An answer that comes in pieces; to be closed at the end."""

    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> list[tuple[bytes, bytes]]: ...
    def pieces(self) -> AsyncIterator[bytes]: ...
    async def close(self) -> None: ...


class Forwarder(Protocol):
    async def forward(self, call: Forward) -> Forwarded:
        """The answer of a service, problems included, with no rights but the caller's.

        Raises `Unavailable`, at once while the service is known not to answer.
        """


class Identification(Protocol):
    async def caller(self, token: str) -> Caller | None:
        """Whose token it is; None when that cannot be told. Gives no right: the service checks the token."""


class KeyedAnswers(Protocol):
    """What was answered to an Idempotency-Key; forgotten after a while."""

    async def claim(self, place: str, kept: KeptAnswer) -> KeptAnswer | None:
        """Keeps a note that the call has begun, unless there is something already: then that."""

    async def keep(self, place: str, kept: KeptAnswer) -> None: ...
    async def forget(self, place: str) -> None: ...


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

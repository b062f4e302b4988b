"""What the gateway needs of the outside."""

from collections.abc import AsyncIterator
from typing import NamedTuple, Protocol

from ad_contracts.events import AnomalyDetected
from ad_gateway.domain.cursor import Positions
from ad_gateway.domain.keyed import KeptAnswer
from ad_gateway.domain.limits import Caller


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


class AnomalyFeed(Protocol):
    async def open(self, tenant: str) -> Live: ...
    def history(self, tenant: str, start: Positions, stop: Positions) -> AsyncIterator[Found]:
        """What stands in the log between two positions, partition after partition."""

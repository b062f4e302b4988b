"""Who may open the live feed, however it is carried: origin, ticket or token, filter, cursor."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from ad_chassis.errors import BadRequest, Forbidden, Unauthenticated
from ad_chassis.logs import security_event
from ad_chassis.security import Permission
from ad_chassis.security.access import acting_for, authorise
from ad_contracts.errors import CursorError
from ad_gateway.api.guard import over
from ad_gateway.domain import cursor
from ad_gateway.domain.cursor import Positions
from ad_gateway.domain.filters import AnomalyFilter, FilterError
from ad_gateway.domain.limits import Caller, RateLimits
from ad_gateway.ports import Pass, Tickets, TokenExchange
from ad_gateway.usecases.session import Admitted

PERMISSION: Permission = "anomalies:read"
TICKET = "ticket"


@dataclass(frozen=True, slots=True)
class Admission:
    """Every refusal is an error of the platform; the transport says it in its own way."""

    keys: TokenExchange
    tickets: Tickets
    limits: RateLimits
    allowed_origins: tuple[str, ...] = ()

    async def admit(self, connection: HTTPConnection, bearer: str | None) -> Admitted:
        """By the ticket of the query, else by what was sent as bearer token; counted as a request of its caller."""
        self._check_origin(connection)
        admitted = await self._recognised(connection, bearer)
        who = admitted.principal
        verdicts = self.limits.of_caller(Caller(who.tenant, who.kind, who.subject))
        connection.scope["verdicts"] += verdicts
        if not verdicts[-1].allowed:
            raise over(verdicts[-1])
        return admitted

    async def _recognised(self, connection: HTTPConnection, bearer: str | None) -> Admitted:
        if TICKET in connection.query_params:
            return await self.by_ticket(connection, connection.query_params[TICKET])
        if bearer is None:
            raise Unauthenticated("no access token was sent: send one, or a ticket as ?ticket=")
        return await self.by_token(connection, bearer)

    async def by_token(self, connection: HTTPConnection, bearer: str) -> Admitted:
        token = await self.keys.access_token(bearer)
        return Admitted(await authorise(connection, PERMISSION, token), token)

    async def by_ticket(self, connection: HTTPConnection, ticket: str) -> Admitted:
        held = await self.tickets.redeem(ticket)
        if held is None:
            security_event("ticket refused", path=connection.url.path)
            raise Unauthenticated("the ticket is unknown, was used or has ended; get a new one")
        principal = await authorise(connection, PERMISSION, held.token)
        return Admitted(acting_for(principal, held.tenant), held.token)

    async def ticket(self, connection: HTTPConnection, bearer: str, seconds: float) -> str:
        """A ticket that opens what the bearer opens."""
        admitted = await self.by_token(connection, bearer)
        return await self.tickets.issue(Pass(admitted.token, admitted.principal.tenant), seconds)

    def _check_origin(self, connection: HTTPConnection) -> None:
        """A browser sends cookies of ours to nobody, but it tells every page's script what comes over a socket."""
        origin = connection.headers.get("origin")
        if origin is None or origin in self.allowed_origins:
            return
        if urlsplit(origin).netloc != connection.headers.get("host"):
            security_event("origin refused", origin=origin, path=connection.url.path)
            raise Forbidden("this origin may not open the feed")


def same_client(before: Admitted, after: Admitted) -> bool:
    """A connection stays with the subject that opened it, in its tenant."""
    old, new = before.principal, after.principal
    return (old.subject, old.tenant, old.kind) == (new.subject, new.tenant, new.kind)


def asked(connection: HTTPConnection) -> tuple[AnomalyFilter, Positions | None]:
    """The filter and the cursor of the query; `BadRequest` says what is wrong with them."""
    query = connection.query_params
    # A browser that comes back by itself says in this header where it was cut.
    after = connection.headers.get("last-event-id") or query.get("after")
    try:
        wanted = AnomalyFilter.of(
            query.getlist("stream"),
            query.getlist("entity"),
            query.getlist("model"),
            query.get("severity"),
            query.getlist("kind"),
        )
        return wanted, None if after is None else cursor.decode(after)
    except (FilterError, CursorError) as error:
        raise BadRequest(str(error)) from error

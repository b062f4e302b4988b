"""`GET /api/v1/anomalies/stream`: the live feed as Server-Sent Events, for clients that only listen."""

from typing import Annotated, Literal

from fastapi import APIRouter, Header, Query, Request, Security
from fastapi.responses import Response
from fastapi.security.http import HTTPAuthorizationCredentials
from pydantic import BaseModel, Field
from starlette.types import Receive, Scope, Send

from ad_chassis.security.access import bearer, bearer_token
from ad_gateway.api.admission import PERMISSION, Admission, asked
from ad_gateway.domain.cursor import Positions
from ad_gateway.domain.events import BEGIN, closed, event
from ad_gateway.domain.filters import MOST_VALUES, AnomalyFilter
from ad_gateway.usecases.hub import Hub
from ad_gateway.usecases.session import Admitted

MEDIA_TYPE = "text/event-stream"
EXAMPLE = 'id: eyIwIjo3fQ\nevent: anomaly\ndata: {"type":"anomaly","cursor":"eyIwIjo3fQ","anomaly":{…}}\n\n'
Values = Annotated[list[str], Field(max_length=MOST_VALUES)]


class StreamQuery(BaseModel):
    """As the WebSocket takes them."""

    stream: Values = Field(default=[], description="Only anomalies of these streams")
    entity: Values = Field(default=[], description="Only anomalies of these entities")
    model: Values = Field(default=[], description="Only anomalies that these models found")
    kind: list[Literal["record", "silence"]] = Field(default=[], description="Only anomalies of these kinds")
    severity: Literal["low", "medium", "high", "critical"] | None = Field(
        default=None, description="The lowest severity that is sent"
    )
    after: str | None = Field(default=None, description="The cursor of the last message: goes on behind it")
    ticket: str | None = Field(
        default=None, description="Of `POST /api/v1/ws/tickets`, instead of the header Authorization"
    )


class EventOutlet:
    """The answer begins with the first message: until then a refusal can still be a problem."""

    __slots__ = ("_begun", "_send")

    def __init__(self, send: Send) -> None:
        self._send = send
        self._begun = False

    async def send(self, text: str) -> None:
        await self._body(event(text), more=True)

    async def close(self, code: int, reason: str) -> None:
        await self._body(closed(code, reason), more=False)

    async def _body(self, text: str, *, more: bool) -> None:
        if not self._begun:
            self._begun = True
            await self._send({"type": "http.response.start", "status": 200, "headers": HEADERS})
            text = BEGIN + text
        await self._send({"type": "http.response.body", "body": text.encode(), "more_body": more})


HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    # What nginx needs to be told to pass each event on at once.
    (b"x-accel-buffering", b"no"),
]


class EventStream(Response):
    """Sends events until the client leaves or is closed."""

    media_type = MEDIA_TYPE

    def __init__(self, hub: Hub, admitted: Admitted, wanted: AnomalyFilter, after: Positions | None) -> None:
        super().__init__()
        self._hub = hub
        self._admitted = admitted
        self._wanted = wanted
        self._after = after

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        outlet = EventOutlet(send)
        async with (
            self._hub.place(self._admitted.principal.tenant),
            self._hub.following(outlet, self._admitted, self._wanted, self._after),
        ):
            while (await receive())["type"] != "http.disconnect":
                pass


def routes(hub: Hub, admission: Admission) -> APIRouter:
    router = APIRouter(prefix="/api/v1/anomalies", tags=["live"])

    @router.get(
        "/stream",
        status_code=200,
        response_class=EventStream,
        responses={200: {"description": "Events", "content": {MEDIA_TYPE: {"example": EXAMPLE}}}},
    )
    async def stream_anomalies(
        request: Request,
        _query: Annotated[StreamQuery, Query()],
        _credentials: Annotated[HTTPAuthorizationCredentials | None, Security(bearer, scopes=[PERMISSION])],
        _last: Annotated[
            str | None, Header(alias="Last-Event-ID", description="As `after`; a browser sends it by itself")
        ] = None,
    ) -> Response:
        """Anomalies as they are found, as Server-Sent Events. The id of an event is its cursor: come back with it
        and nothing is missed or sent twice. Comments are signs of life; the event `closed` says why the stream
        ends, such as with 4401 at the end of the token."""
        header = request.headers.get("authorization")
        admitted = await admission.admit(request, None if header is None else bearer_token(header))
        return EventStream(hub, admitted, *asked(request))

    return router

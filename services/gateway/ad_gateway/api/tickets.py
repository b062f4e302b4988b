"""`POST /api/v1/ws/tickets`: what a page puts into an address instead of its token."""

from typing import Annotated

from fastapi import APIRouter, Request, Security
from fastapi.security.http import HTTPAuthorizationCredentials
from pydantic import BaseModel, Field

from ad_chassis.security.access import bearer, bearer_token
from ad_gateway.api.admission import PERMISSION, Admission

TICKET_SECONDS = 30


class Ticket(BaseModel):
    ticket: str = Field(
        description="Good for one connection: `?ticket=…` of the WebSocket or of the event stream"
    )
    expires_in: int = Field(description="Seconds until it ends unused")


def routes(admission: Admission) -> APIRouter:
    router = APIRouter(prefix="/api/v1/ws", tags=["live"])

    @router.post("/tickets", status_code=201)
    async def create_ticket(
        request: Request,
        _credentials: Annotated[HTTPAuthorizationCredentials | None, Security(bearer, scopes=[PERMISSION])],
    ) -> Ticket:
        """A one-time ticket for the live feed. It opens what the token opens that is sent with this call, once,
        within 30 seconds; so a page need not put its token where addresses are logged."""
        token = bearer_token(request.headers.get("authorization"))
        return Ticket(
            ticket=await admission.ticket(request, token, TICKET_SECONDS), expires_in=TICKET_SECONDS
        )

    return router

"""The route of introspection."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response

from ad_auth.api.desk import Desk
from ad_auth.api.grant_problems import NO_STORE, documented
from ad_auth.api.parameters import documented_body, read_parameters, required
from ad_auth.usecases.introspect_token import introspect_token
from ad_chassis.security import Principal, require

Asker = Annotated[Principal, require("tokens:introspect")]


def routes(desk: Desk) -> APIRouter:
    router = APIRouter(prefix="/api/v1/auth", tags=["auth"])

    # Who calls is refused here like everywhere else, not as a grant is.
    @router.post(
        "/introspect",
        responses={400: documented()[400]},
        openapi_extra=documented_body("token", "token_type_hint"),
    )
    async def introspect(request: Request, response: Response, principal: Asker) -> dict[str, Any]:
        """Whether a token of the tenant is good, and whose it is (RFC 7662)."""
        token = required(await read_parameters(request), "token")
        response.headers.update(NO_STORE)
        return await introspect_token(
            desk.store, desk.verify, by=principal, token=token, now=datetime.now(UTC)
        )

    return router

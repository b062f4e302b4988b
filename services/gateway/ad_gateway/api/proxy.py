"""Everything under /api/v1 that a service owns."""

from fastapi import APIRouter, Request, Response

from ad_chassis.errors import BadRequest, NotFound
from ad_chassis.security.access import bearer_token
from ad_gateway.domain.owners import owner
from ad_gateway.ports import Forwarder, TokenExchange

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def routes(forwarder: Forwarder, keys: TokenExchange) -> APIRouter:
    router = APIRouter()

    @router.api_route("/api/v1/{_path:path}", methods=METHODS, include_in_schema=False)
    async def forward(_path: str, request: Request) -> Response:
        """The service checks the token by itself; the gateway adds no right and takes none away."""
        service = owner(request.url.path)
        if service is None:
            raise NotFound(f"there is nothing at {request.url.path}; /api/v1/docs lists what there is")
        odd = next((name for name, value in request.headers.items() if not value.isascii()), None)
        if odd is not None:
            raise BadRequest(f"the header {odd} holds characters beyond ASCII")
        header = request.headers.get("authorization")
        token = await keys.access_token(bearer_token(header)) if header else None
        return await forwarder.forward(request, service, token)

    return router

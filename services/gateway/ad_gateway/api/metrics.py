"""`/metrics` at the edge: of all tenants, and therefore for the platform's own key alone."""

from collections.abc import Callable, Iterable
from typing import Annotated

from fastapi import APIRouter, Request, Response, Security
from fastapi.responses import PlainTextResponse
from fastapi.security.http import HTTPAuthorizationCredentials
from prometheus_client import CollectorRegistry

from ad_chassis.http.operations import operations
from ad_chassis.metrics import CONTENT_TYPE, render
from ad_chassis.security import Permission
from ad_chassis.security.access import authorise, bearer, bearer_token
from ad_gateway.ports import TokenExchange

PERMISSION: Permission = "metrics:read"


def routes(keys: TokenExchange, registries: Callable[[], Iterable[CollectorRegistry]]) -> APIRouter:
    async def get_metrics(
        request: Request,
        _credentials: Annotated[HTTPAuthorizationCredentials | None, Security(bearer, scopes=[PERMISSION])],
    ) -> Response:
        """Prometheus text, with the names of the streams of all tenants. METRICS_PORT needs no token."""
        token = await keys.access_token(bearer_token(request.headers.get("authorization")))
        await authorise(request, PERMISSION, token)
        return Response(render(registries()), media_type=CONTENT_TYPE)

    return operations({"/metrics": get_metrics}, PlainTextResponse)

"""What operators ask of every service: health and metrics, with and without the prefix of the API."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CollectorRegistry

from ad_chassis.health import Health
from ad_chassis.metrics import CONTENT_TYPE, render

PREFIXES = ("", "/api/v1")


def health_router(health: Health) -> APIRouter:
    async def get_health() -> Response:
        """All checks; 503 when one fails."""
        report = await health.report()
        return JSONResponse(report.as_json(), status_code=200 if report.healthy else 503)

    async def get_liveness() -> dict[str, str]:
        """The process answers."""
        return {"status": "alive"}

    async def get_readiness() -> Response:
        """Whether requests should come here: started, not draining, every check passes."""
        report = await health.readiness()
        return JSONResponse(report.as_json(), status_code=200 if report.healthy else 503)

    return operations({"/health": get_health, "/health/live": get_liveness, "/health/ready": get_readiness})


def metrics_router(registries: Callable[[], Iterable[CollectorRegistry]]) -> APIRouter:
    async def get_metrics() -> Response:
        """Prometheus text."""
        return Response(render(registries()), media_type=CONTENT_TYPE)

    return operations({"/metrics": get_metrics}, PlainTextResponse)


def operations(
    routes: Mapping[str, Callable[..., Any]], response_class: type[Response] = JSONResponse
) -> APIRouter:
    """Each at its path, and below the prefix of the API, which alone is documented."""
    router = APIRouter(tags=["operations"])
    for prefix in PREFIXES:
        for path, endpoint in routes.items():
            router.add_api_route(
                prefix + path,
                endpoint,
                methods=["GET"],
                include_in_schema=bool(prefix),
                response_class=response_class,
            )
    return router

"""The factory of every service's HTTP application."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from fastapi.telemetry import TelemetryConfig
from prometheus_client import CollectorRegistry
from starlette.middleware import Middleware
from starlette.types import Scope

from ad_chassis.health import Health
from ad_chassis.http.json_shape import USUAL, JsonLimits, JsonShape
from ad_chassis.http.middleware import UNMATCHED, Answered, BodyLimit, RequestContext, RequestMetrics
from ad_chassis.http.openapi import documented
from ad_chassis.http.operations import health_router, metrics_router
from ad_chassis.http.problems import install_problems
from ad_chassis.metrics import Metrics
from ad_chassis.security.verifier import TokenVerifier
from ad_chassis.telemetry import Telemetry

NO_TELEMETRY: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False}
DEFAULT_MAX_BODY_BYTES = 64 * 2**20


def create_app(
    name: str,
    version: str,
    *,
    metrics: Metrics,
    health: Health,
    verifier: TokenVerifier | None = None,
    telemetry: Telemetry | None = None,
    registries: Callable[[], Iterable[CollectorRegistry]] | None = None,
    expose_metrics: bool = True,
    max_body_bytes: int = DEFAULT_MAX_BODY_BYTES,
    json_limits: JsonLimits | None = USUAL,
    middleware: Sequence[Middleware] = (),
    title: str | None = None,
    description: str = "",
    openapi_url: str | None = "/openapi.json",
    audit: Answered | None = None,
) -> FastAPI:
    """An application with problems, request ids, metrics, health and tracing; the service adds its routers.

    `registries` are what /metrics shows; without it, those of `metrics` alone. `middleware` comes after ids,
    logs and metrics, the first one outermost. `json_limits` is None for what parses no body. `audit` is told of
    every guarded call that was answered.
    """
    app = FastAPI(
        title=title or f"anomaly_detection {name}",
        version=version,
        description=description,
        openapi_url=openapi_url,
        # FastAPI's own pages load scripts from elsewhere; the gateway has one that does not.
        docs_url=None,
        # The redirect would name this process, which only the gateway can reach.
        redirect_slashes=False,
        redoc_url=None,
        generate_unique_id_function=_operation_id,
        telemetry=telemetry.fastapi_config() if telemetry else NO_TELEMETRY,
    )
    app.state.verifier = verifier
    app.state.health = health
    install_problems(app)
    app.include_router(health_router(health))
    if expose_metrics:
        app.include_router(metrics_router(registries or (lambda: [metrics.registry])))
    # The last one added is the outermost.
    if json_limits is not None:
        app.add_middleware(JsonShape, limits=json_limits)
    app.add_middleware(BodyLimit, max_body_bytes=max_body_bytes)
    for each in reversed(middleware):
        app.add_middleware(each.cls, *each.args, **each.kwargs)
    app.add_middleware(RequestMetrics, metrics=metrics, template=_RouteTemplates(app))
    app.add_middleware(RequestContext, service=name, audit=audit)
    setattr(app, "openapi", documented(app))  # noqa: B010 - FastAPI's own way to replace the method
    return app


def _operation_id(route: APIRoute) -> str:
    return route.name


class _RouteTemplates:
    """The template of the route that served a request, with the prefix it was included under."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._templates: dict[int, str] = {}

    def __call__(self, scope: Scope) -> str:
        if "template" in scope:
            return str(scope["template"])
        route: Any = scope.get("route")
        if route is None:
            return UNMATCHED
        if id(route) not in self._templates:
            self._templates = {
                id(context.original_route): context.path_format or UNMATCHED
                for context in iter_route_contexts(self._app.routes)
            }
        return self._templates.get(id(route), UNMATCHED)

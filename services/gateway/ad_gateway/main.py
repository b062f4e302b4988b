"""The wiring of the gateway."""

from typing import Any

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from ad_chassis.platform import JWKS_PATH, Platform
from ad_chassis.security import TokenVerifier
from ad_chassis.security.jwks import JwksSource
from ad_chassis.service import Component, Service
from ad_contracts.resources import openapi_documents
from ad_gateway.adapters.edge_metrics import EdgeMetrics
from ad_gateway.adapters.feed_metrics import FeedMetrics
from ad_gateway.adapters.forwarding import ServiceForwarder
from ad_gateway.adapters.identification import VerifiedCallers
from ad_gateway.adapters.key_exchange import KeyExchange
from ad_gateway.adapters.keyed_answers import CachedAnswers
from ad_gateway.adapters.log_feed import LogFeed
from ad_gateway.adapters.remote_check import RemoteCheck, RemoteReadiness
from ad_gateway.adapters.shared_limits import SharedLimits
from ad_gateway.adapters.tickets import CachedTickets
from ad_gateway.adapters.upstreams import Upstreams
from ad_gateway.api import documentation, event_stream, metrics, page, proxy, sockets, tickets
from ad_gateway.api.admission import Admission
from ad_gateway.api.guard import Guard
from ad_gateway.api.shortcut import Shortcut
from ad_gateway.api.turns import Turns
from ad_gateway.domain.capacity import Capacity
from ad_gateway.domain.document import Document
from ad_gateway.domain.limits import Limiter, RateLimits
from ad_gateway.domain.owners import OWNERS
from ad_gateway.domain.policies import SMALL_BYTES, Body
from ad_gateway.settings import GatewaySettings
from ad_gateway.usecases.hub import Hub, Limits
from ad_gateway.usecases.pace import Pace
from ad_gateway.usecases.session import Supply

NAME = "gateway"
ASKED_OF_OTHER_ORIGINS = ("Authorization", "Content-Encoding", "Idempotency-Key", "If-Match", "If-None-Match")
SHOWN_TO_OTHER_ORIGINS = ("ETag", "Location", "RateLimit", "RateLimit-Policy", "Retry-After", "X-Request-ID")


def build(platform: Platform, settings: GatewaySettings | None = None) -> Service:
    settings = settings or GatewaySettings.load()
    owners = sorted(set(OWNERS.values()))
    clients = {service: platform.anonymous_client(service) for service in owners}
    upstreams = Upstreams(platform.address, clients, platform.telemetry)
    keys = KeyExchange(clients["auth"], platform.verifier.verify)
    feed = LogFeed(platform.event_log, platform.codec, settings.socket_queue)
    supply = Supply(feed, FeedMetrics(platform.metrics(NAME).registry), Pace())
    most = Limits(settings.socket_limit, settings.socket_tenant_limit, settings.heartbeat_seconds)
    hub = Hub(supply, platform.verifier.verify, most)
    health = platform.health("kafka", "redis")
    health.add("database", RemoteCheck(clients["auth"], "database"), decides_readiness=False)
    health.add("models", RemoteCheck(clients["model_registry"], "objects"), decides_readiness=False)
    for service in owners:
        health.add(service, RemoteReadiness(clients[service]), decides_readiness=False)
    edge_metrics = EdgeMetrics(platform.metrics(NAME).registry)
    limits = RateLimits(
        Limiter("address", settings.address_per_second),
        Limiter("caller", settings.caller_per_second),
        Limiter("tenant", settings.tenant_per_second),
        edge_metrics.refused,
    )
    admission = Admission(keys, CachedTickets(platform.cache), limits, settings.allowed_origins)
    capacities = {service: Capacity() for service in owners}
    forwarding = proxy.Proxy(
        ServiceForwarder(upstreams, capacities, edge_metrics),
        keys,
        VerifiedCallers(_verifier(platform)),
        limits,
        CachedAnswers(platform.cache),
        Turns(settings.tenant_at_once, refused=edge_metrics.refused),
        capacities,
        settings.forward_seconds,
        _body_bytes(platform, settings),
    )
    # Bodies are parsed by the services, which look at their depth.
    app = platform.app(
        NAME,
        health,
        openapi_url=None,
        json_limits=None,
        middleware=[*_around(limits, settings), Middleware(Shortcut, proxy=forwarding)],
        expose_metrics=False,
    )
    health.on_draining(hub.drain)
    if platform.settings.telemetry.prometheus:
        app.include_router(metrics.routes(keys, platform.registries))
    app.include_router(sockets.routes(hub, admission))
    app.include_router(tickets.routes(admission))
    app.include_router(event_stream.routes(hub, admission))
    app.include_router(page.routes())
    app.include_router(documentation.routes(app.openapi, _documents(owners)))
    # The last one: it takes every path that nobody took before.
    app.include_router(proxy.routes(forwarding))
    components: list[Component] = [upstreams, feed, hub]
    if platform.settings.cache.url is not None:
        components.append(SharedLimits(platform.cache, limits.all))
    return Service(NAME, app, components)


def _around(limits: RateLimits, settings: GatewaySettings) -> list[Middleware]:
    """The first one is the outermost: a refusal must be readable to a page of another origin too."""
    cross_origin = Middleware(
        CORSMiddleware,
        allow_origins=settings.allowed_origins,
        allow_methods=proxy.METHODS,
        allow_headers=ASKED_OF_OTHER_ORIGINS,
        expose_headers=SHOWN_TO_OTHER_ORIGINS,
    )
    guard = Middleware(Guard, limits=limits)
    return [cross_origin, guard] if settings.allowed_origins else [guard]


def _verifier(platform: Platform) -> TokenVerifier:
    """Without a look at what was revoked, which needs the cache: it says for whom to count, and lets nobody in."""
    auth, tokens = platform.anonymous_client("auth"), platform.settings.tokens

    async def keys() -> dict[str, Any]:
        found: dict[str, Any] = (await auth.get(JWKS_PATH)).json()
        return found

    return TokenVerifier(JwksSource(keys), issuer=tokens.issuer, audience=tokens.audience)


def _body_bytes(platform: Platform, settings: GatewaySettings) -> dict[Body, int]:
    return {
        "small": SMALL_BYTES,
        "data": platform.settings.http.max_body_bytes,
        "artifact": settings.max_artifact_bytes,
    }


def _documents(owners: list[str]) -> dict[str, Document]:
    """Those of the services behind; the gateway's own is made from its routes."""
    return {name: document for name, document in openapi_documents().items() if name in owners}

"""The wiring of the gateway."""

from ad_chassis.platform import Platform
from ad_chassis.service import Service
from ad_contracts.resources import openapi_documents
from ad_gateway.adapters.feed_metrics import FeedMetrics
from ad_gateway.adapters.forwarding import ServiceForwarder
from ad_gateway.adapters.key_exchange import KeyExchange
from ad_gateway.adapters.log_feed import LogFeed
from ad_gateway.adapters.remote_check import RemoteCheck, RemoteReadiness
from ad_gateway.adapters.tickets import CachedTickets
from ad_gateway.api import documentation, event_stream, page, proxy, sockets, tickets
from ad_gateway.api.admission import Admission
from ad_gateway.domain.document import Document
from ad_gateway.domain.owners import OWNERS
from ad_gateway.settings import GatewaySettings
from ad_gateway.usecases.hub import Hub, Limits
from ad_gateway.usecases.pace import Pace
from ad_gateway.usecases.session import Supply

NAME = "gateway"


def build(platform: Platform, settings: GatewaySettings | None = None) -> Service:
    settings = settings or GatewaySettings.load()
    owners = sorted(set(OWNERS.values()))
    clients = {service: platform.anonymous_client(service) for service in owners}
    keys = KeyExchange(clients["auth"])
    feed = LogFeed(platform.event_log, platform.codec, settings.socket_queue)
    supply = Supply(feed, FeedMetrics(platform.metrics(NAME).registry), Pace())
    limits = Limits(settings.socket_limit, settings.socket_tenant_limit, settings.heartbeat_seconds)
    hub = Hub(supply, platform.verifier.verify, limits)
    admission = Admission(keys, CachedTickets(platform.cache), settings.allowed_origins)
    health = platform.health("kafka", "redis")
    health.add("database", RemoteCheck(clients["auth"], "database"), decides_readiness=False)
    health.add("models", RemoteCheck(clients["model_registry"], "objects"), decides_readiness=False)
    for service in owners:
        health.add(service, RemoteReadiness(clients[service]), decides_readiness=False)
    app = platform.app(NAME, health, openapi_url=None)
    health.on_draining(hub.drain)
    app.include_router(sockets.routes(hub, admission))
    app.include_router(tickets.routes(admission))
    app.include_router(event_stream.routes(hub, admission))
    app.include_router(page.routes())
    app.include_router(documentation.routes(app.openapi, _documents(owners)))
    # The last one: it takes every path that nobody took before.
    app.include_router(proxy.routes(ServiceForwarder(clients, settings.forward_seconds), keys))
    return Service(NAME, app, [feed, hub])


def _documents(owners: list[str]) -> dict[str, Document]:
    """Those of the services behind; the gateway's own is made from its routes."""
    return {name: document for name, document in openapi_documents().items() if name in owners}

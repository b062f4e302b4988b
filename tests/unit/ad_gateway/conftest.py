"""A gateway on a real socket, with an auth service that knows one key and an echo behind every other name."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse

from ad_chassis.health import Health
from ad_chassis.hosting import hosted
from ad_chassis.platform import Platform
from ad_chassis.service import Service
from ad_chassis.testing.auth import FakeAuth
from ad_chassis.testing.platform import embedded_settings
from ad_gateway.main import build
from ad_gateway.settings import GatewaySettings


@dataclass
class Gateway:
    url: str
    auth: FakeAuth
    platform: Platform
    http: httpx2.AsyncClient


def service(name: str, app: FastAPI) -> Service:
    """Says that its database and its objects are well."""
    app.state.health = Health("test")
    checks = {check: {"status": "healthy"} for check in ("database", "objects")}

    @app.get("/health")
    @app.get("/health/ready")
    async def health() -> dict[str, Any]:
        return {"status": "healthy", "checks": checks}

    return Service(name, app)


def echo() -> FastAPI:
    """Answers what it was asked."""
    app = FastAPI()

    @app.get("/health/live")
    async def live() -> dict[str, str]:
        return {"status": "alive"}

    @app.api_route("/api/v1/{_path:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    async def answer(_path: str, request: Request) -> Any:
        body = await request.body()
        if request.url.path.endswith("/export"):
            return StreamingResponse(iter([b"one,", b"two"]), 206, {"X-Part": "1"}, "text/csv")
        return {
            "method": request.method,
            "path": request.scope["raw_path"].decode(),
            "query": request.url.query,
            "headers": dict(request.headers),
            "body": body.decode(),
        }

    return app


@asynccontextmanager
async def running(
    folder: Path,
    apps: Mapping[str, FastAPI] = MappingProxyType({}),
    blocks: Mapping[str, Any] = MappingProxyType({}),
    **changes: Any,
) -> AsyncIterator[Gateway]:
    """A gateway with these applications behind it, and an echo for every other service."""
    auth = FakeAuth()
    behind = {"auth": auth.app()} | dict(apps)
    for name in ("ingestion", "training", "model_registry", "detection"):
        behind.setdefault(name, echo())
    builds = [lambda _platform, name=name, app=app: service(name, app) for name, app in behind.items()]
    chosen = {"socket_queue": 5, "heartbeat_seconds": 0.2, "allowed_origins": ("https://shop.example",)}
    settings = GatewaySettings(**chosen | changes)
    builds.append(lambda platform: build(platform, settings))
    async with (
        hosted(builds, embedded_settings(folder, **blocks), edge="gateway") as host,
        httpx2.AsyncClient(base_url=host.url) as http,
    ):
        yield Gateway(host.url, auth, host.platform, http)


@pytest.fixture(scope="module")
async def gateway(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Gateway]:
    async with running(tmp_path_factory.mktemp("gateway")) as gateway:
        yield gateway

"""A gateway with services behind it that are made as all are, and requests as bytes on a socket."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
from fastapi import Request

from ad_chassis.hosting import hosted
from ad_chassis.platform import JWKS_PATH, Platform
from ad_chassis.service import Service
from ad_chassis.testing.auth import FakeAuth
from ad_chassis.testing.platform import embedded_settings
from ad_gateway.main import build
from ad_gateway.settings import GatewaySettings

SERVICES = ("auth", "ingestion", "training", "model_registry", "detection")


@dataclass
class Edge:
    """`reached` is every request that came as far as a service, as `service method path`."""

    url: str
    http: httpx2.AsyncClient
    auth: FakeAuth
    reached: list[str] = field(default_factory=list)

    async def raw(self, request: bytes, seconds: float = 10.0) -> bytes:
        """What the server answers until it hangs up, or has answered one request with a length."""
        address = urlsplit(self.url)
        async with asyncio.timeout(seconds):
            reader, writer = await asyncio.open_connection(address.hostname, address.port)
            try:
                writer.write(request)
                head = await reader.readuntil(b"\r\n\r\n")
                rest = b""
                for line in head.lower().split(b"\r\n"):
                    if line.startswith(b"content-length:"):
                        rest = await reader.readexactly(int(line.split(b":")[1]))
                return head + rest
            finally:
                writer.close()


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


@asynccontextmanager
async def running_edge(
    folder: Path, settings: GatewaySettings | None = None, **blocks: Any
) -> AsyncIterator[Edge]:
    auth, reached = FakeAuth(), list[str]()

    def behind(name: str, platform: Platform) -> Service:
        app = platform.app(name, platform.health())
        if name == "auth":
            app.add_api_route(JWKS_PATH, auth.jwks)

        @app.post("/api/v1/{path:path}/raw")
        async def take_raw(path: str, request: Request) -> int:
            reached.append(f"{name} {request.method} {request.scope['raw_path'].decode()}")
            return len(await request.body())

        @app.post("/api/v1/{path:path}")
        async def take(path: str, request: Request, body: dict[str, Any]) -> dict[str, str]:
            reached.append(f"{name} {request.method} {request.scope['raw_path'].decode()}")
            return dict(request.headers)

        @app.api_route("/{path:path}", methods=["GET", "DELETE"])
        async def show(path: str, request: Request) -> dict[str, str]:
            reached.append(f"{name} {request.method} {request.scope['raw_path'].decode()}")
            return dict(request.headers)

        return Service(name, app)

    builds = [lambda platform, name=name: behind(name, platform) for name in SERVICES]
    builds.append(lambda platform: build(platform, settings or GatewaySettings()))
    async with (
        hosted(builds, embedded_settings(folder, **blocks), edge="gateway") as host,
        httpx2.AsyncClient(base_url=host.url) as http,
    ):
        yield Edge(host.url, http, auth, reached)

"""A gateway with the real auth behind it, and services that answer nothing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2

from ad_auth.main import build as build_auth
from ad_auth.settings import AuthSettings
from ad_chassis.hosting import hosted
from ad_chassis.platform import Platform
from ad_chassis.service import Service
from ad_chassis.settings import TokenSettings
from ad_chassis.testing.platform import embedded_settings
from ad_gateway.main import build as build_gateway
from ad_gateway.settings import GatewaySettings
from tests.support.oauth import SIGN_IN

CHEAP = AuthSettings(password_memory_kib=8, password_rounds=1, password_lanes=1)
OTHERS = ("ingestion", "training", "model_registry", "detection")


@asynccontextmanager
async def running_identity(
    folder: Path, *, auth: AuthSettings = CHEAP, tokens: TokenSettings | None = None
) -> AsyncIterator[httpx2.AsyncClient]:
    """A client without a token; the platform knows the operator ann, and `admin.key` lies in the folder."""

    def bare(name: str, platform: Platform) -> Service:
        return Service(name, platform.app(name, platform.health()))

    builds = [lambda platform, name=name: bare(name, platform) for name in OTHERS]
    builds += [
        lambda platform: build_auth(platform, auth),
        lambda platform: build_gateway(platform, GatewaySettings()),
    ]
    settings = embedded_settings(folder, tokens=tokens or TokenSettings())
    async with (
        hosted(builds, settings, edge="gateway") as host,
        httpx2.AsyncClient(base_url=f"{host.url}/api/v1") as http,
    ):
        ann = {"username": "ann", "password": SIGN_IN["password"], "role": "operator"}
        header = {"Authorization": f"Bearer {(folder / 'admin.key').read_text().strip()}"}
        assert (await http.post("/users", json=ann, headers=header)).status_code == 201
        yield http

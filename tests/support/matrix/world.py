"""The whole platform in one process: a tenant with something of everything, and one that wants to get at it."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, TextIO

import httpx2
from sqlalchemy import insert, select

from ad_auth.adapters import tables
from ad_auth.settings import AuthSettings
from ad_chassis.database import EVERY_TENANT
from ad_chassis.hosting import Hosted, hosted
from ad_chassis.logs import configure_logs
from ad_chassis.security.permissions import GRANTABLE
from ad_chassis.security.token_source import parse_api_key
from ad_chassis.testing.auth import SERVICE_KEY
from ad_chassis.testing.platform import embedded_settings
from ad_gateway.settings import GatewaySettings
from anomaly_detection.serve.services import SERVICES, build_of
from tests.support.logging_state import kept_logging
from tests.support.replays import SCHEMA, rows

VICTIM, ATTACKER, CLOSED = "acme", "mallory", "closed"
TENANTS = (VICTIM, ATTACKER, CLOSED)
STREAM, ELSEWHERE = "acme-pumps", "other-fans"
"""The stream that things belong to, and the one that a bound caller may see instead."""
PASSWORD = "a password that nobody has"
CHEAP = AuthSettings(
    password_memory_kib=8, password_rounds=1, password_lanes=1, max_failures_per_address=100_000
)
BROAD = GatewaySettings(address_per_second=10_000, caller_per_second=10_000, tenant_per_second=10_000)
"""What is limited is tested elsewhere."""
Json = dict[str, Any]


@dataclass
class World:
    """`doors` are the gateway and each service as it answers others of the platform."""

    hosted: Hosted
    doors: dict[str, httpx2.AsyncClient]
    services_token: str = ""
    tokens: dict[str, str] = field(default_factory=dict)
    signing_key: Json = field(default_factory=dict)
    numbers: Any = field(default_factory=itertools.count)

    async def call(self, method: str, path: str, **options: Any) -> Any:
        """As the administrator of the victim, over the gateway."""
        headers = {"Authorization": f"Bearer {self.tokens[VICTIM]}"} | options.pop("headers", {})
        answer = await self.doors["gateway"].request(method, f"/api/v1{path}", headers=headers, **options)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    async def post(self, path: str, body: Any) -> Any:
        return await self.call("POST", path, json=body)

    async def grant(self, form: Json) -> Json:
        answer = await self.doors["auth"].post("/api/v1/auth/token", data=form)
        assert answer.is_success, answer.text
        found: Json = answer.json()
        return found

    async def token_of(self, key: str) -> str:
        key_id, secret = parse_api_key(key)
        form = {"grant_type": "client_credentials", "client_id": key_id, "client_secret": secret}
        return str((await self.grant(form))["access_token"])

    async def token(
        self, tenant: str, permissions: Collection[str] = GRANTABLE, streams: Sequence[str] | None = None
    ) -> str:
        """Of a new API key that may do this and nothing else."""
        body: Json = {"name": f"key {self.new('')}", "permissions": sorted(permissions)}
        if streams is not None:
            body["streams"] = list(streams)
        return await self.token_of(await self._key(tenant, body))

    async def administrator(self, tenant: str) -> str:
        return await self.token_of(await self._key(tenant, {"name": "administrator", "role": "admin"}))

    async def _key(self, tenant: str, body: Json) -> str:
        headers = {"Authorization": f"Bearer {self.services_token}", "X-Tenant": tenant}
        answer = await self.doors["auth"].post("/api/v1/api-keys", json=body, headers=headers)
        assert answer.is_success, answer.text
        return str(answer.json()["key"])

    async def refresh_token(self) -> str:
        """Of a user of the victim."""
        name = self.new("victim")
        await self.post("/users", {"username": name, "password": PASSWORD, "role": "admin"})
        form = {"grant_type": "password", "tenant": VICTIM, "username": name, "password": PASSWORD}
        return str((await self.grant(form))["refresh_token"])

    def new(self, kind: str) -> str:
        """A name that tells whose it is."""
        return f"{VICTIM}-{kind}-{next(self.numbers)}"


@asynccontextmanager
async def running_world(folder: Path, log: TextIO | None = None, **blocks: Any) -> AsyncIterator[World]:
    """`log` gets every line of all services; `blocks` are other settings, such as those of a database."""
    builds = [build_of(name) for name in SERVICES]
    builds[0] = partial(builds[0], settings=CHEAP)
    builds[-1] = partial(builds[-1], settings=BROAD)
    settings = embedded_settings(folder, **blocks)
    level = {"log_level": "INFO" if log else "ERROR"}
    async with hosted(builds, settings, edge="gateway") as host, AsyncExitStack() as stack:
        stack.enter_context(kept_logging())
        # Every attack is logged, with a client of its own: that is tested elsewhere.
        configure_logs("matrix", settings.runtime.model_copy(update=level), log)
        doors = {
            service.name: httpx2.AsyncClient(
                transport=httpx2.ASGITransport(app=service.app), base_url="http://service", timeout=60
            )
            for service in host.services
        }
        doors["gateway"] = httpx2.AsyncClient(base_url=host.url, timeout=60)
        for door in doors.values():
            await stack.enter_async_context(door)
        world = World(host, doors)
        await _admit(world)
        await _furnish(world)
        yield world


async def _admit(world: World) -> None:
    database = world.hosted.platform.database(tables.SERVICE)
    async with database.session(EVERY_TENANT) as session:
        given = [{"tenant": name, "created_at": datetime.now(UTC)} for name in TENANTS]
        await session.execute(insert(tables.tenants), given)
        stored = await session.execute(select(tables.signing_keys.c.jwk))
        world.signing_key = stored.scalars().first() or {}
    world.services_token = await world.token_of(SERVICE_KEY)
    for tenant in TENANTS:
        world.tokens[tenant] = await world.administrator(tenant)
    headers = {"Authorization": f"Bearer {world.services_token}"}
    closing = await world.doors["auth"].patch(
        f"/api/v1/tenants/{CLOSED}", json={"suspended": True}, headers=headers
    )
    assert closing.is_success, closing.text


async def _furnish(world: World) -> None:
    """Anomalies, an episode, a record that was not taken, a model that scores the stream, a replay."""
    for name in (STREAM, ELSEWHERE):
        settings = {"publish_scores": True}
        await world.post("/streams", {"name": name, "schema": SCHEMA, "settings": settings})
    for _ in range(2):
        await trained(world, f"{VICTIM}-model")
    for version in (1, 2):
        await world.post(f"/models/{VICTIM}-model/promote", {"stream": STREAM, "version": version})
    records = rows(400, spikes=(200, 201, 202))
    await world.post(f"/streams/{STREAM}/records", records)
    await rejected(world)
    await until(lambda: _has(world, "/anomalies"), "an anomaly")


async def _has(world: World, path: str) -> bool:
    return bool((await world.call("GET", path))["items"])


async def trained(world: World, model: str) -> str:
    """The id of a job that made one more version of a model."""
    # Other data each time: what is the same is the same version.
    data = [{"load": row["load"], "heat": row["heat"]} for row in rows(120 + next(world.numbers))]
    body = {"model": model, "algorithm": "zscore", "contamination": 0.02, "source": {"data": data}}
    job = await world.post("/train", body)

    async def over() -> bool:
        return (await world.call("GET", f"/train/{job['id']}"))["status"] not in {"queued", "running"}

    await until(over, "the end of a training job")
    assert (await world.call("GET", f"/train/{job['id']}"))["status"] == "succeeded"
    return str(job["id"])


async def rejected(world: World) -> str:
    """The id of a record that was not taken."""
    before = {each["id"] for each in (await world.call("GET", "/rejected"))["items"]}
    await world.post(f"/streams/{STREAM}/records", [{"at": "yesterday", "sensor": "s1"}])
    found: list[str] = []

    async def listed() -> bool:
        items = (await world.call("GET", "/rejected"))["items"]
        found[:] = [each["id"] for each in items if each["id"] not in before]
        return bool(found)

    await until(listed, "a dead letter")
    return found[0]


async def until(condition: Callable[[], Awaitable[bool]], what: str, seconds: float = 60) -> None:
    try:
        async with asyncio.timeout(seconds):
            while not await condition():
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(f"after {seconds:g} s there is not {what}") from None

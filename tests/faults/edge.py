"""Gateway, auth and ingestion as processes, with servers behind them that can be cut off, and what their users see."""

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import httpx2
import websockets
from joserfc import jwt
from joserfc.jwk import ECKey
from websockets.asyncio.client import ClientConnection

from ad_chassis.eventlog.kafka import KafkaLog
from ad_chassis.eventlog.port import Message
from ad_contracts.codec import codec_for
from tests.e2e.system import SERVICES, System
from tests.faults.proxy import Proxy
from tests.faults.servers import Breakable
from tests.support.anomalies import anomaly
from tests.support.matrix.attacks import claims_of, decoded

RUNNING = ("auth", "ingestion", "gateway")
NOBODY = "http://127.0.0.1:1"
PASSWORD = "a password that nobody has"
PATIENCE_SECONDS = 5.0
"""What goes on without a part answers in this time, whatever that part does."""
BACK_SECONDS = 30.0
SCHEMA = {"fields": [{"name": "load", "type": "float"}]}
CHEAP = {"AUTH_PASSWORD_MEMORY_KIB": "8", "AUTH_PASSWORD_ROUNDS": "1", "AUTH_PASSWORD_LANES": "1"}
Json = dict[str, Any]


@dataclass
class Edge:
    """Users see the gateway alone."""

    system: System
    database: Proxy
    """The way of auth to its PostgreSQL."""
    cache: Proxy
    log: KafkaLog
    http: httpx2.AsyncClient
    signing_key: Json = field(default_factory=dict)
    user: Json = field(default_factory=dict)
    key: str = ""
    token: str = ""

    async def call(self, method: str, path: str, bearer: str | None, **options: Any) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        return await self.http.request(method, f"/api/v1{path}", headers=headers, **options)

    async def grant(self, **form: str) -> httpx2.Response:
        return await self.call("POST", "/auth/token", None, data=form)

    async def log_in(self, password: str = PASSWORD) -> httpx2.Response:
        return await self.grant(
            grant_type="password", username=self.user["username"], password=password, tenant="default"
        )

    async def new_key(self, **more: Any) -> str:
        body = {"name": uuid.uuid4().hex, "role": "admin"} | more
        answer = await self.call("POST", "/api-keys", self.key, json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["key"])

    async def streams(self, bearer: str) -> int:
        """The status of a light call, which must come soon whatever is away."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            return (await self.call("GET", "/streams", bearer)).status_code

    async def send(self, bearer: str) -> int:
        async with asyncio.timeout(PATIENCE_SECONDS):
            answer = await self.call("POST", "/streams/edge/records", bearer, json=[{"load": 1.0}])
            return answer.status_code

    def ending_token(self, seconds: float) -> str:
        """The administrator's, but it ends soon."""
        header = decoded(self.token.split(".")[0])
        claims = claims_of(self.token) | {"jti": uuid.uuid4().hex, "exp": int(time.time() + seconds)}
        return jwt.encode(header, claims, ECKey.import_key(self.signing_key), algorithms=["ES256"])

    @asynccontextmanager
    async def feed(self, bearer: str) -> AsyncIterator[ClientConnection]:
        address = self.system.url.replace("http", "ws", 1) + "/api/v1/ws/anomalies"
        headers = {"Authorization": f"Bearer {bearer}"}
        async with websockets.connect(address, additional_headers=headers) as socket:
            assert json.loads(await socket.recv())["type"] == "ready"
            yield socket

    async def refusal(self, bearer: str) -> int | None:
        """The code with which the live feed is closed to somebody."""
        address = self.system.url.replace("http", "ws", 1) + "/api/v1/ws/anomalies"
        headers = {"Authorization": f"Bearer {bearer}"}
        async with websockets.connect(address, additional_headers=headers) as socket:
            async with asyncio.timeout(BACK_SECONDS):
                await socket.wait_closed()
            return socket.close_code

    @staticmethod
    async def heard(socket: ClientConnection, kind: str) -> bool:
        async with asyncio.timeout(BACK_SECONDS):
            while json.loads(await socket.recv())["type"] != kind:
                pass
        return True

    async def told(self, socket: ClientConnection) -> bool:
        """Whether an anomaly that is found now comes to this client."""
        event = anomaly(id=str(uuid.uuid4()))
        await self.log.publish([Message("anomalies.default", codec_for(None).encode(event), b"edge")])
        async with asyncio.timeout(BACK_SECONDS):
            while True:
                message = json.loads(await socket.recv())
                if message["type"] == "anomaly" and message["anomaly"]["id"] == event.id:
                    return True

    async def well(self) -> None:
        """Until logins and everything else work again."""
        last = ""
        try:
            async with asyncio.timeout(BACK_SECONDS):
                while True:
                    answers = [await self.log_in(), await self.call("GET", "/users", self.key)]
                    answers.append(await self.call("GET", "/streams", self.token))
                    if all(answer.is_success for answer in answers):
                        return
                    last = str([(answer.status_code, answer.text[:200]) for answer in answers])
                    await asyncio.sleep(0.2)
        except TimeoutError:
            raise AssertionError(f"after {BACK_SECONDS:g} s not all is well: {last}") from None


def refused_for_now(answer: httpx2.Response) -> bool:
    """503 that says so, and when to try again."""
    problem = answer.json()
    return (
        answer.status_code == problem["status"] == 503
        and answer.headers["content-type"] == "application/problem+json"
        and int(answer.headers["retry-after"]) >= 1
    )


async def soon(condition: Callable[[], Any], what: str, seconds: float = BACK_SECONDS) -> None:
    try:
        async with asyncio.timeout(seconds):
            while not await condition():
                await asyncio.sleep(0.2)
    except TimeoutError:
        raise AssertionError(f"after {seconds:g} s there is not {what}") from None


@asynccontextmanager
async def running_edge(
    folder: Path, kafka: str, postgres: Breakable, redis: Breakable
) -> AsyncIterator[Edge]:
    name = f"edge_{uuid.uuid4().hex[:8]}"
    connection = await asyncpg.connect(postgres.url)
    await connection.execute(f'CREATE DATABASE "{name}"')
    await connection.close()
    proxies = Proxy(postgres.port), Proxy(redis.port)
    for proxy in proxies:
        await proxy.start()
    straight = urlunsplit(urlsplit(postgres.url)._replace(path=f"/{name}"))
    around = urlunsplit(urlsplit(straight)._replace(netloc=f"postgres@127.0.0.1:{proxies[0].port}"))
    absent = {f"{each.upper()}_URL": NOBODY for each in SERVICES if each not in RUNNING}
    environment = {
        "KAFKA_BOOTSTRAP_SERVERS": kafka,
        "DATABASE_URL": straight,
        "REDIS_URL": f"redis://127.0.0.1:{proxies[1].port}/0",
    }
    system = System(folder, RUNNING, environment | absent | CHEAP, {"auth": {"DATABASE_URL": around}})
    log = KafkaLog(kafka)
    try:
        await system.start()
        await log.start()
        async with httpx2.AsyncClient(base_url=system.url, timeout=60) as http:
            edge = Edge(system, *proxies, log, http)
            await _furnish(edge, straight)
            yield edge
    finally:
        # Their connections to PostgreSQL end by way of a proxy, which runs in this loop.
        await asyncio.to_thread(system.stop)
        await log.stop()
        for proxy in proxies:
            await proxy.stop()


async def _furnish(edge: Edge, database: str) -> None:
    """An administrator's key and token, a user, a stream."""
    edge.key = edge.system.admin_key()
    edge.user = {"username": f"ann{uuid.uuid4().hex[:6]}", "password": PASSWORD, "role": "admin"}
    for path, body in (("/users", edge.user), ("/streams", {"name": "edge", "schema": SCHEMA})):
        made = await edge.call("POST", path, edge.key, json=body)
        assert made.status_code == 201, made.text
    edge.token = (await edge.log_in()).json()["access_token"]
    connection = await asyncpg.connect(database)
    edge.signing_key = json.loads(await connection.fetchval("SELECT jwk FROM signing_keys"))
    await connection.close()

"""What the sections share: a gateway in a process of its own, on a real broker, with tokens that it takes."""

import socket
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx2

from ad_chassis.eventlog.kafka import KafkaLog
from ad_chassis.hosting import serving
from ad_chassis.security.token_source import parse_api_key
from ad_chassis.testing.auth import FakeAuth
from benchmarks.engine.rig import Processes
from tests.e2e.client import Client
from tests.e2e.system import SERVICE_KEY, SERVICES
from tests.e2e.test_distributed import new_database
from tests.servers.obtain import KINDS, obtain

NOBODY = "http://127.0.0.1:1"


@dataclass(frozen=True)
class Running:
    """Processes with a gateway among them."""

    system: Processes

    @property
    def pid(self) -> int:
        return self.system.pid("gateway")

    @property
    def port(self) -> int:
        return self.system.ports["gateway"]


@dataclass(frozen=True)
class Edge(Running):
    """A gateway that is up, and the log behind it."""

    auth: FakeAuth
    log: KafkaLog


@dataclass(frozen=True)
class Whole(Running):
    """All services, each in a process of its own, on Kafka, PostgreSQL and Redis."""

    client: Client
    token: str

    async def other_tenant(self, tenant: str) -> str:
        """A token of a new key of another tenant."""
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{self.system.ports['auth']}") as http:
            services = await token_of(http, SERVICE_KEY)
            headers = {"Authorization": f"Bearer {services}"}
            answer = await http.post("/api/v1/tenants", json={"name": tenant}, headers=headers)
            return await token_of(http, answer.raise_for_status().json()["key"])


async def token_of(http: httpx2.AsyncClient, key: str) -> str:
    key_id, secret = parse_api_key(key)
    form = {"grant_type": "client_credentials", "client_id": key_id, "client_secret": secret}
    answer = await http.post("/api/v1/auth/token", data=form)
    return str(answer.raise_for_status().json()["access_token"])


class Bench:
    def __init__(self, *, quick: bool) -> None:
        self.quick = quick
        self._stack = AsyncExitStack()
        self._edge: Edge | None = None
        self._whole: Whole | None = None

    async def __aenter__(self) -> "Bench":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    def sized(self, full: int, quick: int) -> int:
        return quick if self.quick else full

    async def edge(self) -> Edge:
        if self._edge is None:
            self._edge = await self._open()
        return self._edge

    async def whole(self) -> Whole:
        if self._whole is None:
            self._whole = await self._open_whole()
        return self._whole

    async def _open_whole(self) -> Whole:
        servers = [obtain(kind) for kind in KINDS]
        for server in servers:
            self._stack.callback(server.stop)
        folder = Path(self._stack.enter_context(TemporaryDirectory(prefix="ad-bench-")))
        kafka, postgres, redis = servers
        system = Processes.distributed(folder, kafka.url, await new_database(postgres.url), redis.url)
        # All callers of a benchmark have one address.
        system.environment["GATEWAY_ADDRESS_PER_SECOND"] = "1000000"
        self._stack.callback(system.stop)
        await system.start()
        client = await self._stack.enter_async_context(Client(system.url, system.admin_key()))
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{system.ports['auth']}") as http:
            token = await token_of(http, system.admin_key())
        return Whole(system, client, token)

    async def _open(self) -> Edge:
        kafka, _, redis = KINDS
        servers = [obtain(kind) for kind in (kafka, redis)]
        for server in servers:
            self._stack.callback(server.stop)
        auth = FakeAuth()
        listener = socket.create_server(("127.0.0.1", 0))
        await self._stack.enter_async_context(serving(auth.app(), listener))
        folder = Path(self._stack.enter_context(TemporaryDirectory(prefix="ad-bench-")))
        environment = {f"{name.upper()}_URL": NOBODY for name in SERVICES}
        environment |= {
            "AUTH_URL": f"http://127.0.0.1:{listener.getsockname()[1]}",
            "KAFKA_BOOTSTRAP_SERVERS": servers[0].url,
            "REDIS_URL": servers[1].url,
            # Thousands of connections of one caller, from one address, at once.
            "GATEWAY_ADDRESS_PER_SECOND": "1000000",
            "GATEWAY_CALLER_PER_SECOND": "1000000",
            "GATEWAY_TENANT_PER_SECOND": "1000000",
        }
        system = Processes(folder, ["gateway"], environment)
        self._stack.callback(system.stop)
        await system.start()
        log = KafkaLog(servers[0].url)
        await log.start()
        self._stack.push_async_callback(log.stop)
        return Edge(system, auth, log)

"""What the sections share: a gateway in a process of its own, on a real broker, with tokens that it takes."""

import socket
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from ad_chassis.eventlog.kafka import KafkaLog
from ad_chassis.hosting import serving
from ad_chassis.testing.auth import FakeAuth
from benchmarks.engine.rig import Processes
from tests.e2e.system import SERVICES
from tests.servers.obtain import KINDS, obtain

NOBODY = "http://127.0.0.1:1"


@dataclass(frozen=True)
class Edge:
    """A gateway that is up, and the log behind it."""

    system: Processes
    auth: FakeAuth
    log: KafkaLog

    @property
    def pid(self) -> int:
        return self.system.pid("gateway")

    @property
    def port(self) -> int:
        return self.system.ports["gateway"]


class Bench:
    def __init__(self, *, quick: bool) -> None:
        self.quick = quick
        self._stack = AsyncExitStack()
        self._edge: Edge | None = None

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
        }
        system = Processes(folder, ["gateway"], environment)
        self._stack.callback(system.stop)
        await system.start()
        log = KafkaLog(servers[0].url)
        await log.start()
        self._stack.push_async_callback(log.stop)
        return Edge(system, auth, log)

"""What the sections share: one platform on real servers, opened by the first that needs it."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from ad_chassis.eventlog.kafka import KafkaLog
from benchmarks.engine.rig import Processes, Rig, running
from tests.e2e.test_distributed import new_database
from tests.servers.obtain import KINDS, obtain


class Bench:
    def __init__(self, *, quick: bool) -> None:
        self.quick = quick
        self.peer: float | None = None
        """Records per CPU second of the peer, once it was measured."""
        self._stack = AsyncExitStack()
        self._rig: Rig | None = None
        self._kafka = ""

    async def __aenter__(self) -> "Bench":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    def sized(self, full: int, quick: int) -> int:
        return quick if self.quick else full

    def pick(self, full: Sequence[int], quick: Sequence[int]) -> Sequence[int]:
        return quick if self.quick else full

    def folder(self) -> Path:
        """Gone at the end."""
        return Path(self._stack.enter_context(TemporaryDirectory(prefix="ad-bench-")))

    async def rig(self) -> Rig:
        """Six processes on Kafka, PostgreSQL and Redis."""
        if self._rig is None:
            self._rig = await self._open()
        return self._rig

    @property
    def kafka(self) -> str:
        return self._kafka

    async def _open(self) -> Rig:
        kafka, postgres, redis = (obtain(kind) for kind in KINDS)
        for server in (kafka, postgres, redis):
            self._stack.callback(server.stop)
        self._kafka = kafka.url
        database = await new_database(postgres.url)
        system = Processes.distributed(self.folder(), kafka.url, database, redis.url)
        return await self._stack.enter_async_context(running(system, lambda: KafkaLog(kafka.url)))

"""Any gateway serves any client: one is killed, and its clients go on at another without loss or doubles."""

import asyncio
import json
import resource
import socket
import uuid
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import websockets
from websockets.exceptions import ConnectionClosed

from ad_chassis.eventlog.kafka import KafkaLog
from ad_chassis.eventlog.port import Message
from ad_chassis.eventlog.topics import topic_configs
from ad_chassis.hosting import serving
from ad_chassis.testing.auth import FakeAuth
from ad_contracts.codec import codec_for
from tests.e2e.system import SERVICES, System
from tests.support.anomalies import anomaly

CLIENTS = 1_000
FILES = 2 * CLIENTS + 500
"""A gateway has a socket for each client and this process its end of it; many systems allow 1,024 at first."""
PARTS, EACH = 40, 10
NOBODY = "http://127.0.0.1:1"
FIRST, SECOND = "gateway", "gateway#2"
pytestmark = pytest.mark.timeout(600)


class Gateways:
    """Two processes, behind which is a log and an auth service, and nothing else."""

    def __init__(self, system: System, auth: FakeAuth, log: KafkaLog) -> None:
        self.system, self.auth, self.log = system, auth, log
        self.tenant = f"feed{uuid.uuid4().hex[:8]}"
        self.published: dict[int, list[str]] = defaultdict(list)
        """Ids in order, by partition."""

    def address(self, name: str) -> str:
        return f"ws://127.0.0.1:{self.system.ports[name]}/api/v1/ws/anomalies"

    async def publish(self, count: int) -> None:
        codec, topic = codec_for(None), f"anomalies.{self.tenant}"
        found = [anomaly(id=str(uuid.uuid4()), tenant=self.tenant) for _ in range(count)]
        places = await self.log.publish(
            [Message(topic, codec.encode(each), each.id.encode()) for each in found]
        )
        for each, (source, _) in zip(found, places, strict=True):
            self.published[source.partition].append(each.id)

    @property
    def total(self) -> int:
        return sum(map(len, self.published.values()))


class Follower:
    """Goes to the other gateway with its last cursor when it is cut."""

    def __init__(self, gateways: Gateways) -> None:
        self.gateways = gateways
        self.ready = asyncio.Event()
        self.shown: list[str] = []
        self.cuts = 0
        self._headers = gateways.auth.headers(tenant=gateways.tenant)

    async def run(self) -> None:
        address, cursor = self.gateways.address(FIRST), ""
        while True:
            query = f"?after={cursor}" if cursor else ""
            try:
                async with websockets.connect(
                    address + query, additional_headers=self._headers, compression=None, open_timeout=60
                ) as feed:
                    async for text in feed:
                        message = json.loads(text)
                        cursor = message["cursor"]
                        self.ready.set()
                        if message["type"] == "anomaly":
                            self.shown.append(message["anomaly"]["id"])
            except (OSError, ConnectionClosed):
                self.cuts += 1
            address = self.gateways.address(SECOND)


@pytest.fixture(autouse=True)
def files() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY:
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, FILES), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture
async def gateways(tmp_path: Path, kafka_bootstrap: str, redis_url: str) -> AsyncIterator[Gateways]:
    auth, log = FakeAuth(), KafkaLog(kafka_bootstrap)
    listener = socket.create_server(("127.0.0.1", 0))
    environment = {f"{name.upper()}_URL": NOBODY for name in SERVICES} | {
        "AUTH_URL": f"http://127.0.0.1:{listener.getsockname()[1]}",
        "KAFKA_BOOTSTRAP_SERVERS": kafka_bootstrap,
        "REDIS_URL": redis_url,
    }
    async with serving(auth.app(), listener):
        await log.start()
        try:
            async with System(tmp_path, [FIRST, SECOND], environment) as system:
                gateways = Gateways(system, auth, log)
                await log.create_topics(topic_configs(gateways.tenant))
                yield gateways
        finally:
            await log.stop()


async def test_clients_of_a_killed_gateway_go_on_at_another_without_loss_or_doubles(
    gateways: Gateways,
) -> None:
    followers = [Follower(gateways) for _ in range(CLIENTS)]
    tasks = [asyncio.create_task(follower.run()) for follower in followers]
    try:
        await asyncio.gather(*(follower.ready.wait() for follower in followers))
        for part in range(PARTS):
            await gateways.publish(EACH)
            if part == PARTS // 2:
                gateways.system.kill(FIRST)
        async with asyncio.timeout(300):
            while any(len(follower.shown) < gateways.total for follower in followers):
                await asyncio.sleep(0.1)
        await gateways.publish(EACH)
        async with asyncio.timeout(60):
            while any(len(follower.shown) < gateways.total for follower in followers):
                await asyncio.sleep(0.1)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    assert [follower.cuts > 0 for follower in followers] == [True] * CLIENTS
    for follower in followers:
        assert len(follower.shown) == len(set(follower.shown)) == gateways.total
        for ids in gateways.published.values():
            own = set(ids)
            assert [each for each in follower.shown if each in own] == ids

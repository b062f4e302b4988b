"""`serve detection --workers 2`: one address, one group, one parent that keeps both alive."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from aiokafka.admin import AIOKafkaAdminClient

from tests.e2e.system import SERVICES, free_port

pytestmark = pytest.mark.timeout(400)
START_SECONDS = 120
END_SECONDS = 60


def two_free_ports() -> int:
    """The first of two that follow one another."""
    while True:
        first = free_port()
        with contextlib.suppress(OSError, OverflowError), socket.create_server(("127.0.0.1", first + 1)):
            return first


class Workers:
    """The parent as a process, and what can be seen of its children."""

    def __init__(self, folder: Path, kafka: str) -> None:
        self.group = f"detection-{uuid.uuid4().hex[:8]}"
        self.port, self.metrics_port = free_port(), two_free_ports()
        self._log = folder / "workers.log"
        nobody = {f"{name.upper()}_URL": "http://127.0.0.1:9" for name in SERVICES}
        environment = os.environ | nobody
        environment |= {
            "KAFKA_BOOTSTRAP_SERVERS": kafka,
            "KAFKA_INSTANCE_ID": self.group,
            "DATABASE_URL": "",
            "REDIS_URL": "",
            "DETECTION_GROUP": self.group,
            "ANOMALY_DETECTION_DATA_DIR": str(folder),
            "METRICS_PORT": str(self.metrics_port),
            "PROMETHEUS_ENABLED": "true",
        }
        command = [sys.executable, "-m", "anomaly_detection", "serve", "detection"]
        command += ["--workers", "2", "--port", str(self.port)]
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)

    def pids(self) -> list[int]:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return sorted(map(int, children.read_text().split())) if children.exists() else []

    async def ready(self, but: int = 0) -> list[int]:
        """Both, once each answers for its metrics; one with this process id has to be gone."""
        async with asyncio.timeout(START_SECONDS):
            while True:
                assert self.process.poll() is None, self.log()
                found = self.pids()
                if len(found) == 2 and but not in found and all(map(self.metrics, (0, 1))):
                    return found
                await asyncio.sleep(0.1)

    def metrics(self, worker: int) -> str:
        try:
            return httpx2.get(f"http://127.0.0.1:{self.metrics_port + worker}/metrics").text
        except httpx2.TransportError:
            return ""

    def log(self) -> str:
        return self._log.read_text(errors="replace")[-4000:]


def gone(pid: int) -> bool:
    """Also when nobody asked how it ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


@pytest.fixture
def workers(tmp_path: Path, kafka_bootstrap: str) -> Iterator[Workers]:
    workers = Workers(tmp_path, kafka_bootstrap)
    try:
        yield workers
    finally:
        workers.process.kill()
        workers.process.wait()


async def members(kafka: str, group: str) -> list[str]:
    """The static names of the members of a group."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        [answer] = await admin.describe_consumer_groups([group])
        [(_, _, state, _, _, found, *_)] = answer.groups
        return sorted(member[1] for member in found) if state == "Stable" else []
    finally:
        await admin.close()


async def test_two_workers_share_address_and_group_come_back_and_end_together(
    workers: Workers, kafka_bootstrap: str
) -> None:
    first, second = await workers.ready()
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{workers.port}") as client:
        assert (await client.get("/health/live")).status_code == 200
    async with asyncio.timeout(START_SECONDS):
        while len(await members(kafka_bootstrap, workers.group)) != 2:
            await asyncio.sleep(0.1)
    os.kill(first, signal.SIGKILL)
    assert second in await workers.ready(but=first)
    pids = workers.pids()
    workers.process.terminate()
    assert workers.process.wait(END_SECONDS) == 0, workers.log()
    assert all(map(gone, pids))


async def test_workers_end_when_their_parent_is_killed(workers: Workers) -> None:
    pids = await workers.ready()
    workers.process.kill()
    workers.process.wait()
    async with asyncio.timeout(END_SECONDS):
        while not all(map(gone, pids)):
            await asyncio.sleep(0.05)
    assert [pid for pid in pids if not gone(pid)] == []

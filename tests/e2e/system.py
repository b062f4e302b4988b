"""The platform as processes of this machine: all services in one, or each in its own."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Self

import httpx2

SERVICES = ("auth", "ingestion", "model_registry", "training", "detection", "gateway")
SERVICE_KEY = "ad_services_e2e-only-key-of-the-services"
TWIN = "#"
START_SECONDS = 90
STOP_SECONDS = 20


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class System:
    """One or more processes of `anomaly_detection serve`, with a folder for what they keep."""

    def __init__(
        self,
        folder: Path,
        names: Iterable[str | None],
        environment: dict[str, str],
        own: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        """`own` is what a service is told apart from the others."""
        self.folder = folder
        self._own = own or {}
        self.ports = {name: free_port() for name in names}
        self.environment = os.environ | environment | self._addresses()
        self._processes: dict[str | None, subprocess.Popen[bytes]] = {}

    @classmethod
    def embedded(cls, folder: Path) -> "System":
        """Everything in one process, without any server."""
        unset = dict.fromkeys(("KAFKA_BOOTSTRAP_SERVERS", "DATABASE_URL", "REDIS_URL"), "")
        return cls(folder, [None], unset)

    @classmethod
    def distributed(cls, folder: Path, kafka: str, postgres: str, redis: str) -> "System":
        """Six processes on Kafka, PostgreSQL and Redis."""
        servers = {"KAFKA_BOOTSTRAP_SERVERS": kafka, "DATABASE_URL": postgres, "REDIS_URL": redis}
        return cls(folder, SERVICES, servers)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.ports.get('gateway', self.ports.get(None))}"

    @property
    def scorer(self) -> str | None:
        """The process in which records are scored."""
        return "detection" if "detection" in self.ports else None

    def _addresses(self) -> dict[str, str]:
        found = {
            f"{name.upper()}_URL": f"http://127.0.0.1:{port}" for name, port in self.ports.items() if name
        }
        return found | {
            "ANOMALY_DETECTION_DATA_DIR": str(self.folder),
            "ANOMALY_DETECTION_SERVICE_KEY": SERVICE_KEY,
            "METRICS_PORT": "0",
        }

    async def __aenter__(self) -> Self:
        try:
            await self.start()
        except BaseException:
            self.stop()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        self.stop()

    async def start(self) -> None:
        for name in self.ports:
            self.launch(name)
        await self.ready()

    def launch(self, name: str | None) -> None:
        command = [
            str(Path(sys.executable).with_name("anomaly_detection")),
            "serve",
            *([name.partition(TWIN)[0]] if name else []),
        ]
        command += ["--port", str(self.ports[name])]
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / f"{name or 'all'}.log").open("ab") as log:
            environment = self.environment | self._own.get(name or "", {})
            self._processes[name] = subprocess.Popen(command, stdout=log, stderr=log, env=environment)

    async def join(self, name: str) -> str:
        """Another process of a service, as a member of the same group; gives the name to kill it by."""
        twin = f"{name}{TWIN}{len(self.ports)}"
        self.ports[twin] = free_port()
        self.launch(twin)
        await self.ready()
        return twin

    async def ready(self) -> None:
        """Until every service says that it is ready."""
        async with httpx2.AsyncClient(timeout=5) as http:
            for name, port in self.ports.items():
                await self._ready(http, name, port)

    async def _ready(self, http: httpx2.AsyncClient, name: str | None, port: int) -> None:
        answer = ""
        try:
            async with asyncio.timeout(START_SECONDS):
                while True:
                    process = self._processes[name]
                    assert process.poll() is None, f"{name or 'the platform'} ended:\n{self.log(name)}"
                    try:
                        response = await http.get(f"http://127.0.0.1:{port}/health/ready")
                        answer = response.text
                        if response.status_code == 200:
                            return
                    except httpx2.TransportError as error:
                        answer = repr(error)
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise AssertionError(f"{name} is not ready: {answer}\n{self.log(name)}") from None

    def kill(self, name: str | None) -> None:
        """As kill -9 does: no goodbye, nothing flushed."""
        self._processes[name].send_signal(signal.SIGKILL)
        self._processes[name].wait()
        if name and TWIN in name:
            del self.ports[name]

    def end(self, name: str | None) -> None:
        """As an operator does: a signal, and time to finish."""
        self._processes[name].terminate()
        self._processes[name].wait(STOP_SECONDS)

    def stop(self) -> None:
        for process in self._processes.values():
            process.terminate()
        for process in self._processes.values():
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def command(self, *words: str) -> dict[str, Any]:
        """What the command line answers, as the first administrator."""
        program = Path(sys.executable).with_name("anomaly_detection")
        arguments = [str(program), *words, "--server", self.url, "--json"]
        done = subprocess.run(arguments, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def admin_key(self) -> str:
        return (self.folder / "admin.key").read_text().strip()

    def log(self, name: str | None, last: int = 6000) -> str:
        return (self.folder / f"{name or 'all'}.log").read_text(errors="replace")[-last:]

    def errors(self) -> list[str]:
        """What any service logged as an error."""
        found = []
        for name in self.ports:
            for line in self.log(name, last=10**9).splitlines():
                try:
                    level = json.loads(line).get("level")
                except (json.JSONDecodeError, AttributeError):
                    level = "error" if "Traceback" in line else None
                if level in {"error", "critical"}:
                    found.append(f"{name or 'all'}: {line[:500]}")
        return found

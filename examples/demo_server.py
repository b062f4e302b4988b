"""`anomaly_detection serve` as a child process on a free port, with a temporary data folder."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType

from rich.console import Console

START_SECONDS = 90


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """Started on entry, stopped on exit; what it logs is kept and looked through."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._started = time.monotonic()
        self._folder = tempfile.TemporaryDirectory(prefix="anomaly_detection-")
        self._port = free_port()
        self._log = Path(self._folder.name) / "serve.log"
        self.address = f"http://127.0.0.1:{self._port}"

    def __enter__(self) -> "Server":
        command = [
            str(Path(sys.executable).with_name("anomaly_detection")),
            "serve",
            "--port",
            str(self._port),
        ]
        environment = os.environ | {"ANOMALY_DETECTION_DATA_DIR": self._folder.name}
        with self._log.open("wb") as log, self._console.status("starting the platform …"):
            self._process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
            self._wait()
        self._console.print(f"running at {self.address}")
        return self

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise SystemExit(f"demo: the platform did not start:\n{self._log.read_text()}")
            try:
                with urllib.request.urlopen(f"{self.address}/health/ready", timeout=2) as answer:
                    if answer.status == 200:
                        return
            except OSError:
                time.sleep(0.1)
        raise SystemExit(
            f"demo: the platform was not ready within {START_SECONDS} s:\n{self._log.read_text()}"
        )

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._folder.cleanup()

    def admin_key(self) -> str:
        return (Path(self._folder.name) / "admin.key").read_text().strip()

    def errors(self) -> list[str]:
        """Every line that a service logged as an error, and every traceback."""
        found = []
        for line in self._log.read_text().splitlines():
            try:
                level = json.loads(line).get("level", "")
            except (json.JSONDecodeError, AttributeError):
                level = "error" if "Traceback" in line or "Error" in line else ""
            if level in {"error", "critical"}:
                found.append(f"a service logged an error: {line[:400]}")
        return found

    def seconds(self) -> float:
        return time.monotonic() - self._started

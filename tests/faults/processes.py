"""The processes of a test, forked in the nursery, as the test sees them."""

import asyncio
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
LOOK_SECONDS = 0.05
END_SECONDS = 20.0
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


async def until(condition: Callable[[], bool], seconds: float, why: Callable[[], str]) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"after {seconds:g} s {why()}"
        await asyncio.sleep(LOOK_SECONDS)


class Nursery:
    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.faults.nursery"]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(
            command, stdin=pipe, stdout=pipe, cwd=ROOT, text=True, env=os.environ | ONE_THREAD
        )
        self._ready = False

    def fork(self, kind: str, settings: Mapping[str, Any], log: Path) -> int:
        return int(self.ask({"kind": kind, "settings": dict(settings), "log": str(log)})["pid"])

    def ask(self, request: Mapping[str, Any]) -> Any:
        assert self._process.stdin is not None
        self._ready = self._ready or self._answer()["ready"]
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def close(self) -> None:
        """Whoever had children forked has ended them."""
        self._process.kill()
        self._process.communicate()

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, f"the nursery ended with {self._process.wait()}"
        return json.loads(line)


class Process:
    kind = ""

    def __init__(self, nursery: Nursery, settings: Mapping[str, Any], log: Path) -> None:
        self._nursery = nursery
        self._log = log
        self._code: int | None = None
        self.pid = nursery.fork(self.kind, settings, log)

    @property
    def code(self) -> int | None:
        """None while it lives."""
        if self._code is None:
            self._code = self._nursery.ask({"poll": self.pid})["code"]
        return self._code

    def send(self, number: int) -> None:
        if self.code is None:
            os.kill(self.pid, number)

    async def ended(self, seconds: float = END_SECONDS) -> int:
        await until(
            lambda: self.code is not None, seconds, lambda: f"the {self.kind} did not end: {self.tail()}"
        )
        assert self.code is not None
        return self.code

    async def kill(self) -> None:
        self.send(signal.SIGKILL)
        await self.ended()

    def log(self) -> str:
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    def tail(self) -> str:
        return self.log()[-3000:]


class Worker(Process):
    """A detection worker."""

    kind = "worker"

    async def stopped(self, seconds: float = END_SECONDS) -> None:
        """Until a SIGSTOP has reached it."""
        state = Path(f"/proc/{self.pid}/stat")
        await until(
            lambda: state.read_text().rpartition(")")[2].split()[0] == "T",
            seconds,
            lambda: f"the worker was not stopped: {self.tail()}",
        )

    async def url(self) -> str:
        """Where it answers, once it says that it is ready."""
        await until(lambda: bool(self._ready()), END_SECONDS, lambda: f"not ready: {self.tail()}")
        return str(self._ready()[0]["url"])

    def _ready(self) -> list[dict[str, Any]]:
        """What it logged when it was."""
        lines = [json.loads(line) for line in self.log().splitlines() if line.startswith("{")]
        return [line for line in lines if line["event"] == "ready"]

    def limit_files(self, size_bytes: int) -> None:
        """No file that it writes can grow beyond this; -1 takes the limit away."""
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (size_bytes, resource.RLIM_INFINITY))


class Generator(Process):
    """A producer; its ledger lies where its settings say."""

    kind = "generator"

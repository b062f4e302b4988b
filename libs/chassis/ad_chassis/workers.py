"""Several processes of one service: a parent starts them, starts again what dies, and ends them in order.

They accept from one socket, which the parent bound, and share the partitions of their consumer group. A pipe that
nobody writes to tells them when the parent is gone, however it died; then each ends as after SIGTERM.
"""

import asyncio
import contextlib
import os
import signal
import socket
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ad_chassis.errors import SettingsError
from ad_chassis.lifecycle import SIGNALS
from ad_chassis.logs import get_logger
from ad_chassis.settings import PlatformSettings

IN_ORDER = (0, -signal.SIGTERM, -signal.SIGINT)
"""How a worker may end that was told to: one that was still starting knows no order."""
log = get_logger("workers")


@dataclass(frozen=True, slots=True)
class Patience:
    """How often, and after how long, a worker is started again."""

    first_delay_seconds: float = 1.0
    last_delay_seconds: float = 30.0
    quick_seconds: float = 60.0
    quick_deaths: int = 5
    """So many deaths in a row, each so soon after its start, and no more is tried."""

    def delay_seconds(self, quick_deaths: int) -> float:
        """Doubles from death to death."""
        doubled = self.first_delay_seconds * 2.0 ** max(0, quick_deaths - 1)
        return min(doubled, self.last_delay_seconds)


class WorkerError(Exception):
    """The workers cannot go on; the message names the one that died."""


class Supervisor:
    def __init__(
        self,
        command: Sequence[str],
        environments: Sequence[Mapping[str, str]],
        descriptors: Sequence[int] = (),
        patience: Patience | None = None,
    ) -> None:
        self._command = command
        self._environments = environments
        self._descriptors = descriptors
        self._patience = patience or Patience()
        self._running: dict[int, asyncio.subprocess.Process] = {}
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Until a signal came and every worker has ended; a second signal goes to the workers as well."""
        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            loop.add_signal_handler(number, self.stop, number)
        try:
            async with asyncio.TaskGroup() as workers:
                for worker in range(len(self._environments)):
                    workers.create_task(self._keep(worker))
        except* WorkerError as errors:
            raise errors.exceptions[0] from None
        finally:
            for number in SIGNALS:
                loop.remove_signal_handler(number)

    def stop(self, number: int = signal.SIGTERM) -> None:
        log.info("workers are told to end", signal=signal.Signals(number).name)
        self._stopping.set()
        for process in self._running.values():
            _send(process, number)

    async def _keep(self, worker: int) -> None:
        quick_deaths = 0
        while not self._stopping.is_set():
            started = time.monotonic()
            code = await self._until_dead(worker)
            if self._stopping.is_set():
                if code not in IN_ORDER:
                    raise WorkerError(f"worker {worker} did not end in order, but with {_shown(code)}")
                return
            quick = time.monotonic() - started < self._patience.quick_seconds
            quick_deaths = quick_deaths + 1 if quick else 0
            await self._rest(worker, code, quick_deaths)

    async def _rest(self, worker: int, code: int, quick_deaths: int) -> None:
        patience = self._patience
        if quick_deaths >= patience.quick_deaths:
            raise WorkerError(
                f"worker {worker} died {quick_deaths} times in a row within {patience.quick_seconds:g} s of its start,"
                f" at last with {_shown(code)}; what it logged says why"
            )
        delay_seconds = patience.delay_seconds(quick_deaths)
        log.error("worker died", worker=worker, end=_shown(code), starts_again_in_seconds=delay_seconds)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), delay_seconds)

    async def _until_dead(self, worker: int) -> int:
        process = await asyncio.create_subprocess_exec(
            *self._command,
            env=self._environments[worker],
            pass_fds=self._descriptors,
            # Ctrl-C goes to all of a group: workers would have it twice, and the second one means "at once".
            process_group=0,
        )
        log.info("worker started", worker=worker, pid=process.pid)
        self._running[worker] = process
        try:
            if self._stopping.is_set():
                _send(process, signal.SIGTERM)
            return await process.wait()
        finally:
            if process.returncode is None:
                _send(process, signal.SIGTERM)
                await process.wait()
            del self._running[worker]


def run_workers(
    command: Sequence[str],
    settings: PlatformSettings,
    listener: socket.socket,
    patience: Patience | None = None,
) -> None:
    """Runs `API_WORKERS` processes of a command until SIGTERM or SIGINT."""
    alive, held = os.pipe()
    given = {
        "ANOMALY_DETECTION_LISTENER_FD": str(listener.fileno()),
        "ANOMALY_DETECTION_PARENT_FD": str(alive),
    }
    environments = [
        {**os.environ, **given, **environment_of(worker, settings)} for worker in range(settings.http.workers)
    ]
    supervisor = Supervisor(command, environments, (listener.fileno(), alive), patience)
    try:
        asyncio.run(supervisor.run())
    except WorkerError as error:
        raise SystemExit(str(error)) from None
    finally:
        os.close(alive)
        os.close(held)


def environment_of(worker: int, settings: PlatformSettings) -> dict[str, str]:
    """What one of several processes has of its own."""
    metrics_port = settings.telemetry.metrics_port
    if metrics_port + worker > 65535:
        raise SettingsError(
            f"METRICS_PORT: worker {worker} would need port {metrics_port + worker}; choose a lower one"
        )
    own = {
        "API_WORKERS": "1",
        "ANOMALY_DETECTION_DATA_DIR": str(settings.runtime.data_dir),
        "METRICS_PORT": str(metrics_port + worker if metrics_port else 0),
    }
    instance = settings.event_log.instance_id
    return own if instance is None else own | {"KAFKA_INSTANCE_ID": f"{instance}-{worker}"}


def require_shared_log(settings: PlatformSettings) -> None:
    if settings.event_log.bootstrap_servers is None:
        raise SettingsError(
            "API_WORKERS, --workers: several processes share records through Kafka, and there is none: set"
            " KAFKA_BOOTSTRAP_SERVERS, or leave it at one worker"
        )


def _send(process: asyncio.subprocess.Process, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(number)


def _shown(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"

"""The queue of replays of this process: one at a time, in a thread that is not that of live records."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import structlog

from ad_chassis.errors import NotFound, PlatformError, TooManyRequests
from ad_chassis.eventlog.errors import LogError
from ad_detection.domain.replays import Replay, ReplayRequest
from ad_detection.ports import ReplayStore
from ad_detection.usecases.run_replay import Tools, contenders_of, run_replay

MOST_WAITING = 16
BEAT_SECONDS = 5.0
SILENT_MS = 30_000
TELL_EVERY_MS = 500
log = structlog.get_logger(__name__)
Key = tuple[str, str]


class Ended(Exception):
    """Somebody ended the replay while it ran, perhaps through another process."""


class ReplayRunner:
    """A component. What waits here when the process ends is interrupted: the table says so, and nothing runs twice."""

    def __init__(
        self, store: ReplayStore, tools: Callable[[Any], Tools], clock_ms: Callable[[], int]
    ) -> None:
        self._thread = ThreadPoolExecutor(1, "replay")
        self._store = store
        self._tools = tools(self._off_loop)
        self._clock_ms = clock_ms
        self._owner = str(uuid4())
        self._queue: asyncio.Queue[Replay] = asyncio.Queue()
        self._running: tuple[Key, asyncio.Task[None]] | None = None
        self._loops: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        await self._look_after()
        self._loops = [asyncio.create_task(self._work()), asyncio.create_task(self._beat())]

    async def stop(self) -> None:
        running = [] if self._running is None else [self._running[1]]
        for task in [*self._loops, *running]:
            task.cancel()
        await asyncio.gather(*self._loops, *running, return_exceptions=True)
        await self._discard(await self._store.interrupt(self._clock_ms(), owner=self._owner))
        self._thread.shutdown(wait=True, cancel_futures=True)

    async def check(self) -> None:
        """Raises when the queue is not worked on."""
        if not self._loops or any(loop.done() for loop in self._loops):
            raise RuntimeError("the replay runner is not running")

    async def submit(self, tenant: str, request: ReplayRequest, requested_by: str) -> Replay:
        """Queues a replay whose configurations can be used."""
        if self._queue.qsize() >= MOST_WAITING:
            raise TooManyRequests(
                f"{MOST_WAITING} replays are waiting already; try again when one has ended",
                retry_after_seconds=60,
            )
        await contenders_of(self._tools, tenant, request)
        now = self._clock_ms()
        replay = Replay(
            id=str(uuid4()),
            tenant=tenant,
            request=request,
            requested_by=requested_by[:255],
            created_ms=now,
            owner=self._owner,
            beat_ms=now,
        )
        await self._store.add(replay)
        self._queue.put_nowait(replay)
        return replay

    async def cancel(self, tenant: str, replay_id: str) -> Replay:
        """One that has ended stays as it is."""
        await self._store.change(tenant, replay_id, state="cancelled", finished_ms=self._clock_ms())
        found = await self._store.get(tenant, replay_id)
        if found is None:
            raise NotFound(f"there is no replay {replay_id!r}; GET /api/v1/replays lists those that exist")
        if self._running is not None and self._running[0] == (tenant, replay_id):
            self._running[1].cancel()
        return found

    async def remove(self, tenant: str, replay_id: str) -> None:
        """The replay and what it found; one that runs is cancelled first."""
        await self.cancel(tenant, replay_id)
        await self._store.remove(tenant, replay_id)
        await self._tools.findings.remove(tenant, replay_id)

    async def _work(self) -> None:
        while True:
            replay = await self._queue.get()
            task = asyncio.create_task(self._run(replay), name=f"replay {replay.id}")
            self._running = (replay.tenant, replay.id), task
            await asyncio.wait([task])
            self._running = None

    async def _run(self, replay: Replay) -> None:
        """Ends in the table, or was ended there already; of one that did not succeed nothing is kept."""
        try:
            await self._change(replay, state="running", started_ms=self._clock_ms())
            result = await run_replay(replay, self._tools, self._telling(replay))
            rows, finished = result["configurations"]["a"]["scored"], self._clock_ms()
            await self._change(
                replay, state="succeeded", rows=rows, progress=1.0, result=result, finished_ms=finished
            )
            return
        except Ended:
            log.info("a replay was ended by somebody", replay=replay.id)
        except (PlatformError, LogError) as error:
            await self._failed(replay, str(error))
        except Exception as error:
            log.exception("a replay failed unexpectedly", replay=replay.id)
            name = type(error).__name__
            await self._failed(replay, f"something went wrong on our side ({name}); the log has more")
        except asyncio.CancelledError:
            await self._tools.findings.remove(replay.tenant, replay.id)
            raise
        await self._tools.findings.remove(replay.tenant, replay.id)

    def _telling(self, replay: Replay) -> Callable[[int, float | None], Any]:
        told_ms = 0

        async def tell(rows: int, progress: float | None) -> None:
            nonlocal told_ms
            now = self._clock_ms()
            if now - told_ms >= TELL_EVERY_MS:
                told_ms = now
                await self._change(replay, rows=rows, progress=progress)

        return tell

    async def _change(self, replay: Replay, **changes: Any) -> None:
        if not await self._store.change(replay.tenant, replay.id, **changes):
            raise Ended

    async def _failed(self, replay: Replay, reason: str) -> None:
        await self._store.change(
            replay.tenant, replay.id, state="failed", error=reason, finished_ms=self._clock_ms()
        )

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            try:
                await self._look_after()
            except Exception:
                log.exception("the table of replays could not be kept; it is tried again")

    async def _look_after(self) -> None:
        """Says that this process lives, and ends what others left behind."""
        now = self._clock_ms()
        await self._store.beat(self._owner, now)
        await self._discard(await self._store.interrupt(now, silent_since_ms=now - SILENT_MS))

    async def _discard(self, ended: list[Replay]) -> None:
        for replay in ended:
            log.warning("a replay was interrupted", replay=replay.id)
            await self._tools.findings.remove(replay.tenant, replay.id)

    async def _off_loop(self, function: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._thread, function, *arguments)

"""Publications of replays, each a task of this process."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

import structlog
from msgspec.structs import replace

from ad_chassis.errors import Conflict, NotFound, PlatformError, Unprocessable
from ad_chassis.eventlog.errors import LogError
from ad_detection.api.replay_runner import SILENT_MS, TELL_EVERY_MS, Key
from ad_detection.domain.corrections import unpublishable
from ad_detection.domain.replays import Publication, PublicationState, Replay
from ad_detection.ports import ReplayStore
from ad_detection.usecases.publish_replay import PublishTools, Tell, publish_replay

log = structlog.get_logger(__name__)


class Gone(Exception):
    """The replay was removed while it was published."""


class ReplayPublisher:
    """A component. What is broken off can be begun again: what was sent already changes nothing."""

    def __init__(self, store: ReplayStore, tools: PublishTools, clock_ms: Callable[[], int]) -> None:
        self._store = store
        self._tools = tools
        self._clock_ms = clock_ms
        self._tasks: dict[Key, asyncio.Task[None]] = {}

    async def start(self) -> None:
        """Tasks begin when somebody asks."""

    async def stop(self) -> None:
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def submit(self, tenant: str, replay_id: str, name: str, requested_by: str) -> Replay:
        """Begins; of one that runs or is done nothing changes."""
        replay = await self._store.get(tenant, replay_id)
        if replay is None:
            raise NotFound(f"there is no replay {replay_id!r}; GET /api/v1/replays lists those that exist")
        known = self.seen(replay).publication
        if known is not None and known.configuration != name:
            raise Conflict(
                f"configuration {known.configuration!r} of the replay is the one that is published; "
                "to publish another one, replay the range with it alone"
            )
        if known is not None and known.state in ("running", "succeeded"):
            return replace(replay, publication=known)
        _check(replay, name)
        now = self._clock_ms()
        publication = Publication(
            configuration=name, requested_by=requested_by[:255], started_ms=now, updated_ms=now
        )
        await self._note(replay, publication)
        key = tenant, replay_id
        task = self._tasks[key] = asyncio.create_task(self._run(replay, publication))
        task.add_done_callback(lambda done: self._forget(key, done))
        return replace(replay, publication=publication)

    def seen(self, replay: Replay) -> Replay:
        """As it is to be shown: a publication that nobody goes on with was interrupted."""
        known = replay.publication
        lost = known is not None and self._clock_ms() - known.updated_ms > SILENT_MS
        if known is None or known.state != "running" or not lost or self._has(replay):
            return replay
        return replace(replay, publication=_ended(known, "interrupted", "the process that ran it ended"))

    async def check_removal(self, tenant: str, replay_id: str) -> None:
        """Raises while its findings are being published."""
        replay = await self._store.get(tenant, replay_id)
        known = None if replay is None else self.seen(replay).publication
        if known is not None and known.state == "running":
            raise Conflict("the replay is being published; remove it when that has ended")

    async def _run(self, replay: Replay, publication: Publication) -> None:
        told = publication

        async def tell(now_at: Publication) -> None:
            nonlocal told
            told = replace(now_at, updated_ms=told.updated_ms)
            now = self._clock_ms()
            if now - told.updated_ms >= TELL_EVERY_MS:
                told = replace(told, updated_ms=now)
                await self._note(replay, told)

        with suppress(Gone):
            await self._note(replay, await self._ending(replay, publication, tell, lambda: told))

    async def _ending(
        self, replay: Replay, publication: Publication, tell: Tell, told: Callable[[], Publication]
    ) -> Publication:
        now = self._clock_ms
        try:
            done = await publish_replay(replay, publication, self._tools, tell)
            return replace(done, state="succeeded", finished_ms=now(), updated_ms=now())
        except asyncio.CancelledError:
            return replace(_ended(told(), "interrupted", "the process that ran it ended"), finished_ms=now())
        except (PlatformError, LogError) as error:
            return replace(_ended(told(), "failed", str(error)), finished_ms=now())
        except Gone:
            raise
        except Exception as error:
            log.exception("a publication failed unexpectedly", replay=replay.id)
            reason = f"something went wrong on our side ({type(error).__name__}); the log has more"
            return replace(_ended(told(), "failed", reason), finished_ms=now())

    async def _note(self, replay: Replay, publication: Publication) -> None:
        if not await self._store.publish(replay.tenant, replay.id, publication):
            raise Gone

    def _has(self, replay: Replay) -> bool:
        return (replay.tenant, replay.id) in self._tasks

    def _forget(self, key: Key, done: asyncio.Task[None]) -> None:
        if self._tasks.get(key) is done:
            del self._tasks[key]


def _check(replay: Replay, name: str) -> None:
    """Raises when there is nothing that could rightly be published."""
    if replay.state != "succeeded":
        raise Conflict(f"the replay is {replay.state}; only one that succeeded can be published")
    reason = unpublishable(replay, name)
    if reason is not None:
        raise Unprocessable(f"the replay {reason}")


def _ended(publication: Publication, state: PublicationState, reason: str) -> Publication:
    return replace(publication, state=state, error=f"{reason}; publish it again, which goes on with it")

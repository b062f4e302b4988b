"""The partitions a member holds: opened in the background one by one, polled once they are open."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field

from ad_chassis.eventlog.errors import Fenced
from ad_chassis.eventlog.port import AssignmentListener, Batch, Committed, TopicPartition

log = logging.getLogger(__name__)

FIRST_RETRY_SECONDS = 0.05
LAST_RETRY_SECONDS = 5.0


@dataclass(slots=True)
class Held:
    """One partition in hand. `position` is the next offset to poll; `handed_out` is polled and not committed."""

    source: TopicPartition
    position: int = 0
    ready: bool = False
    announced: bool = False
    failure: str = ""
    task: asyncio.Task[None] | None = None
    handed_out: deque[Batch] = field(default_factory=deque)
    committing: asyncio.Lock = field(default_factory=asyncio.Lock)

    def hand_out(self, batch: Batch) -> Batch:
        self.position = batch.next_offset
        self.handed_out.append(batch)
        return batch

    def check(self, batch: Batch) -> None:
        """Only what was polled in this ownership may be committed."""
        if not self.ready or not any(one is batch for one in self.handed_out):
            raise Fenced(
                f"the batch at {self.source} from {batch.first_offset} is not there to commit: it was polled before"
                " a hand-over, or is committed"
            )

    def finish(self, batch: Batch) -> None:
        """It is committed, and with it those that were handed out before."""
        while self.handed_out.popleft() is not batch:
            continue


@dataclass(frozen=True, slots=True)
class Opened:
    committed: Committed | None
    position: int


class Assignment:
    """Runs the life of every held partition: open, tell the listener, be ready, close, tell again."""

    def __init__(
        self,
        listener: AssignmentListener,
        open_partition: Callable[[TopicPartition], Awaitable[Opened]],
        close_partition: Callable[[TopicPartition], Awaitable[None]],
    ) -> None:
        self._listener = listener
        self._open = open_partition
        self._close = close_partition
        self.held: dict[TopicPartition, Held] = {}
        self.paused: set[TopicPartition] = set()
        self.changed = asyncio.Event()

    def require(self, source: TopicPartition) -> Held:
        held = self.held.get(source)
        if held is None:
            raise Fenced(f"{source} is not assigned to this member any more")
        return held

    def gain(self, sources: Iterable[TopicPartition]) -> None:
        for source in sources:
            if source not in self.held:
                held = self.held[source] = Held(source)
                held.task = asyncio.create_task(self._run_open(held), name=f"open {source}")

    async def lose(self, sources: Iterable[TopicPartition]) -> None:
        gone = [self.held.pop(source) for source in list(sources) if source in self.held]
        for held in gone:
            self.paused.discard(held.source)
            held.ready = False
        self.changed.set()
        await asyncio.gather(*(self._run_close(held) for held in gone))

    async def reopen(self, source: TopicPartition) -> None:
        held = self.held.get(source)
        if held is None:
            return
        await _cancel(held.task)
        held.ready = False
        held.task = asyncio.create_task(self._run_open(held), name=f"reopen {source}")
        await asyncio.wait([held.task])

    def ready(self) -> list[Held]:
        return [held for held in self.held.values() if held.ready and held.source not in self.paused]

    def pause(self, source: TopicPartition) -> None:
        if source in self.held:
            self.paused.add(source)

    def resume(self, source: TopicPartition) -> None:
        self.paused.discard(source)
        self.changed.set()

    async def _run_open(self, held: Held) -> None:
        delay_seconds = FIRST_RETRY_SECONDS
        while not held.ready:
            try:
                await self._open_once(held)
            except Exception as error:
                log.exception("could not open %s, trying again in %.2f s", held.source, delay_seconds)
                held.failure = f"{held.source.topic}/{held.source.partition} cannot be opened: {error}"
                await asyncio.sleep(delay_seconds)
                delay_seconds = min(delay_seconds * 2, LAST_RETRY_SECONDS)

    async def _open_once(self, held: Held) -> None:
        opened = await self._open(held.source)
        held.announced = True
        await self._listener.on_assigned(held.source, opened.committed)
        held.position = opened.position
        held.handed_out.clear()
        held.failure = ""
        held.ready = True
        self.changed.set()

    async def _run_close(self, held: Held) -> None:
        await _cancel(held.task)
        try:
            # A commit under way ends first, or its producer would be stopped under it; none begins any more.
            async with held.committing:
                await self._close(held.source)
            if held.announced:
                await self._listener.on_revoked(held.source)
        except Exception:
            log.exception("could not close %s cleanly", held.source)


async def _cancel(task: asyncio.Task[None] | None) -> None:
    if task is not None and not task.done() and task is not asyncio.current_task():
        task.cancel()
        await asyncio.wait([task])

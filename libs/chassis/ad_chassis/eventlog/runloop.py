"""The only run loop: poll, hand over, commit, retry, set aside, drain. It knows neither Kafka nor SQLite."""

import asyncio
import logging
import math
import time
from collections.abc import Collection, Coroutine, Mapping
from typing import Any

from ad_chassis.eventlog.errors import Fenced, LogError, TooLarge, Transient
from ad_chassis.eventlog.handler import (
    DeadLetter,
    Handler,
    Observer,
    Outcome,
    RunLoopSettings,
    SilentObserver,
)
from ad_chassis.eventlog.oversize import Oversize
from ad_chassis.eventlog.port import Batch, Committed, Consumer, EventLog, Start, TopicPartition
from ad_chassis.eventlog.setaside import handle_without_poison

__all__ = ["DeadLetter", "Handler", "Observer", "Outcome", "RunLoop", "RunLoopSettings", "SilentObserver"]

log = logging.getLogger(__name__)
Failures = dict[TopicPartition, tuple[int, str]]
"""Per partition, how many times in a row it failed, and how at last."""


class RunLoop:
    """Consumes topics as a member of a group; hands over every batch, one partition strictly in order."""

    def __init__(
        self,
        event_log: EventLog,
        group: str,
        topics: Collection[str],
        handler: Handler,
        settings: RunLoopSettings | None = None,
        *,
        dead_letter: DeadLetter | None = None,
        observer: Observer | None = None,
        start: Start = "earliest",
    ) -> None:
        self._handler = handler
        self._settings = settings or RunLoopSettings()
        self._dead_letter = dead_letter
        self._observer = observer or SilentObserver()
        self._group = group
        self._consumer: Consumer = event_log.consumer(group, topics, self, start, self._settings.delivery)
        self._work: dict[TopicPartition, asyncio.Task[None]] = {}
        self._in_hand: dict[TopicPartition, tuple[float, Batch]] = {}
        self._uncommitted: dict[TopicPartition, Batch] = {}
        self._committed_at: dict[TopicPartition, float] = {}
        self._metadata: dict[TopicPartition, str] = {}
        self._failures: Failures = {}
        self._unopened: Failures = {}
        self._oversize = Oversize()
        self._poll_failures = 0
        self._in_flight_records = 0
        self._freed = asyncio.Event()
        self._loop: asyncio.Task[None] | None = None
        self._lag: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await self._consumer.start()
        self._loop = asyncio.create_task(self._poll_forever(), name=f"run loop of {self._group}")
        self._lag = asyncio.create_task(self._watch_lag(), name=f"lag of {self._group}")

    async def stop(self) -> None:
        """Takes no new batch, gives those in hand their time to finish, leaves the group."""
        await _end(self._loop, self._lag)
        if self._work:
            await asyncio.wait(list(self._work.values()), timeout=self._settings.drain_seconds)
        await _end(*self._work.values())
        try:
            async with asyncio.timeout(self._settings.drain_seconds):
                for source, batch in self._uncommitted.items():
                    await self._consumer.commit(batch, (), self._metadata[source])
        except (LogError, TimeoutError) as error:
            log.warning("what had no outputs is not committed, and will be handled again: %r", error)
        await self._consumer.stop()

    async def check(self) -> None:
        """Raises when the loop has ended or does not get on."""
        if self._loop is None or self._loop.done():
            reason = "was never started" if self._loop is None else f"has ended: {_failure(self._loop)!r}"
            raise LogError(f"the run loop of {self._group} {reason}")
        limit = self._settings.unhealthy_after_failures
        if self._poll_failures >= limit:
            raise LogError(
                f"the run loop of {self._group} could not poll {self._poll_failures} times in a row"
            )
        for source, (taken, _) in self._in_hand.items():
            seconds = time.monotonic() - taken
            if seconds >= self._settings.unhealthy_after_seconds:
                raise LogError(
                    f"{source.topic}/{source.partition} has had a batch in hand for {seconds:.0f} s"
                )
        for source, (count, reason) in [*self._failures.items(), *self._unopened.items()]:
            if count >= limit:
                raise LogError(f"{source.topic}/{source.partition} failed {count} times in a row: {reason}")

    async def subscribe(self, topics: Collection[str]) -> None:
        await self._consumer.subscribe(topics)

    async def on_assigned(self, source: TopicPartition, committed: Committed | None) -> None:
        self._uncommitted.pop(source, None)
        self._metadata[source] = committed.metadata if committed else ""
        try:
            await self._handler.on_assigned(source, committed)
        except Exception as error:
            # The consumer tries again; a partition that cannot be opened must not look well meanwhile.
            _count(self._unopened, source, error)
            raise
        self._unopened.pop(source, None)

    async def on_revoked(self, source: TopicPartition) -> None:
        await _end(self._work.get(source))
        self._uncommitted.pop(source, None)
        self._failures.pop(source, None)
        self._unopened.pop(source, None)
        self._oversize.forget(source)
        await self._handler.on_revoked(source)

    async def _poll_forever(self) -> None:
        settings = self._settings
        while True:
            room = settings.max_in_flight_records - self._in_flight_records
            if room <= 0:
                self._freed.clear()
                await self._freed.wait()
                continue
            started = time.perf_counter()
            try:
                batches = await self._consumer.poll(
                    self._oversize.most(min(room, settings.max_poll_records)), settings.poll_timeout_seconds
                )
            except LogError:
                self._poll_failures += 1
                log.exception("the run loop of %s could not poll", self._group)
                await asyncio.sleep(self._delay_seconds(self._poll_failures))
                continue
            self._poll_failures = 0
            for topic in {batch.source.topic for batch in batches}:
                self._observer.step(topic, "poll", time.perf_counter() - started)
            for batch in batches:
                self._begin(batch, self._run(batch), len(batch.records))
            self._commit_idle()
            if batches and settings.linger_seconds:
                await asyncio.sleep(settings.linger_seconds)

    def _begin(self, batch: Batch, work: Coroutine[Any, Any, None], records: int) -> None:
        self._consumer.pause(batch.source)
        self._in_flight_records += records
        task = asyncio.create_task(work, name=f"{self._group} {batch.source}")
        self._work[batch.source] = task
        self._in_hand[batch.source] = time.monotonic(), batch
        task.add_done_callback(lambda done: self._release(batch, done, records))

    def _release(self, batch: Batch, task: asyncio.Task[None], records: int) -> None:
        self._in_flight_records -= records
        self._freed.set()
        if self._work.get(batch.source) is task:
            del self._work[batch.source], self._in_hand[batch.source]
            self._consumer.resume(batch.source)

    async def _run(self, batch: Batch) -> None:
        """Handles and commits one batch. What was handed out but not committed is never passed over."""
        started = time.perf_counter()
        outcome = await self._handle(batch)
        handled = time.perf_counter()
        if self._may_wait(batch.source, outcome):
            self._uncommitted[batch.source] = batch
            self._failures.pop(batch.source, None)
            self._observer.committed(batch, handled - started, 0.0)
        elif await self._commit(batch, outcome):
            self._observer.committed(batch, handled - started, time.perf_counter() - handled)
            if send_seconds := self._consumer.send_seconds(batch.source):
                self._observer.step(batch.source.topic, "send", send_seconds)

    def _may_wait(self, source: TopicPartition, outcome: Outcome) -> bool:
        """Whether nobody would see a difference if this were committed a little later, with the next batch."""
        if outcome.outputs or outcome.metadata != self._metadata.get(source):
            return False
        return not self._is_due(source)

    def _is_due(self, source: TopicPartition) -> bool:
        since = time.monotonic() - self._committed_at.get(source, -math.inf)
        return since >= self._settings.commit_every_seconds

    def _commit_idle(self) -> None:
        """What waits for a batch that does not come."""
        for source, batch in list(self._uncommitted.items()):
            if source not in self._work and self._is_due(source):
                self._begin(batch, self._commit_last(batch), 0)

    async def _commit_last(self, batch: Batch) -> None:
        await self._commit(batch, Outcome((), self._metadata[batch.source]))

    async def _commit(self, batch: Batch, outcome: Outcome) -> bool:
        try:
            await self._consumer.commit(batch, outcome.outputs, outcome.metadata)
        except Fenced:
            log.warning("%s of group %s has another owner; its batch is dropped", batch.source, self._group)
            self._observer.fenced(batch.source)
            await self._consumer.rewind(batch.source)
        except TooLarge as error:
            await self._find_culprit(batch, error)
            await self._consumer.rewind(batch.source)
        except Exception as error:
            log.log(_level(error), "a commit of %s by %s failed", batch.source, self._group, exc_info=True)
            await self._failed(batch.source, error)
            await self._consumer.rewind(batch.source)
        else:
            self._metadata[batch.source] = outcome.metadata
            self._committed_at[batch.source] = time.monotonic()
            self._uncommitted.pop(batch.source, None)
            self._failures.pop(batch.source, None)
            self._oversize.stored(batch)
            return True
        return False

    async def _find_culprit(self, batch: Batch, error: TooLarge) -> None:
        """Fewer records come next, or the one that is to blame, which is set aside then."""
        place = f"{len(batch.records)} records at {batch.source} from {batch.first_offset}"
        log.warning("what %s lead to is too large for %s: %s", place, self._group, error)
        if self._dead_letter is None or not self._oversize.refused(batch, str(error)):
            await self._failed(batch.source, error)

    async def _handle(self, batch: Batch) -> Outcome:
        while True:
            try:
                return await handle_without_poison(
                    self._handler,
                    batch,
                    self._dead_letter,
                    self._metadata.get(batch.source, ""),
                    self._observer,
                    self._oversize.culprit(batch.source),
                )
            except Exception as error:
                text = "%s could not handle a batch of %s"
                log.log(_level(error), text, self._group, batch.source, exc_info=True)
                await self._failed(batch.source, error)

    async def _failed(self, source: TopicPartition, error: Exception) -> None:
        """Notes the failure and waits before the next attempt; other partitions go on meanwhile."""
        count = _count(self._failures, source, error)
        self._observer.retried(source, error)
        await asyncio.sleep(self._delay_seconds(count))

    def _delay_seconds(self, failures: int) -> float:
        doubled = self._settings.first_retry_seconds * 2.0 ** min(failures - 1, 20)
        return min(doubled, self._settings.last_retry_seconds)

    async def _watch_lag(self) -> None:
        while True:
            await asyncio.sleep(self._settings.lag_every_seconds)
            try:
                self._observer.lagged(self._group, await self._consumer.lag())
                self._observer.aged(self._group, self._ages(await self._consumer.oldest_waiting_ms()))
            except LogError:
                log.warning("could not ask for the lag of %s", self._group, exc_info=True)

    def _ages(self, waiting_ms: Mapping[TopicPartition, int]) -> dict[TopicPartition, float]:
        """Seconds since the oldest record was stored that is in hand, or else waits."""
        in_hand_ms = {source: batch.records[0].timestamp for source, (_, batch) in self._in_hand.items()}
        now_ms = time.time_ns() // 1_000_000
        oldest_ms = {**waiting_ms, **in_hand_ms}
        held = self._consumer.assignment()
        return {source: max(0, now_ms - oldest_ms.get(source, now_ms)) / 1000 for source in held}


def _count(failures: Failures, source: TopicPartition, error: Exception) -> int:
    """How many times in a row it failed now."""
    count = failures.get(source, (0, ""))[0] + 1
    failures[source] = (count, f"{type(error).__name__}: {error}")
    return count


def _level(error: Exception) -> int:
    """What passes by itself is a warning; anything else is a fault that somebody must look at."""
    return logging.WARNING if isinstance(error, Transient) else logging.ERROR


async def _end(*tasks: asyncio.Task[None] | None) -> None:
    running = [task for task in tasks if task is not None and not task.done()]
    for task in running:
        task.cancel()
    if running:
        await asyncio.wait(running)


def _failure(task: asyncio.Task[None]) -> BaseException | None:
    return None if task.cancelled() else task.exception()

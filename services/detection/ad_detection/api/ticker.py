"""Sends ticks into the partitions of this worker that need them."""

import asyncio
from collections.abc import Callable

import structlog

from ad_chassis.eventlog.errors import LogError
from ad_chassis.eventlog.port import EventLog, Message
from ad_detection.domain.ticks import encoded, headers_of
from ad_detection.usecases.keep_ticking import Ticks

EVERY_SECONDS = 1.0
log = structlog.get_logger(__name__)


class Ticker:
    def __init__(self, event_log: EventLog, ticks: Ticks, clock_ms: Callable[[], int]) -> None:
        self._log = event_log
        self._ticks = ticks
        self._clock_ms = clock_ms
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._tick_forever(), name="ticks")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _tick_forever(self) -> None:
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            await self.tick()

    async def tick(self) -> None:
        """A partition that takes no tick tells its silence with the next record, as without a ticker."""
        now_ms = self._clock_ms()
        for source, tick in self._ticks.due():
            message = Message(
                topic=source.topic,
                value=encoded(tick),
                headers=headers_of(now_ms),
                partition=source.partition,
                timestamp_ms=now_ms,
            )
            try:
                await self._log.publish([message])
            except LogError as error:
                log.warning("no tick", topic=source.topic, partition=source.partition, reason=str(error))

"""Brings entries of the audit log to their topic, beside the requests: nobody waits for it."""

import asyncio
import contextlib
from collections import deque

from ad_chassis.eventlog.errors import LogError
from ad_chassis.eventlog.port import EventLog, Message
from ad_chassis.logs import get_logger
from ad_chassis.security_metrics import count_lost
from ad_contracts.codec import CONTENT_TYPE, Codec
from ad_contracts.events import AuditRecorded
from ad_contracts.headers import cloud_event
from ad_contracts.topics import topic

MOST_WAITING = 10_000
BATCH = 500
REST_SECONDS = 0.05
RETRY_SECONDS = 1.0
LAST_SECONDS = 3.0
log = get_logger("audit")


def audit_message(event: AuditRecorded, codec: Codec) -> Message:
    headers = cloud_event(
        event.schema, event.service or "unknown", event.id, event.event_time_ms, CONTENT_TYPE
    )
    return Message(topic("audit"), codec.encode(event), key=event.tenant.encode(), headers=headers)


class AuditTrail:
    """A component. While the log is away a bounded number of entries waits; what is beyond is lost, and counted."""

    def __init__(self, event_log: EventLog, codec: Codec, *, most_waiting: int = MOST_WAITING) -> None:
        self._log = event_log
        self._codec = codec
        self._most_waiting = most_waiting
        self._waiting: deque[AuditRecorded] = deque()
        self._wake = asyncio.Event()
        self._lost = 0
        self._task: asyncio.Task[None] | None = None

    def note(self, event: AuditRecorded) -> None:
        if len(self._waiting) >= self._most_waiting:
            self._lose(1)
            return
        self._waiting.append(event)
        self._wake.set()

    async def start(self) -> None:
        self._task = asyncio.create_task(self._publish_forever(), name="audit trail")

    async def stop(self) -> None:
        """What waits has a last chance."""
        if self._task is None:
            return
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        self._task = None
        try:
            async with asyncio.timeout(LAST_SECONDS):
                while self._waiting:
                    await self._publish_some()
        except (LogError, OSError, TimeoutError) as error:
            log.error("entries of the audit log are lost", entries=len(self._waiting), reason=str(error))
            count_lost(len(self._waiting))

    async def _publish_forever(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                try:
                    await self._publish_some()
                except (LogError, OSError) as error:
                    log.warning(
                        "entries of the audit log wait", entries=len(self._waiting), reason=str(error)
                    )
                    await asyncio.sleep(RETRY_SECONDS)
                else:
                    # Those of many requests go together, in one commit of the log.
                    await asyncio.sleep(REST_SECONDS)

    async def _publish_some(self) -> None:
        events = [self._waiting[place] for place in range(min(BATCH, len(self._waiting)))]
        await self._log.publish([audit_message(event, self._codec) for event in events])
        for _ in events:
            self._waiting.popleft()
        if self._lost:
            log.error("entries of the audit log were lost while the event log was away", entries=self._lost)
            self._lost = 0

    def _lose(self, entries: int) -> None:
        if not self._lost:
            log.error("too many entries of the audit log wait; more are lost", waiting=len(self._waiting))
        self._lost += entries
        count_lost(entries)

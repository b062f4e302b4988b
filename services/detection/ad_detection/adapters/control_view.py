"""The rules in force, followed on the compacted topics `streams` and `deployments`."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from ad_chassis.eventlog.errors import LogError
from ad_chassis.eventlog.port import Batch, EventLog, Reader, Record
from ad_contracts.codec import Codec
from ad_contracts.errors import DecodeError
from ad_contracts.events import DeploymentChanged, Event, StreamChanged
from ad_contracts.topics import topic
from ad_data.errors import SchemaError
from ad_detection.domain.control import (
    Control,
    StreamKey,
    with_deployment,
    with_stream,
    without_deployment,
    without_stream,
)
from ad_detection.domain.rules import rule_of

POLL_RECORDS = 1000
POLL_SECONDS = 0.5
RETRY_SECONDS = 1.0
log = structlog.get_logger(__name__)


class ControlView:
    """A component: has read everything that was there when it is started."""

    def __init__(self, event_log: EventLog, codec: Codec) -> None:
        self.control = Control()
        self._codec = codec
        self._reader: Reader = event_log.reader([topic("streams"), topic("deployments")], "earliest")
        self._task: asyncio.Task[None] | None = None
        self._applied = asyncio.Condition()
        self._listeners: list[Callable[[Control], Awaitable[None]]] = []
        self._gone_listeners: list[Callable[[StreamKey], None]] = []

    def on_change(self, listener: Callable[[Control], Awaitable[None]]) -> None:
        self._listeners.append(listener)

    def on_gone(self, listener: Callable[[StreamKey], None]) -> None:
        """Told of each stream that was deleted or erased, before anything is known of another of its name."""
        self._gone_listeners.append(listener)

    async def start(self) -> None:
        await self._reader.start()
        while not await self._reader.caught_up():
            await self._poll()
        self._task = asyncio.create_task(self._follow(), name="control view")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._reader.stop()

    async def check(self) -> None:
        if self._task is None or self._task.done():
            raise LogError("the control topics are not followed any more")

    async def caught_up(self) -> Control:
        """The rules after everything that stood in the control topics when this was asked."""
        while not await self._reader.caught_up():
            async with self._applied:
                await self._applied.wait()
        return self.control

    async def _follow(self) -> None:
        while True:
            try:
                await self._poll()
            except LogError as error:
                log.warning("the control topics could not be read", reason=str(error))
                await asyncio.sleep(RETRY_SECONDS)

    async def _poll(self) -> None:
        before = self.control
        for batch in await self._reader.poll(POLL_RECORDS, POLL_SECONDS):
            await self._codec.learn(record.value or b"" for record in batch.records)
            self._apply(batch)
        async with self._applied:
            self._applied.notify_all()
        if self.control is not before:
            for listener in self._listeners:
                await listener(self.control)

    def _apply(self, batch: Batch) -> None:
        for record in batch.records:
            before = self.control
            try:
                self.control = self._after(batch.source.topic, record)
            except (DecodeError, SchemaError) as error:
                log.error(
                    "unreadable control event",
                    source=str(batch.source),
                    offset=record.offset,
                    reason=str(error),
                )
            self._tell_gone(before, _key_of(record))

    def _after(self, name: str, record: Record) -> Control:
        if record.value is None:
            return _without(self.control, name, _key_of(record))
        return _changed(self.control, self._codec.decode(record.value))

    def _tell_gone(self, before: Control, key: StreamKey) -> None:
        generation = before.generation(*key)
        if generation is not None and self.control.generation(*key) != generation:
            for listener in self._gone_listeners:
                listener(key)


def _key_of(record: Record) -> StreamKey:
    tenant, _, stream = (record.key or b"").decode(errors="replace").partition("/")
    return tenant, stream


def _without(control: Control, name: str, key: StreamKey) -> Control:
    """A message without a value: whoever owned the name is erased."""
    forget = without_stream if name == topic("streams") else without_deployment
    return forget(control, key)


def _changed(control: Control, event: Event) -> Control:
    if isinstance(event, StreamChanged):
        known = bool(event.schema_json) and not event.deleted
        return with_stream(control, event, rule_of(event) if known else None)
    if isinstance(event, DeploymentChanged):
        return with_deployment(control, event)
    return control

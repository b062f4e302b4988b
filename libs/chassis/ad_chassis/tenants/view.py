"""What auth says of tenants, followed on the compacted topic `tenants`: known also while auth is away."""

import asyncio

import structlog

from ad_chassis.eventlog.errors import LogError
from ad_chassis.eventlog.port import EventLog, Reader
from ad_chassis.tenants.quotas import Quotas
from ad_contracts.codec import Codec
from ad_contracts.errors import DecodeError
from ad_contracts.events import TenantChanged
from ad_contracts.topics import topic

POLL_RECORDS = 1000
POLL_SECONDS = 0.5
RETRY_SECONDS = 1.0
log = structlog.get_logger(__name__)


class TenantView:
    """A component that several services of a process may list: has read everything once it is started."""

    def __init__(self, event_log: EventLog, codec: Codec, defaults: Quotas) -> None:
        self._log = event_log
        self._codec = codec
        self._defaults = defaults
        self._known: dict[str, TenantChanged] = {}
        self._reader: Reader | None = None
        self._task: asyncio.Task[None] | None = None

    def quotas(self, tenant: str) -> Quotas:
        known = self._known.get(tenant)
        return self._defaults if known is None else self._defaults.over(known.quotas)

    def suspended(self, tenant: str) -> bool:
        known = self._known.get(tenant)
        return known is not None and known.suspended

    async def is_suspended(self, tenant: str) -> bool:
        return self.suspended(tenant)

    async def start(self) -> None:
        if self._task is not None:
            return
        self._reader = self._log.reader([topic("tenants")], "earliest")
        await self._reader.start()
        while not await self._reader.caught_up():
            await self._poll(self._reader)
        self._task = asyncio.create_task(self._follow(self._reader), name="tenant view")

    async def stop(self) -> None:
        """What was read stays, for the services that stop later."""
        task, self._task = self._task, None
        if task is None or self._reader is None:
            return
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await self._reader.stop()

    async def check(self) -> None:
        if self._task is None or self._task.done():
            raise LogError("the topic of tenants is not followed any more")

    async def _follow(self, reader: Reader) -> None:
        while True:
            try:
                await self._poll(reader)
            except LogError as error:
                log.warning("the topic of tenants could not be read", reason=str(error))
                await asyncio.sleep(RETRY_SECONDS)

    async def _poll(self, reader: Reader) -> None:
        for batch in await reader.poll(POLL_RECORDS, POLL_SECONDS):
            await self._codec.learn(record.value or b"" for record in batch.records)
            for record in batch.records:
                if record.value is not None:
                    self._take(record.value, record.offset)
                elif record.key is not None:
                    self._known.pop(record.key.decode(errors="replace"), None)

    def _take(self, value: bytes, offset: int) -> None:
        try:
            event = self._codec.decode(value)
        except DecodeError as error:
            log.error("unreadable event of a tenant", offset=offset, reason=str(error))
            return
        if not isinstance(event, TenantChanged):
            return
        known = self._known.get(event.tenant)
        if known is None or known.revision < event.revision:
            self._known[event.tenant] = event

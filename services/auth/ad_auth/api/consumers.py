"""What other services tell of comes into the audit log."""

from ad_auth.domain.audit import takeable
from ad_auth.ports import Store
from ad_chassis.database import EVERY_TENANT
from ad_chassis.eventlog.handler import Outcome, Stateless
from ad_chassis.eventlog.port import Batch, Record
from ad_chassis.logs import get_logger
from ad_contracts.codec import Codec
from ad_contracts.errors import DecodeError
from ad_contracts.events import AuditRecorded

log = get_logger("audit")


class AuditHandler(Stateless):
    """Chains the entries of the topic; those that are in the chain already, as auth's own are, change nothing."""

    def __init__(self, store: Store, codec: Codec) -> None:
        self._store = store
        self._codec = codec

    async def handle(self, batch: Batch) -> Outcome:
        await self._codec.learn(record.value or b"" for record in batch.records)
        events = [event for record in batch.records if (event := self._event(record)) is not None]
        async with self._store.transaction(EVERY_TENANT) as work:
            await work.chain(events)
        return Outcome()

    def _event(self, record: Record) -> AuditRecorded | None:
        """None for what no entry can be made of; the topic keeps it."""
        try:
            event = self._codec.decode(record.value or b"")
        except DecodeError as error:
            log.error("a message is no entry of the audit log", offset=record.offset, reason=str(error))
            return None
        if not isinstance(event, AuditRecorded) or not takeable(event):
            log.error(
                "a message is no entry of the audit log",
                offset=record.offset,
                reason="not of ours, or nameless",
            )
            return None
        return event

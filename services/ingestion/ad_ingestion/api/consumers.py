"""What comes in over the log: dead letters, of ingestion itself and of detection."""

from ad_chassis.errors import Unavailable
from ad_chassis.eventlog.errors import Transient
from ad_chassis.eventlog.handler import Outcome, Stateless
from ad_chassis.eventlog.port import Batch, Record, TopicPartition
from ad_contracts.codec import Codec
from ad_contracts.errors import DecodeError
from ad_contracts.events import RecordRejected
from ad_contracts.headers import read
from ad_ingestion.domain.dead_letters import DeadLetter, unreadable
from ad_ingestion.ports import Store
from ad_ingestion.usecases.store_dead_letters import store_dead_letters


class DeadLetterHandler(Stateless):
    """Brings `rejected.*` into the database; storing twice changes nothing."""

    def __init__(self, store: Store, codec: Codec) -> None:
        self._store = store
        self._codec = codec

    async def handle(self, batch: Batch) -> Outcome:
        await self._codec.learn(record.value or b"" for record in batch.records)
        letters = [self._letter(batch.source, record) for record in batch.records]
        try:
            await store_dead_letters(self._store, letters)
        except (OSError, Unavailable) as error:
            raise Transient(f"the database did not take the dead letters: {error}") from error
        return Outcome()

    def _letter(self, source: TopicPartition, record: Record) -> DeadLetter:
        place = f"{source.topic}/{source.partition}/{record.offset}"
        try:
            event = self._codec.decode(record.value or b"")
            reason = "" if isinstance(event, RecordRejected) else f"it is {event.schema}"
        except DecodeError as error:
            event, reason = None, str(error)
        if isinstance(event, RecordRejected):
            return DeadLetter(read(record.headers).id or place, event)
        stray = unreadable(
            record.value or b"",
            reason,
            tenant=source.topic.split(".")[1],
            topic=source.topic,
            partition=source.partition,
            offset=record.offset,
            time_ms=record.timestamp,
        )
        return DeadLetter(place, stray)

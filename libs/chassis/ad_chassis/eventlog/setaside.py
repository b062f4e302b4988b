"""Handling a batch from which single records must be set aside."""

from collections.abc import Sequence

from ad_chassis.eventlog.errors import Poison
from ad_chassis.eventlog.handler import DeadLetter, Handler, Observer, Outcome
from ad_chassis.eventlog.port import Batch, Message, Record


async def handle_without_poison(
    handler: Handler, batch: Batch, dead_letter: DeadLetter | None, metadata: str, observer: Observer
) -> Outcome:
    """The outcome of the batch without its poison records, whose raw forms go out as dead letters with it.

    `metadata` is what stands committed: it stays when nothing of the batch is left to handle.
    """
    records: Sequence[Record] = batch.records
    letters: list[Message] = []
    while records:
        try:
            outcome = await handler.handle(Batch(batch.source, records))
        except Poison as poison:
            bad = next((record for record in records if record.offset == poison.offset), None)
            if bad is None or dead_letter is None:
                raise
            letters.append(dead_letter(batch.source, bad, poison.reason))
            observer.poisoned(batch.source, poison.reason)
            records = [record for record in records if record is not bad]
        else:
            return Outcome([*letters, *outcome.outputs], outcome.metadata)
    return Outcome(letters, metadata)

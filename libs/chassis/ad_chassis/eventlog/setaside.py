"""Handling a batch from which single records must be set aside."""

from collections.abc import Sequence

from ad_chassis.eventlog.errors import Poison
from ad_chassis.eventlog.handler import DeadLetter, Handler, Observer, Outcome
from ad_chassis.eventlog.oversize import Culprit, set_aside
from ad_chassis.eventlog.port import Batch, Message, Record


async def handle_without_poison(
    handler: Handler,
    batch: Batch,
    dead_letter: DeadLetter | None,
    metadata: str,
    observer: Observer,
    culprit: Culprit | None = None,
) -> Outcome:
    """The outcome of the batch without its poison records, whose raw forms go out as dead letters with it.

    A culprit is not handed over at all. `metadata` is what stands committed: it stays when nothing of the batch is left
    to handle.
    """
    records: Sequence[Record] = batch.records
    letters: list[Message] = []

    def without(bad: Record, reason: str, write: DeadLetter) -> list[Record]:
        letters.append(write(batch.source, bad, reason))
        observer.poisoned(batch.source, reason)
        return [record for record in records if record.offset != bad.offset]

    found = set_aside(records, culprit)
    if found is not None and dead_letter is not None:
        records = without(*found, dead_letter)
    while records:
        try:
            outcome = await handler.handle(Batch(batch.source, records))
        except Poison as poison:
            bad = next((record for record in records if record.offset == poison.offset), None)
            if bad is None or dead_letter is None:
                raise
            records = without(bad, poison.reason, dead_letter)
        else:
            return Outcome([*letters, *outcome.outputs], outcome.metadata)
    return Outcome(letters, metadata)

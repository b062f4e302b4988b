"""Finds the record whose outputs are larger than the log takes: fewer records at a time, until it is alone."""

from collections.abc import Sequence
from dataclasses import dataclass

from ad_chassis.eventlog.port import Batch, Headers, Record, TopicPartition

KEPT_BYTES = 256 << 10
"""So much of a record that is too large for a dead letter as a whole; every broker takes that."""


@dataclass(frozen=True, slots=True)
class Culprit:
    """A record that is set aside unhandled, because what it leads to cannot be stored."""

    offset: int
    reason: str
    shortened: bool = False


@dataclass(frozen=True, slots=True)
class Search:
    """So many records at a time until this offset, which is after the batch that was refused first."""

    most: int
    until: int


@dataclass(frozen=True, slots=True)
class Beginning:
    """A record of which only the beginning is kept."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Headers


class Oversize:
    def __init__(self) -> None:
        self._searches: dict[TopicPartition, Search] = {}
        self._culprits: dict[TopicPartition, Culprit] = {}

    def most(self, records: int) -> int:
        """How many may be polled; a poll cannot be told more of one partition and less of another."""
        return min([records, *(search.most for search in self._searches.values())])

    def culprit(self, source: TopicPartition) -> Culprit | None:
        return self._culprits.get(source)

    def refused(self, batch: Batch, reason: str) -> bool:
        """Whether something is left to try, now that the outputs of this batch were too large."""
        source, records = batch.source, len(batch.records)
        if records > 1:
            until = max(batch.next_offset, self._searches.get(source, Search(0, 0)).until)
            self._searches[source] = Search(records // 2, until)
            return True
        known = self._culprits.get(source)
        again = known is not None and known.offset == batch.first_offset
        if again and known is not None and known.shortened:
            return False
        self._culprits[source] = Culprit(batch.first_offset, reason, again)
        return True

    def stored(self, batch: Batch) -> None:
        source = batch.source
        search, culprit = self._searches.get(source), self._culprits.get(source)
        if culprit is not None and culprit.offset < batch.next_offset:
            del self._culprits[source]
        if search is not None:
            del self._searches[source]
            if batch.next_offset < search.until:
                self._searches[source] = Search(search.most * 2, search.until)

    def forget(self, source: TopicPartition) -> None:
        self._searches.pop(source, None)
        self._culprits.pop(source, None)


def set_aside(records: Sequence[Record], culprit: Culprit | None) -> tuple[Record, str] | None:
    """The record to set aside as it goes into its dead letter, and why; None where it is not among these."""
    if culprit is None:
        return None
    bad = next((record for record in records if record.offset == culprit.offset), None)
    if bad is None:
        return None
    reason = f"what it leads to is too large for the log: {culprit.reason}"
    value = bad.value or b""
    if not culprit.shortened or len(value) <= KEPT_BYTES:
        return bad, reason
    beginning = Beginning(bad.offset, bad.timestamp, bad.key, value[:KEPT_BYTES], bad.headers)
    return beginning, f"{reason} (of its {len(value):,} bytes the first {KEPT_BYTES:,} are kept here)"

"""What one fetch brought of one partition: record batches, decoded piece by piece as they are taken."""

from collections.abc import Iterable
from typing import Any

from aiokafka.errors import CorruptRecordException
from aiokafka.record.control_record import ABORT_MARKER, ControlRecord
from aiokafka.record.memory_records import MemoryRecords

from ad_chassis.eventlog.kafka_damaged import plain_records
from ad_chassis.eventlog.port import Record

LENGTH_AT, OVERHEAD = 8, 12
LAST_DELTA_AT, AFTER_DELTA = 23, 27
FIRST_TIME_AT, AFTER_FIRST_TIME = 27, 35


class Chunk:
    """Gives the committed records from a position on, in order.

    `position` is the offset that follows what was given, control markers and records of aborted transactions
    included; once `exhausted`, it is where the next fetch begins.
    """

    def __init__(self, position: int, data: bytes, aborted: Iterable[tuple[int, int]] | None) -> None:
        self.position = position
        self.exhausted = False
        self.size = len(data)
        self._data = data
        self._read = 0
        self._begun: list[Record] = []
        self._after_begun = position
        self._aborted = sorted(aborted or (), key=lambda transaction: transaction[1], reverse=True)
        self._aborting: set[int] = set()

    @property
    def left(self) -> int:
        """Bytes of batches that were not begun."""
        return self.size - self._read

    def following(self) -> int:
        """The offset after the last whole batch: where another fetch goes on before this one is taken."""
        offset, start = self.position, self._read
        while data := self._whole_batch(start):
            delta = int.from_bytes(data[LAST_DELTA_AT:AFTER_DELTA], "big")
            offset = int.from_bytes(data[:LENGTH_AT], "big") + delta + 1
            start += len(data)
        return offset

    def oldest_ms(self) -> int | None:
        """The time of the first record that was not taken, or of the batch that it stands in."""
        if self._begun:
            return self._begun[0].timestamp
        data = self._whole_batch(self._read)
        return int.from_bytes(data[FIRST_TIME_AT:AFTER_FIRST_TIME], "big", signed=True) if data else None

    @property
    def too_large(self) -> bool:
        """Something came, and yet not one whole batch."""
        return self.size > 0 and self._read == 0 and not self._whole_batch(0)

    def take(self, max_records: int) -> list[Record]:
        """At most so many records; fewer only when there are no more."""
        taken: list[Record] = []
        while len(taken) < max_records:
            if not self._begun and not self._begin_next():
                self.exhausted = True
                break
            room = max_records - len(taken)
            taken += self._begun[:room]
            self._begun = self._begun[room:]
        if taken:
            self.position = max(self.position, taken[-1].offset + 1)
        return taken

    def _begin_next(self) -> bool:
        """Goes on to the next record batch; false after the last one."""
        self.position = max(self.position, self._after_begun)
        data = self._whole_batch(self._read)
        if not data:
            return False
        self._read += len(data)
        batch: Any = MemoryRecords(data).next_batch()
        if not batch.validate_crc():
            raise CorruptRecordException(f"the checksum of the batch at offset {batch.base_offset} is wrong")
        self._begun = [] if self._is_hidden(batch) else self._decoded(batch, data)
        self._after_begun = batch.next_offset
        return True

    def _whole_batch(self, start: int) -> bytes:
        """The batch that begins there; nothing at the end, where brokers may leave the beginning of one."""
        length = int.from_bytes(self._data[start + LENGTH_AT : start + OVERHEAD], "big")
        data = self._data[start : start + OVERHEAD + length]
        return data if len(data) > OVERHEAD and len(data) == OVERHEAD + length else b""

    def _decoded(self, batch: Any, data: bytes) -> list[Record]:
        """A fetch gives whole batches: the first one may begin before the position."""
        try:
            records = list(batch)
        except UnicodeDecodeError:
            records = list(plain_records(data))
        if batch.base_offset >= self.position:
            return records
        return [record for record in records if record.offset >= self.position]

    def _is_hidden(self, batch: Any) -> bool:
        """Control markers, and records of transactions that were aborted."""
        if batch.producer_id is not None:
            while self._aborted and self._aborted[-1][1] <= batch.base_offset:
                self._aborting.add(self._aborted.pop()[0])
        if batch.is_control_batch:
            if ControlRecord.parse(next(batch).key) == ABORT_MARKER:
                self._aborting.discard(batch.producer_id)
            return True
        return batch.is_transactional and batch.producer_id in self._aborting

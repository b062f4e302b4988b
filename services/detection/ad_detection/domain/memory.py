"""The memory that the tables of entities of one worker may take together."""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Whole = NDArray[np.int64]


class SpillFile(Protocol):
    """Rows of bytes by slot, all of one length. Raises `OSError` when the disk is full."""

    def write(self, slots: Whole, rows: Bytes) -> None:
        """Ascending slots."""

    def read(self, slots: Whole) -> Bytes:
        """The rows of ascending slots that were written before."""


@dataclass(slots=True)
class Share:
    """What one table takes."""

    resident_bytes: int = 0
    spilled_bytes: int = 0


class Memory:
    """Sums over the tables of all partitions; more than one thread changes them."""

    def __init__(self, limit_bytes: int, open_file: Callable[[int], SpillFile]) -> None:
        """`open_file` makes an empty file for rows of a length."""
        self.limit_bytes = limit_bytes
        self.open_file = open_file
        self.total = Share()
        self.hungry_bytes: int | None = None
        """What a table has that would grow and found no room."""
        self.shared_ms = 0
        """When it was last looked who could give it some."""
        self._given_back = self._returned = 0
        self._lock = Lock()

    @property
    def free_bytes(self) -> int:
        """Below zero when names of entities, which are never given back, took more than there was."""
        return self.limit_bytes - self.total.resident_bytes

    def set(self, share: Share, resident_bytes: int, spilled_bytes: int) -> None:
        with self._lock:
            self.total.resident_bytes += resident_bytes - share.resident_bytes
            self.total.spilled_bytes += spilled_bytes - share.spilled_bytes
            share.resident_bytes, share.spilled_bytes = resident_bytes, spilled_bytes

    def release(self, share: Share) -> None:
        """The table is gone."""
        self.set(share, 0, 0)

    def count(self, *, given_back: int = 0, returned: int = 0) -> None:
        with self._lock:
            self._given_back += given_back
            self._returned += returned

    def take_counts(self) -> tuple[int, int]:
        """Entities that went to the disk and that came back, since this was asked last."""
        with self._lock:
            counts = self._given_back, self._returned
            self._given_back = self._returned = 0
        return counts

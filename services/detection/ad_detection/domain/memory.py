"""The memory that a worker may take, and what of it is left for the tables of its entities."""

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


class Process(Protocol):
    """What the kernel knows of this process."""

    def resident_bytes(self) -> int: ...
    def trim(self) -> None:
        """Gives back to the kernel what was freed and is kept for later."""


@dataclass(slots=True)
class Share:
    """What one table takes."""

    resident_bytes: int = 0
    spilled_bytes: int = 0


class Memory:
    """Sums over the tables of all partitions; more than one thread changes them."""

    def __init__(self, limit_bytes: int, open_file: Callable[[int], SpillFile], process: Process) -> None:
        """`limit_bytes` is for the whole process; `open_file` makes an empty file for rows of a length."""
        self.limit_bytes = limit_bytes
        self.open_file = open_file
        self.beside_bytes = 0
        """What everything but the tables took when that was looked at last."""
        self._process = process
        self.total = Share()
        self.hungry_bytes: int | None = None
        """What a table has that would grow and found no room."""
        self.too_small = False
        """Everything else takes the whole limit."""
        self.shared_ms = 0
        """When it was last looked who could give it some."""
        self._given_back = self._returned = 0
        self._lock = Lock()

    @property
    def free_bytes(self) -> int:
        """Below zero when something else, or names of entities, which are never given back, took more than that."""
        return self.limit_bytes - self.beside_bytes - self.total.resident_bytes

    def look(self) -> None:
        """Finds out what everything else takes; to be called now and then, since that grows and shrinks."""
        taken = self._process.resident_bytes()
        if taken > self.limit_bytes:
            self._process.trim()
            taken = self._process.resident_bytes()
        self.beside_bytes = max(0, taken - self.total.resident_bytes)

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

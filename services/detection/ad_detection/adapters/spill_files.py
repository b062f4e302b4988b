"""What entities give back, in files of the worker's data folder that have no name: they end with the process."""

import os
from itertools import pairwise
from pathlib import Path
from tempfile import mkstemp
from weakref import finalize

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]
Bytes = NDArray[np.uint8]


class SpillFiles:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def open(self, row_bytes: int) -> "RowFile":
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return RowFile(self._folder, row_bytes)


class RowFile:
    """The row of slot `i` stands at `i * row_bytes`; slots that were never written take no space."""

    def __init__(self, folder: Path, row_bytes: int) -> None:
        self._file, path = mkstemp(dir=folder)
        Path(path).unlink()
        finalize(self, os.close, self._file)
        self._row_bytes = row_bytes

    def write(self, slots: Whole, rows: Bytes) -> None:
        for start, stop in _runs(slots):
            data = rows[start:stop].reshape(-1).data
            at = int(slots[start]) * self._row_bytes
            while data:
                # A disk that is nearly full takes a part, and then it says so.
                done = os.pwrite(self._file, data, at)
                data, at = data[done:], at + done

    def read(self, slots: Whole) -> Bytes:
        rows = np.empty((len(slots), self._row_bytes), dtype=np.uint8)
        for start, stop in _runs(slots):
            own = rows[start:stop].reshape(-1).data
            done = os.preadv(self._file, [own], int(slots[start]) * self._row_bytes)
            if done != len(own):
                raise OSError(f"the file of spilled entities is cut off: {done} bytes where {len(own)} were")
        return rows


def _runs(slots: Whole) -> list[tuple[int, int]]:
    """Slots that follow each other are one piece of the file."""
    breaks = np.flatnonzero(np.diff(slots) != 1) + 1
    return list(pairwise([0, *breaks.tolist(), len(slots)])) if len(slots) else []

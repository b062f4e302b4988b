"""What the broker acknowledged, written down beside it, so that nothing the broker or a worker loses is forgotten."""

import os
from pathlib import Path
from typing import NamedTuple


class Acknowledged(NamedTuple):
    """Where a record stands, and the stamp it bears."""

    partition: int
    offset: int
    source: str
    sequence: int


class Ledger:
    def __init__(self, path: Path) -> None:
        self._file = path.open("a")
        self._lines: list[str] = []

    def note(self, entry: Acknowledged) -> None:
        self._lines.append(f"{entry.partition} {entry.offset} {entry.source} {entry.sequence}\n")

    def sync(self) -> None:
        """Down to the disk, not only to the system."""
        if self._lines:
            self._file.write("".join(self._lines))
            self._lines.clear()
            self._file.flush()
            os.fsync(self._file.fileno())


def read_ledger(path: Path) -> list[Acknowledged]:
    """A last line without its end was being written when its writer died, so it acknowledges nothing."""
    whole = [line for line in path.read_text().splitlines(keepends=True) if line.endswith("\n")]
    parts = [line.split() for line in whole]
    return [
        Acknowledged(int(partition), int(offset), source, int(sequence))
        for partition, offset, source, sequence in parts
    ]

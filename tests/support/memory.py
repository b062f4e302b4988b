"""A limit of memory for tests, with the real files."""

from pathlib import Path

from ad_detection.adapters.spill_files import SpillFiles
from ad_detection.domain.memory import Memory


class Taken:
    """A process of so many bytes, some of which it would give back."""

    def __init__(self, resident: int = 0, kept: int = 0) -> None:
        self.resident = resident
        self.kept = kept

    def resident_bytes(self) -> int:
        return self.resident + self.kept

    def trim(self) -> None:
        self.kept = 0


def limited(folder: Path, limit_bytes: int = 0, process: Taken | None = None) -> Memory:
    """Zero leaves every table the least that it can have."""
    return Memory(limit_bytes, SpillFiles(folder).open, process or Taken())

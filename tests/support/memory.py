"""A limit of memory for tests, with the real files."""

from pathlib import Path

from ad_detection.adapters.spill_files import SpillFiles
from ad_detection.domain.memory import Memory


def limited(folder: Path, limit_bytes: int = 0) -> Memory:
    """Zero leaves every table the least that it can have."""
    return Memory(limit_bytes, SpillFiles(folder).open)

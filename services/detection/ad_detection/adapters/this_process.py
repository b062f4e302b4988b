"""The memory of this process, as Linux counts it."""

import ctypes
import os
from pathlib import Path

STATM = Path("/proc/self/statm")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


class ThisProcess:
    def __init__(self) -> None:
        # Of glibc alone; other C libraries keep less of what was freed.
        self._trim = getattr(ctypes.CDLL(None), "malloc_trim", None)

    def resident_bytes(self) -> int:
        """0 where there is no such file: then only the tables of entities count."""
        try:
            return int(STATM.read_text("ascii").split()[1]) * PAGE_BYTES
        except FileNotFoundError:
            return 0

    def trim(self) -> None:
        if self._trim is not None:
            self._trim(0)

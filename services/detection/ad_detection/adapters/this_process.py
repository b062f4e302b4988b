"""The memory of this process, as Linux counts it."""

import ctypes
import os
import time
from collections.abc import Callable
from pathlib import Path

STATM = Path("/proc/self/statm")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
TRIM_EVERY_SECONDS = 1.0
"""It looks at all that was freed, which may take a tenth of a second."""


class ThisProcess:
    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        # Of glibc alone; other C libraries keep less of what was freed.
        self._trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        self._clock = clock
        self._trimmed = float("-inf")

    def resident_bytes(self) -> int:
        """0 where there is no such file: then only the tables of entities count."""
        try:
            return int(STATM.read_text("ascii").split()[1]) * PAGE_BYTES
        except FileNotFoundError:
            return 0

    def trim(self) -> None:
        """Soon after the last time it does nothing."""
        if self._trim is not None and self._clock() - self._trimmed >= TRIM_EVERY_SECONDS:
            self._trimmed = self._clock()
            self._trim(0)

"""How far the time of a stream has come in a partition, by what its records say."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]


@dataclass(slots=True)
class EventClock:
    """Follows from the rows and their order, never from the clock or how rows are cut into batches."""

    watermark_ms: int | None = None
    """The largest event time of the rows so far."""
    told: int = 1
    """Silences up to this moment are told already; see `domain/silence.py` for its zero."""
    last_offset: int = -1
    """Of the newest message of the stream."""

    def before(self, time_ms: Whole) -> Whole:
        """The watermark that each row met; the first row of a stream meets its own time."""
        first = time_ms[:1] if self.watermark_ms is None else np.array([self.watermark_ms], dtype=np.int64)
        return np.maximum.accumulate(np.concatenate([first, time_ms[:-1]]))

    def advance(self, time_ms: Whole) -> None:
        latest = int(time_ms.max())
        self.watermark_ms = latest if self.watermark_ms is None else max(self.watermark_ms, latest)

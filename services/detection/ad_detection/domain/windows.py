"""What is known to be anomalous, and how well alerts found it."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from statistics import mean, median
from typing import Any

from ad_detection.domain.replays import Window


@dataclass(frozen=True, slots=True)
class _Timeline:
    """Windows by their start; `reach` is the latest end so far, which says how far to look back."""

    starts: list[int]
    reach: list[int]
    windows: list[tuple[int, Window]]


class Windows:
    """Finds the windows that an alert falls into."""

    def __init__(self, windows: Sequence[Window]) -> None:
        self.windows = tuple(windows)
        entities: dict[str | None, list[tuple[int, Window]]] = {}
        for place, window in enumerate(windows):
            entities.setdefault(window.entity, []).append((place, window))
        self._timelines = {entity: _timeline(found) for entity, found in entities.items()}

    def __len__(self) -> int:
        return len(self.windows)

    def holding(self, entity: str | None, time_ms: int) -> Iterator[int]:
        """The places of the windows of the entity, and of those of all entities, that hold a moment."""
        for key in dict.fromkeys((entity, None)):
            timeline = self._timelines.get(key)
            if timeline is None:
                continue
            place = bisect_right(timeline.starts, time_ms) - 1
            while place >= 0 and timeline.reach[place] >= time_ms:
                number, window = timeline.windows[place]
                if window.end_ms >= time_ms:
                    yield number
                place -= 1


class Hits:
    """Which windows had an alert, and when first. Alerts of several partitions come in no order of time."""

    def __init__(self, windows: Windows) -> None:
        self._windows = windows
        self._first: dict[int, int] = {}
        self._right = 0
        self._alerts = 0

    def add(self, entity: str | None, time_ms: int) -> None:
        self._alerts += 1
        found = list(self._windows.holding(entity, time_ms))
        self._right += bool(found)
        for place in found:
            self._first[place] = min(time_ms, self._first.get(place, time_ms))

    def summary(self) -> dict[str, Any]:
        """Precision counts alerts, recall counts windows; nothing is claimed of what did not occur."""
        known = len(self._windows)
        precision = self._right / self._alerts if self._alerts else None
        recall = len(self._first) / known if known else None
        waits = [
            (time_ms - self._windows.windows[place].start_ms) / 1000
            for place, time_ms in sorted(self._first.items())
        ]
        return {
            "windows": known,
            "windows_found": len(self._first),
            "alerts_inside": self._right,
            "alerts_outside": self._alerts - self._right,
            "precision": precision,
            "recall": recall,
            "f1": _f1(precision, recall),
            "seconds_to_detect_mean": mean(waits) if waits else None,
            "seconds_to_detect_median": median(waits) if waits else None,
            "seconds_to_detect_max": max(waits, default=None),
        }


def _timeline(found: list[tuple[int, Window]]) -> _Timeline:
    ordered = sorted(found, key=lambda each: each[1].start_ms)
    return _Timeline(
        starts=[window.start_ms for _, window in ordered],
        reach=list(accumulate((window.end_ms for _, window in ordered), max)),
        windows=ordered,
    )


def _f1(precision: float | None, recall: float | None) -> float | None:
    if precision is None or recall is None:
        return None
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0

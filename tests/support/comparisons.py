"""Counts of challengers, and a store that keeps them in memory."""

from collections.abc import Sequence
from typing import Any

from ad_detection.domain.comparison import HOUR_MS, Counts, HourlyCounts, Pair

PAIR = Pair("default", "sensors", "adaptive", "pumps@2")


def counts(rows: int, level: int = 3) -> Counts:
    """So many rows of one level, a tenth of which the challenger alerts of."""
    found = Counts(rows=rows, challenger_alerts=rows // 10)
    found.levels[level, level] = rows
    return found


def hourly(hour: int, rows: int, pair: Pair = PAIR, level: int = 3) -> HourlyCounts:
    return HourlyCounts(pair, hour * HOUR_MS, counts(rows, level))


class Broken:
    """A model that cannot score."""

    feature_names = ("load", "heat")
    algorithm = "broken"

    def score_frame(self, columns: Any) -> None:
        raise FloatingPointError("overflow in kernel")


class Comparisons:
    """As the database: of a worker's hour the last word counts."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, Pair, int], Counts] = {}
        self.failing = False
        self.refused = 0

    async def save(self, worker: str, counts: Sequence[HourlyCounts]) -> None:
        if self.failing:
            self.refused += 1
            raise OSError("the database is away")
        for pair, hour_ms, found in counts:
            copy = Counts()
            copy.add(found)
            self.kept[worker, pair, hour_ms] = copy

    async def drop(self, worker: str, streams: Sequence[tuple[str, str]]) -> None:
        self.kept = {
            key: found for key, found in self.kept.items() if key[0] != worker or key[1][:2] not in streams
        }

    async def find(self, tenant: str, stream: str, from_ms: int, to_ms: int) -> list[HourlyCounts]:
        return [
            HourlyCounts(pair, hour_ms, found)
            for (_, pair, hour_ms), found in self.kept.items()
            if pair[:2] == (tenant, stream)
        ]

    async def forget(self, before_ms: int) -> None:
        self.kept = {key: found for key, found in self.kept.items() if key[2] >= before_ms}

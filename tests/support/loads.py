"""Loads of partitions, and a store that keeps them in memory."""

from collections.abc import Sequence

from ad_detection.domain.load import Share, ToldLoad

TOLD = ToldLoad("default", "sensors", 2, 500, 400.5, 12.25, 7, [Share("p1", 0.5), Share("p2", 0.25)], 1000)


class Loads:
    """As the database: of a worker's partition the last word counts."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str, str, int], ToldLoad] = {}
        self.failing = False

    async def save(self, worker: str, loads: Sequence[ToldLoad]) -> None:
        if self.failing:
            raise OSError("the database is away")
        self.kept |= {(worker, *load[:3]): load for load in loads}

    async def drop(self, worker: str, streams: Sequence[tuple[str, str]]) -> None:
        if self.failing:
            raise OSError("the database is away")
        self.kept = {
            key: load for key, load in self.kept.items() if key[0] != worker or key[1:3] not in streams
        }

    async def find(self, tenant: str, stream: str) -> list[ToldLoad]:
        return [load for load in self.kept.values() if load[:2] == (tenant, stream)]

    async def forget(self, before_ms: int) -> None:
        self.kept = {key: load for key, load in self.kept.items() if load.updated_ms >= before_ms}

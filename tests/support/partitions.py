"""What a partition needs of the outside, in memory."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ad_detection.domain.control import Challenger
from ad_detection.domain.memory import Memory
from ad_detection.ports import ModelUnusable
from ad_detection.usecases.score_partition import PartitionScorer
from ad_detectors.model import Model
from tests.support.records import TENANT, TOPIC, Stored
from tests.support.snapshots import Snapshots


@dataclass(frozen=True)
class Place:
    tenant: str = TENANT
    topic: str = TOPIC
    partition: int = 2


class Models:
    """Every version of `pumps` but the 13th, which must not be used."""

    def __init__(self) -> None:
        rng = np.random.default_rng(1)
        rows = rng.normal((10.0, 50.0), (1.0, 5.0), (300, 2))
        self.models = {version: Model.train("zscore", rows * version, ["load", "heat"]) for version in (1, 2)}

    async def load(self, tenant: str, name: str, version: int) -> Model:
        if version == 13:
            raise ModelUnusable(f"{name}@{version}: the signature does not fit the manifest")
        if version not in self.models:
            raise ModelUnusable(f"there is no {name}@{version}")
        return self.models[version]


class Shadow:
    """Challengers that have been fetched."""

    def __init__(self) -> None:
        self.models: dict[Challenger, Model] = {}

    def get(self, tenant: str, challenger: Challenger) -> Model | None:
        return self.models.get(challenger)


class Compiled:
    """Nothing has to be compiled; remembers for what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def ready(self, algorithm: str) -> None:
        self.asked.append(algorithm)


def scorer_of(
    records: Sequence[Stored],
    snapshots: Snapshots,
    every: int = 10_000,
    memory: Memory | None = None,
    clock_ms: Callable[[], int] = lambda: 5,
) -> PartitionScorer:
    """Of a partition whose log has these records."""

    async def replay(start: int, stop: int) -> AsyncIterator[Sequence[Stored]]:
        for first in range(start, stop, 37):
            yield records[first : min(first + 37, stop)]

    return PartitionScorer(
        Place(),
        Models(),
        Shadow(),
        Compiled(),
        snapshots,
        replay,
        folder="s",
        snapshot_every_records=every,
        clock_ms=clock_ms,
        writing=asyncio.Lock(),
        memory=memory,
    )

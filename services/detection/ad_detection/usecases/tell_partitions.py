"""Tells how the records of a stream lie in its partitions: hot ones, and the entities that make them so."""

from typing import NamedTuple

from ad_detection.domain.load import ToldLoad, remaining
from ad_detection.ports import LoadStore

STALE_MS = 600_000


class PartitionLoad(NamedTuple):
    """The last word on a partition; `share` is its part of the records of the last minutes."""

    load: ToldLoad
    share: float
    stale: bool
    """Its worker said nothing for ten minutes, although records came when it did last."""


async def tell_partitions(
    store: LoadStore, tenant: str, stream: str, now_ms: int, limit: int
) -> list[PartitionLoad]:
    """By number. Of workers that had a partition one after the other, the last one counts."""
    newest: dict[int, ToldLoad] = {}
    for load in sorted(await store.find(tenant, stream), key=lambda load: load.updated_ms):
        newest[load.partition] = load
    recent = {
        number: load.recent * remaining((now_ms - load.updated_ms) / 1000) for number, load in newest.items()
    }
    total = sum(recent.values())
    return [
        PartitionLoad(load, recent[number] / total if total else 0.0, _stale(load, now_ms))
        for number, load in sorted(newest.items())[:limit]
    ]


def _stale(load: ToldLoad, now_ms: int) -> bool:
    return load.rate_per_second > 0.0 and now_ms - load.updated_ms > STALE_MS

"""What partitions bring at the same time is saved in one transaction, and fails for nobody else."""

import asyncio
from collections.abc import Sequence

import pytest

from ad_contracts.events import AnomalyDetected
from ad_detection.usecases.save_together import JointSaving
from tests.support.anomalies import anomaly


class Store:
    """Takes a while, and refuses what it is told to."""

    def __init__(self, *refused: str) -> None:
        self.refused = set(refused)
        self.tried: list[list[str]] = []
        self.free = asyncio.Event()
        self.free.set()

    async def save(self, anomalies: Sequence[AnomalyDetected]) -> None:
        names = [each.id for each in anomalies]
        self.tried.append(names)
        await self.free.wait()
        if self.refused & set(names):
            raise OSError(f"{', '.join(names)} not taken")


def batch(*names: str) -> list[AnomalyDetected]:
    return [anomaly(id=name) for name in names]


async def test_batches_of_one_moment_share_a_transaction() -> None:
    store = Store()
    save = JointSaving(store.save)
    await asyncio.gather(save(batch("a", "b")), save(batch("c")))
    await save(batch("d"))
    assert store.tried == [["a", "b", "c"], ["d"]]


async def test_what_comes_meanwhile_shares_the_next() -> None:
    store = Store()
    store.free.clear()
    save = JointSaving(store.save)
    first = asyncio.create_task(save(batch("a")))
    while not store.tried:
        await asyncio.sleep(0)
    others = [asyncio.create_task(save(batch(name))) for name in "bc"]
    await asyncio.sleep(0.01)
    assert store.tried == [["a"]]
    store.free.set()
    await asyncio.gather(first, *others)
    assert store.tried == [["a"], ["b", "c"]]


async def test_one_that_is_refused_does_not_keep_the_others_from_being_saved() -> None:
    store = Store("bad")
    save = JointSaving(store.save)
    good, bad = await asyncio.gather(save(batch("good")), save(batch("bad")), return_exceptions=True)
    assert good is None
    assert str(bad) == "bad not taken"
    assert isinstance(bad, OSError)
    assert store.tried == [["good", "bad"], ["good"], ["bad"]]


async def test_one_alone_is_tried_once() -> None:
    store = Store("bad")
    with pytest.raises(OSError, match="bad not taken"):
        await JointSaving(store.save)(batch("bad"))
    assert store.tried == [["bad"]]


async def test_a_partition_that_is_taken_away_leaves_the_others_their_transaction() -> None:
    store = Store()
    store.free.clear()
    save = JointSaving(store.save)
    gone, stays = (asyncio.create_task(save(batch(name))) for name in ("gone", "stays"))
    while not store.tried:
        await asyncio.sleep(0)
    gone.cancel()
    store.free.set()
    await stays
    assert gone.cancelled()
    assert store.tried == [["gone", "stays"]]

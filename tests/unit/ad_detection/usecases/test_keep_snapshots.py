"""Chains of snapshots."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ad_detection.domain import snapshots
from ad_detection.domain.control import Control, StreamSettings
from ad_detection.domain.grouping import Incoming
from ad_detection.domain.state import PartitionState
from ad_detection.usecases import keep_snapshots, score_partition
from ad_detection.usecases.keep_snapshots import SnapshotChain
from ad_detection.usecases.score_batch import score_batch
from ad_detection.usecases.score_partition import PartitionScorer
from tests.support.partitions import Compiled, Models, Place, Shadow
from tests.support.records import TENANT, TOPIC, Stored, sensor_records, sensor_rule, stored
from tests.support.snapshots import Snapshots, assert_equal

GOLDEN = Path(__file__).parents[3] / "golden" / "snapshot-v1.npz"


def learnt(records: int = 300, sensors: int = 20) -> PartitionState:
    rule = sensor_rule()
    state = PartitionState(rules={rule.key: rule})
    score(state, sensor_records(records, sensors=sensors))
    return state


def score(state: PartitionState, records: Sequence[Stored]) -> None:
    score_batch(state, {}, Incoming(TENANT, TOPIC, 0, records, 0))


def chain(store: Snapshots) -> SnapshotChain:
    return SnapshotChain(store, "s", asyncio.Lock(), asyncio.to_thread)


async def test_a_snapshot_holds_what_changed_and_names_what_it_goes_on_from() -> None:
    store, state = Snapshots(), learnt()
    written = chain(store)
    await written.write(state, 300)
    whole = set(store)
    score(state, sensor_records(302, sensors=20)[300:])
    key = await written.write(state, 302)
    assert set(written.keys) == {key, *store} - {name for name in whole if name.endswith(".json")}
    added = {name for name in store if name not in whole and name.endswith(".npz")}
    assert sum(len(store[name]) for name in added) < sum(len(store[name]) for name in whole) / 4
    restored, offset = await chain(store).load(key)
    assert offset == 302
    assert_equal(restored, state)


async def test_all_is_written_anew_when_half_of_it_has_changed() -> None:
    store, state = Snapshots(), learnt()
    written, records = chain(store), sensor_records(400, sensors=20)
    await written.write(state, 300)
    lengths = []
    for start in range(300, 360, 4):
        score(state, records[start : start + 4])
        await written.write(state, start + 4)
        lengths.append(len(written.keys) - 1)
    assert lengths[:4] == [2, 3, 1, 2]
    assert max(lengths) == 3


async def test_a_chain_does_not_grow_for_ever(monkeypatch) -> None:
    monkeypatch.setattr(keep_snapshots, "LONGEST_CHAIN", 3)
    store, state = Snapshots(), learnt()
    written, lengths = chain(store), []
    for offset in range(300, 306):
        await written.write(state, offset)
        lengths.append(len(written._chain))
    assert lengths == [1, 2, 3, 1, 2, 3]


async def test_after_a_snapshot_of_the_first_release_all_is_written_anew() -> None:
    store = Snapshots({"s/old.npz": GOLDEN.read_bytes()})
    read = chain(store)
    state, offset = await read.load("s/old.npz")
    assert read.keys == ["s/old.npz"]
    key = await read.write(state, offset)
    assert "s/old.npz" not in read.keys
    assert_equal((await chain(store).load(key))[0], state)


async def test_a_snapshot_that_could_not_be_finished_is_no_part_of_the_chain() -> None:
    store, state = Snapshots(), learnt()
    written = chain(store)
    await written.write(state, 300)
    before, put = written.keys, store.put

    async def full(key: str, data: bytes) -> None:
        if key.endswith(".json"):
            raise OSError("no space left on device")
        await put(key, data)

    score(state, sensor_records(302, sensors=20)[300:])
    store.put = full  # type: ignore[method-assign]  # the disk is full
    with pytest.raises(OSError, match="no space"):
        await written.write(state, 302)
    assert written.keys == before
    store.put = put  # type: ignore[method-assign]  # and has space again
    assert_equal((await chain(store).load(await written.write(state, 302)))[0], state)


ENTITIES = st.lists(st.integers(0, 30), min_size=40, max_size=200)


@given(
    ENTITIES,
    st.lists(st.integers(1, 199), min_size=1, max_size=12, unique=True),
    st.sets(st.integers(0, 12)),
    st.integers(1, 40),
    st.integers(4, 40),
    st.sampled_from([0, 2]),
)
@settings(deadline=None, max_examples=100)
def test_after_crashes_anywhere_the_state_is_that_of_an_uninterrupted_run_to_the_bit(
    entities: list[int], cuts: list[int], crashes: set[int], every: int, limit: int, share: int
) -> None:
    """With a share of 0 what changed is never too much for a chain."""
    records = [
        replace(
            stored(row, {"sensor": f"s{entity}", "load": float(row % 7), "heat": 1.0}), timestamp=300 * row
        )
        for row, entity in enumerate(entities)
    ]
    rule = sensor_rule(settings=StreamSettings(algorithm="ewma", max_entities=limit, silence_seconds=1))
    steady = PartitionState(rules={rule.key: rule})
    score(steady, records)
    bounds = sorted({0, len(records), *(cut for cut in cuts if cut < len(records))})
    with (
        patch.object(keep_snapshots, "CHANGED_SHARE", share),
        patch.object(score_partition, "RECORDS_PER_CHANGE", 1),
        patch.object(snapshots, "PART_BYTES", 2_000),
    ):
        worker = asyncio.run(crashing(records, bounds, crashes, every, Control({rule.key: rule})))
    assert_equal(worker._state, steady)


async def crashing(
    records: list[Stored], bounds: list[int], crashes: set[int], every: int, control: Control
) -> PartitionScorer:
    """A worker that scored all of them; before some batches its process ended, and a batch more was not committed."""
    store, metadata = Snapshots(), ""
    worker = new_worker(records, store, every)
    for step, (start, stop) in enumerate(pairwise(bounds)):
        if step in crashes:
            await worker.score(records[start:stop], control)
            worker = new_worker(records, store, every)
            await worker.restore(start, metadata)
        _, metadata = await worker.score(records[start:stop], control)
    return worker


def new_worker(records: list[Stored], store: Snapshots, every: int) -> PartitionScorer:
    async def replay(start: int, stop: int) -> AsyncIterator[Sequence[Stored]]:
        for first in range(start, stop, 17):
            yield records[first : min(first + 17, stop)]

    return PartitionScorer(
        Place(),
        Models(),
        Shadow(),
        Compiled(),
        store,
        replay,
        folder="s",
        snapshot_every_records=every,
        clock_ms=lambda: 5,
        writing=asyncio.Lock(),
    )

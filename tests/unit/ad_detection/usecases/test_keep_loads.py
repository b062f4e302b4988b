"""How busy partitions are, on its way into the database."""

import pytest

from ad_detection.domain.load import BatchLoad
from ad_detection.usecases import keep_loads
from ad_detection.usecases.keep_loads import KEPT_MS, LoadKeeper
from tests.support.clock import Clock
from tests.support.loads import TOLD, Loads


@pytest.fixture
def store() -> Loads:
    return Loads()


@pytest.fixture
def clock() -> Clock:
    return Clock(1_000_000)


@pytest.fixture
def keeper(store: Loads, clock: Clock) -> LoadKeeper:
    return LoadKeeper(store, "me", clock)


def add(keeper: LoadKeeper, records: int, partition: int = 0, stream: str = "sensors") -> None:
    keeper.add("default", partition, {stream: BatchLoad(records, {"p1": records})}, lambda _: 7)


async def test_records_and_their_rate_are_told_and_once_more_when_no_more_come(
    keeper: LoadKeeper, store: Loads, clock: Clock
) -> None:
    add(keeper, 100)
    clock.now += 10_000
    await keeper.write()
    [told] = store.kept.values()
    assert (told.records, told.rate_per_second, told.entities) == (100, 10.0, 7)
    clock.now += 10_000
    await keeper.write()
    [told] = store.kept.values()
    assert (told.records, told.rate_per_second) == (100, 0.0)
    store.kept.clear()
    await keeper.write()
    assert store.kept == {}


async def test_what_could_not_be_written_is_written_the_next_time(
    keeper: LoadKeeper, store: Loads, clock: Clock
) -> None:
    add(keeper, 100)
    clock.now += 10_000
    store.failing = True
    with pytest.raises(OSError, match="away"):
        await keeper.write()
    store.failing = False
    clock.now += 10_000
    await keeper.write()
    [told] = store.kept.values()
    assert told.rate_per_second == 5.0


async def test_what_comes_while_it_is_written_is_told_the_next_time(
    keeper: LoadKeeper, store: Loads, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    save = store.save

    async def slow(worker: str, loads: list) -> None:
        await save(worker, loads)
        add(keeper, 30)

    add(keeper, 100)
    clock.now += 10_000
    monkeypatch.setattr(store, "save", slow)
    await keeper.write()
    monkeypatch.setattr(store, "save", save)
    clock.now += 10_000
    await keeper.write()
    [told] = store.kept.values()
    assert (told.records, told.rate_per_second) == (130, 3.0)


async def test_a_partition_that_went_away_is_told_of_no_more_and_begins_anew(
    keeper: LoadKeeper, store: Loads, clock: Clock
) -> None:
    add(keeper, 100)
    add(keeper, 5, partition=1)
    keeper.forget([("default", "sensors")], 0)
    clock.now += 10_000
    await keeper.write()
    assert [load.partition for load in store.kept.values()] == [1]
    add(keeper, 1)
    await keeper.write()
    assert {load.partition: load.records for load in store.kept.values()} == {0: 1, 1: 5}


async def test_no_more_than_a_limit_is_written_at_a_time_and_all_have_their_turn(
    keeper: LoadKeeper, store: Loads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keep_loads, "MOST_WRITTEN", 2)
    for number in range(5):
        add(keeper, 1, stream=f"s{number}")
    counts = []
    for _ in range(3):
        await keeper.write()
        counts.append(len(store.kept))
        add(keeper, 1, stream="s0")
    assert counts == [2, 4, 5]


async def test_what_is_a_day_old_is_forgotten(keeper: LoadKeeper, store: Loads, clock: Clock) -> None:
    await store.save("gone", [TOLD._replace(updated_ms=clock.now)])
    clock.now += KEPT_MS + 1
    await keeper.write()
    assert store.kept == {}


async def test_of_a_stream_that_is_gone_nothing_is_written_and_what_was_is_taken_away(
    keeper: LoadKeeper, store: Loads
) -> None:
    add(keeper, 100)
    add(keeper, 3, stream="pumps")
    await keeper.write()
    add(keeper, 1)
    add(keeper, 1, partition=1)
    keeper.gone(("default", "sensors"))
    store.failing = True
    with pytest.raises(OSError, match="away"):
        await keeper.write()
    store.failing = False
    await keeper.write()
    assert [(load.stream, load.records) for load in store.kept.values()] == [("pumps", 3)]
    add(keeper, 1)
    await keeper.write()
    assert sorted(load.records for load in store.kept.values()) == [1, 3]


async def test_what_goes_and_begins_anew_while_it_is_written_is_told_the_next_time(
    keeper: LoadKeeper, store: Loads, monkeypatch: pytest.MonkeyPatch
) -> None:
    save = store.save

    async def slow(worker: str, loads: list) -> None:
        keeper.gone(("default", "sensors"))
        add(keeper, 30)
        await save(worker, loads)

    add(keeper, 100)
    monkeypatch.setattr(store, "save", slow)
    await keeper.write()
    assert [load.records for load in store.kept.values()] == [100]
    monkeypatch.setattr(store, "save", save)
    await keeper.write()
    assert [load.records for load in store.kept.values()] == [30]

"""What a worker counted of challengers, on its way into the database."""

import pytest

from ad_detection.domain.comparison import HOUR_MS
from ad_detection.usecases.keep_comparisons import KEPT_MS, ComparisonKeeper
from tests.support.clock import Clock
from tests.support.comparisons import PAIR, Comparisons, counts


@pytest.fixture
def store() -> Comparisons:
    return Comparisons()


@pytest.fixture
def clock() -> Clock:
    return Clock(1000 * HOUR_MS + 5)


@pytest.fixture
def keeper(store, clock) -> ComparisonKeeper:
    return ComparisonKeeper(store, "me", clock)


def rows(store: Comparisons) -> dict[int, int]:
    return {hour_ms // HOUR_MS: found.rows for (_, _, hour_ms), found in store.kept.items()}


async def test_an_hour_is_written_as_a_whole_each_time_that_something_was_added(keeper, store) -> None:
    for times in (1, 2):
        keeper.add({PAIR: counts(10)})
        keeper.add({PAIR: counts(30)})
        await keeper.write()
        assert rows(store) == {1000: times * 40}
    store.kept.clear()
    await keeper.write()
    assert rows(store) == {}, "nothing was added since"


async def test_what_could_not_be_written_is_written_the_next_time(keeper, store, clock) -> None:
    keeper.add({PAIR: counts(10)})
    store.failing = True
    with pytest.raises(OSError, match="away"):
        await keeper.write()
    clock.now += HOUR_MS
    keeper.add({PAIR: counts(1)})
    store.failing = False
    await keeper.write()
    assert rows(store) == {1000: 10, 1001: 1}


async def test_an_hour_that_is_over_is_not_kept_in_memory_and_one_of_long_ago_nowhere(
    keeper, store, clock
) -> None:
    keeper.add({PAIR: counts(10)})
    await keeper.write()
    clock.now += KEPT_MS + HOUR_MS
    keeper.add({PAIR: counts(1)})
    await keeper.write()
    assert list(rows(store).values()) == [1]
    assert len(keeper._hours) == 1


async def test_of_a_stream_that_is_gone_nothing_is_written_and_what_was_is_taken_away(
    keeper, store, clock
) -> None:
    keeper.add({PAIR: counts(10), PAIR._replace(stream="pumps"): counts(3)})
    await keeper.write()
    keeper.add({PAIR: counts(10)})
    keeper.gone(PAIR[:2])
    await keeper.write()
    assert [pair.stream for _, pair, _ in store.kept] == ["pumps"]
    keeper.add({PAIR: counts(1)})
    await keeper.write()
    assert sorted(found.rows for found in store.kept.values()) == [1, 3]


async def test_what_goes_while_it_cannot_be_written_is_not_written_later(keeper, store, monkeypatch) -> None:
    save = store.save

    async def away(worker, found) -> None:
        keeper.gone(PAIR[:2])
        raise OSError("the database is away")

    keeper.add({PAIR: counts(10)})
    monkeypatch.setattr(store, "save", away)
    with pytest.raises(OSError, match="away"):
        await keeper.write()
    monkeypatch.setattr(store, "save", save)
    await keeper.write()
    assert store.kept == {}

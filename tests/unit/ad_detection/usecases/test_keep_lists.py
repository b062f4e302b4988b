"""Lists of entities from a worker to the store."""

from typing import Any

import pytest

from ad_detection.domain.control import StreamKey
from ad_detection.domain.listing import Listed
from ad_detection.usecases.keep_lists import AT_ONCE, FORGET_EVERY_MS, KEPT_MS, ListKeeper
from tests.support.clock import Clock
from tests.support.entity_lists import KEY, EntityLists, met


async def test_what_was_noted_is_written_once() -> None:
    store, clock = EntityLists(), Clock(KEPT_MS)
    keeper = ListKeeper(store, clock)
    keeper.add([met("a b"), met("c", key=("acme", "pumps"))])
    await keeper.write()
    await keeper.write()
    assert list(store.kept[KEY, "cold"].values()) == [Listed(name, 1, KEPT_MS, KEPT_MS) for name in "ab"]
    assert list(store.kept[("acme", "pumps"), "cold"]) == ["c"]


async def test_what_could_not_be_written_is_written_later() -> None:
    store = EntityLists()
    keeper = ListKeeper(store, Clock(KEPT_MS))
    keeper.add([met("a")])
    store.failing = True
    with pytest.raises(OSError, match="away"):
        await keeper.write()
    store.failing = False
    await keeper.write()
    assert list(store.kept[KEY, "cold"]) == ["a"]


async def test_an_entity_that_another_worker_listed_is_cold_no_longer_when_it_has_warmed_up_here() -> None:
    store = EntityLists()
    first, second = ListKeeper(store, Clock(KEPT_MS)), ListKeeper(store, Clock(KEPT_MS))
    second.add([met("C")])
    await second.write()
    first.add([met("a b")])
    await first.write()
    second.forget()
    await second.write()
    second.add([met("A")])
    await second.write()
    assert list(store.kept[KEY, "cold"]) == ["b"]


async def test_what_is_old_is_forgotten_now_and_then() -> None:
    store, clock = EntityLists(), Clock(KEPT_MS)
    keeper = ListKeeper(store, clock)
    await keeper.write()
    await keeper.write()
    assert store.forgotten_ms == [0]
    clock.now += FORGET_EVERY_MS
    await keeper.write()
    assert store.forgotten_ms == [0, FORGET_EVERY_MS]


async def test_many_streams_are_read_and_written_together() -> None:
    store = EntityLists()
    first, second = ListKeeper(store, Clock(KEPT_MS)), ListKeeper(store, Clock(KEPT_MS))
    keys = [("default", f"s{number}") for number in range(AT_ONCE + 5)]
    first.add([met("a b", key=key) for key in keys])
    await first.write()
    second.add([met("C", key=key) for key in keys])
    await second.write()
    second.add([met("B", key=key) for key in keys])
    await second.write()
    assert [list(store.kept[key, "cold"]) for key in keys] == [["a"]] * len(keys)
    assert store.saves == 4


async def test_of_a_stream_that_is_gone_nothing_is_written_and_what_was_is_taken_away() -> None:
    store = EntityLists()
    keeper = ListKeeper(store, Clock(KEPT_MS))
    keeper.add([met("a b"), met("c", key=("acme", "pumps"))])
    await keeper.write()
    keeper.add([met("d")])
    keeper.gone(KEY)
    await keeper.write()
    assert list(store.kept) == [(("acme", "pumps"), "cold")]
    keeper.add([met("e")])
    await keeper.write()
    assert list(store.kept[KEY, "cold"]) == ["e"]


@pytest.mark.parametrize("step", ["cold", "save"])
async def test_what_goes_while_the_store_fails_is_not_written_later(
    step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = EntityLists()
    keeper = ListKeeper(store, Clock(KEPT_MS))
    real = getattr(store, step)

    async def away(given: Any) -> None:
        keeper.gone(KEY)
        raise OSError("the database is away")

    keeper.add([met("a")])
    monkeypatch.setattr(store, step, away)
    with pytest.raises(OSError, match="away"):
        await keeper.write()
    monkeypatch.setattr(store, step, real)
    await keeper.write()
    assert store.kept == {}


async def test_what_goes_while_others_are_asked_for_it_is_not_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = EntityLists()
    keeper = ListKeeper(store, Clock(KEPT_MS))

    async def slow(keys: list[StreamKey]) -> dict[StreamKey, list[str]]:
        keeper.gone(KEY)
        return {KEY: ["b"]}

    keeper.add([met("a")])
    monkeypatch.setattr(store, "cold", slow)
    await keeper.write()
    assert store.kept == {}

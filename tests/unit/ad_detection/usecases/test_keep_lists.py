"""Lists of entities from a worker to the store."""

import pytest

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

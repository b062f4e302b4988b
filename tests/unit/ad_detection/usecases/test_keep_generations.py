"""What is written of generations."""

from collections.abc import Mapping, Sequence
from types import SimpleNamespace

import pytest

from ad_detection.domain.control import Control, StreamKey
from ad_detection.usecases.keep_generations import GenerationKeeper

A, B = ("default", "a"), ("default", "b")


class Store:
    def __init__(self) -> None:
        self.saved: list[Mapping[StreamKey, int]] = []
        self.dropped: list[StreamKey] = []
        self.down = False

    async def save(self, first: Mapping[StreamKey, int]) -> None:
        if self.down:
            raise OSError("the database is away")
        self.saved.append(first)

    async def drop(self, keys: Sequence[StreamKey]) -> None:
        if self.down:
            raise OSError("the database is away")
        self.dropped += keys


async def written_at_the_second_try(keeper: GenerationKeeper, store: Store) -> None:
    store.down = True
    with pytest.raises(OSError, match="away"):
        await keeper.write()
    store.down = False
    await keeper.write()


async def test_only_what_is_new_is_written_and_what_failed_is_written_again() -> None:
    store, view = Store(), SimpleNamespace(control=Control())
    keeper = GenerationKeeper(store, view)
    await keeper.write()
    assert store.saved == []
    view.control = Control(first={A: 2})
    await written_at_the_second_try(keeper, store)
    await keeper.write()
    view.control = Control(first={A: 2, B: 3})
    await keeper.write()
    assert store.saved == [{A: 2}, {B: 3}]


async def test_a_name_that_was_erased_and_is_used_again_is_written_again() -> None:
    store, view = Store(), SimpleNamespace(control=Control(first={A: 3}))
    keeper = GenerationKeeper(store, view)
    await keeper.write()
    view.control = Control()
    await keeper.write()
    view.control = Control(first={A: 3})
    await keeper.write()
    assert (store.saved, store.dropped) == ([{A: 3}, {A: 3}], [A])


async def test_what_was_written_of_a_name_is_taken_away_again_when_it_is_erased() -> None:
    store, view = Store(), SimpleNamespace(control=Control(first={A: 3, B: 2}))
    keeper = GenerationKeeper(store, view)
    await keeper.write()
    view.control = Control(first={B: 2})
    await written_at_the_second_try(keeper, store)
    assert (store.saved, store.dropped) == ([{A: 3, B: 2}], [A])

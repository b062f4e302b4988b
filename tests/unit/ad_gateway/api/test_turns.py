"""A tenant has so many requests in hand, the rest of them wait, and other tenants do not."""

import asyncio

import pytest

from ad_chassis.errors import TooManyRequests
from ad_gateway.api.turns import Turns


class Room:
    """Requests that stay until they are let go."""

    def __init__(self, turns: Turns) -> None:
        self.turns = turns
        self.inside: list[str] = []
        self.doors: dict[str, asyncio.Event] = {}
        self.tasks: list[asyncio.Task[None]] = []

    async def enter(self, tenant: str, name: str) -> None:
        self.doors[name] = asyncio.Event()

        async def stay() -> None:
            async with self.turns.turn(tenant, 5.0):
                self.inside.append(name)
                await self.doors[name].wait()

        self.tasks.append(asyncio.create_task(stay()))
        await asyncio.sleep(0)

    async def leave(self, name: str) -> None:
        self.doors[name].set()
        for _ in range(5):
            await asyncio.sleep(0)

    async def empty(self) -> None:
        for door in self.doors.values():
            door.set()
        await asyncio.gather(*self.tasks)


async def test_who_is_one_too_many_waits_for_the_first_to_end_and_others_pass() -> None:
    room = Room(Turns(2))
    for name in ("a1", "a2", "a3", "a4"):
        await room.enter("a", name)
    await room.enter("b", "b1")
    assert room.inside == ["a1", "a2", "b1"]
    await room.leave("a1")
    assert room.inside == ["a1", "a2", "b1", "a3"]
    await room.empty()
    assert room.turns.lanes == {}, "nothing is kept of who is gone"


async def test_when_too_many_wait_the_next_is_told_to_send_fewer() -> None:
    room = Room(Turns(1, most_waiting=1))
    await room.enter("a", "a1")
    await room.enter("a", "a2")
    with pytest.raises(TooManyRequests, match="send fewer"):
        async with room.turns.turn("a", 5.0):
            pass
    await room.empty()


async def test_who_waits_too_long_is_told_so_and_takes_no_turn() -> None:
    room = Room(Turns(1))
    await room.enter("a", "a1")
    with pytest.raises(TooManyRequests, match=r"none ended within 0\.01 s"):
        async with room.turns.turn("a", 0.01):
            pass
    await room.leave("a1")
    async with room.turns.turn("a", 0.01):
        pass
    assert room.turns.lanes == {}


async def test_a_share_that_shrinks_lets_fewer_in_and_one_that_grows_more() -> None:
    share = 3
    turns = Turns(10)
    inside = 0
    doors = [asyncio.Event() for _ in range(6)]

    async def stay(number: int) -> None:
        nonlocal inside
        async with turns.turn("a", 5.0, lambda _who, most: min(share, most)):
            inside += 1
            await doors[number].wait()
            inside -= 1

    tasks = [asyncio.create_task(stay(number)) for number in range(6)]
    seen = []
    for number, now in enumerate([3, 1, 1, 5]):
        share = now
        await asyncio.sleep(0)
        if number:
            doors[number - 1].set()
        for _ in range(5):
            await asyncio.sleep(0)
        seen.append(inside)
    for door in doors:
        door.set()
    await asyncio.gather(*tasks)
    assert seen == [3, 2, 1, 3]
    assert turns.lanes == {}


async def test_who_leaves_while_waiting_takes_no_turn_along() -> None:
    room = Room(Turns(1))
    await room.enter("a", "a1")
    await room.enter("a", "a2")
    await room.enter("a", "a3")
    room.tasks[1].cancel()
    await room.leave("a1")
    assert room.inside == ["a1", "a3"]
    room.doors["a3"].set()
    await asyncio.gather(*room.tasks, return_exceptions=True)
    assert room.turns.lanes == {}


async def test_a_turn_that_comes_as_its_taker_leaves_goes_to_the_next() -> None:
    room = Room(Turns(1))
    for name in ("a1", "a2", "a3"):
        await room.enter("a", name)
    room.doors["a1"].set()
    await asyncio.sleep(0)
    assert room.tasks[0].done()
    room.tasks[1].cancel()
    for _ in range(5):
        await asyncio.sleep(0)
    assert room.inside == ["a1", "a3"]
    room.doors["a3"].set()
    await asyncio.gather(*room.tasks, return_exceptions=True)
    assert room.turns.lanes == {}


async def test_who_is_refused_a_turn_is_counted() -> None:
    told: list[str] = []
    turns = Turns(1, most_waiting=0, refused=told.append)
    async with turns.turn("a", 1.0):
        with pytest.raises(TooManyRequests):
            async with turns.turn("a", 1.0):
                pass
    assert told == ["turns"]

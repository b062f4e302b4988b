"""What every cache does. Adapters inherit this and give the fixture `cache`."""

import asyncio

from ad_chassis.cache import Cache


class CacheSpec:
    async def test_a_value_comes_back_as_it_was_set(self, cache: Cache) -> None:
        await cache.set("k", b"\x00\xff bytes")
        assert await cache.get("k") == b"\x00\xff bytes"

    async def test_an_unknown_key_has_no_value(self, cache: Cache) -> None:
        assert await cache.get("never set") is None

    async def test_setting_again_replaces(self, cache: Cache) -> None:
        await cache.set("k", b"1", 60)
        await cache.set("k", b"2")
        assert await cache.get("k") == b"2"

    async def test_a_deleted_value_is_gone_and_deleting_again_is_no_error(self, cache: Cache) -> None:
        await cache.set("k", b"1")
        await cache.delete("k")
        await cache.delete("k")
        assert await cache.get("k") is None

    async def test_a_value_is_forgotten_after_its_time(self, cache: Cache) -> None:
        await cache.set("k", b"1", 0.05)
        await self.eventually_gone(cache, "k")
        assert await cache.get("k") is None

    async def test_only_the_first_add_counts(self, cache: Cache) -> None:
        assert await cache.add("k", b"1", 60)
        assert not await cache.add("k", b"2", 60)
        assert await cache.get("k") == b"1"

    async def test_a_key_can_be_added_again_after_its_time(self, cache: Cache) -> None:
        await cache.add("k", b"1", 0.05)
        await self.eventually_gone(cache, "k")
        assert await cache.add("k", b"2", 60)

    async def test_concurrent_adds_have_one_winner(self, cache: Cache) -> None:
        won = await asyncio.gather(*(cache.add("k", str(n).encode(), 60) for n in range(20)))
        assert sum(won) == 1

    async def test_a_value_can_be_taken_once(self, cache: Cache) -> None:
        await cache.set("k", b"1", 60)
        assert await cache.take("k") == b"1"
        assert await cache.take("k") is None
        assert await cache.get("k") is None

    async def test_of_several_takers_one_gets_the_value(self, cache: Cache) -> None:
        await cache.set("k", b"1", 60)
        taken = await asyncio.gather(*(cache.take("k") for _ in range(20)))
        assert sorted(taken, key=bool) == [None] * 19 + [b"1"]

    async def test_nothing_can_be_taken_after_its_time(self, cache: Cache) -> None:
        await cache.set("k", b"1", 0.05)
        await self.eventually_gone(cache, "k")
        assert await cache.take("k") is None

    async def test_a_counter_starts_at_zero_and_adds_up(self, cache: Cache) -> None:
        assert await cache.increment("n", 60) == 1
        assert await cache.increment("n", 60, by=4) == 5
        assert await cache.get("n") == b"5"

    async def test_concurrent_increments_lose_nothing(self, cache: Cache) -> None:
        totals = await asyncio.gather(*(cache.increment("n", 60) for _ in range(50)))
        assert sorted(totals) == list(range(1, 51))

    async def test_a_counter_ends_after_the_time_of_its_first_increment(self, cache: Cache) -> None:
        await cache.increment("n", 0.1)
        await cache.increment("n", 3600)
        await self.eventually_gone(cache, "n")
        assert await cache.increment("n", 60) == 1

    async def test_a_check_changes_nothing(self, cache: Cache) -> None:
        await cache.set("k", b"1", 60)
        await cache.check()
        assert await cache.get("k") == b"1"

    async def eventually_gone(self, cache: Cache, key: str) -> None:
        for _ in range(500):
            if await cache.get(key) is None:
                return
            await asyncio.sleep(0.01)
        raise AssertionError(f"{key} is still there")

    async def test_a_level_rises_by_what_is_poured_and_drains(self, cache: Cache) -> None:
        assert await cache.pour("level", 0, 20.0) == 0.0
        assert await cache.pour("level", 100, 20.0) == 0.0
        assert 90 < await cache.pour("level", 50, 20.0) <= 100
        assert 140 < await cache.pour("level", 0, 20.0) <= 150
        assert await cache.pour("another", 0, 20.0) == 0.0

    async def test_a_level_is_forgotten_once_it_is_empty(self, cache: Cache) -> None:
        await cache.pour("level", 1, 20.0)
        await self.eventually_gone(cache, "level")
        assert await cache.pour("level", 0, 20.0) == 0.0

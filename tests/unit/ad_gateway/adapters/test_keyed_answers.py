"""Answers are kept where all processes find them, or here while that place is away."""

from ad_chassis.cache import MemoryCache
from ad_chassis.errors import Unavailable
from ad_gateway.adapters.keyed_answers import CachedAnswers
from ad_gateway.domain.keyed import KeptAnswer

DONE = KeptAnswer("f", "answered", 201, (("location", "/users/7"),), b"{}")


class Gone(MemoryCache):
    async def add(self, key: str, value: bytes, ttl_seconds: float | None = None) -> bool:
        raise Unavailable("nobody there")

    async def set(self, key: str, value: bytes, ttl_seconds: float | None = None) -> None:
        raise Unavailable("nobody there")


async def test_a_claim_is_made_once_and_another_process_finds_it() -> None:
    cache = MemoryCache()
    one, other = CachedAnswers(cache), CachedAnswers(cache)
    assert await one.claim("p", KeptAnswer("f")) is None
    assert await other.claim("p", KeptAnswer("g")) == KeptAnswer("f")
    await one.keep("p", DONE)
    assert await other.claim("p", KeptAnswer("f")) == DONE
    await one.forget("p")
    assert await other.claim("p", KeptAnswer("f")) is None


async def test_without_the_cache_this_process_still_knows_its_own() -> None:
    answers = CachedAnswers(Gone())
    assert await answers.claim("p", KeptAnswer("f")) is None
    await answers.keep("p", DONE)
    assert await answers.claim("p", KeptAnswer("f")) == DONE

"""One-time tickets."""

import asyncio

from ad_chassis.cache import MemoryCache
from ad_gateway.adapters.tickets import CachedTickets
from ad_gateway.ports import Pass

HELD = Pass("header.claims.signature", "default")


async def test_a_ticket_is_good_once_and_at_any_gateway() -> None:
    cache = MemoryCache()
    ticket = await CachedTickets(cache).issue(HELD, 30)
    taken = await asyncio.gather(*(CachedTickets(cache).redeem(ticket) for _ in range(5)))
    assert sorted(taken, key=bool) == [None] * 4 + [HELD]


async def test_a_ticket_ends() -> None:
    now = 0.0
    tickets = CachedTickets(MemoryCache(clock=lambda: now))
    ticket = await tickets.issue(HELD, 30)
    now = 30.0
    assert await tickets.redeem(ticket) is None


async def test_what_nobody_was_given_opens_nothing() -> None:
    tickets = CachedTickets(MemoryCache())
    ticket = await tickets.issue(HELD, 30)
    for wrong in ("", "x" * 43, ticket[:-1], ticket + "=", ticket.swapcase(), "ä" * 43):
        assert await tickets.redeem(wrong) is None


async def test_who_reads_the_cache_finds_neither_ticket_nor_token() -> None:
    cache = MemoryCache()
    ticket = await CachedTickets(cache).issue(HELD, 30)
    ((key, (value, _)),) = cache._entries.items()
    for secret in (ticket, HELD.token, "claims"):
        assert secret not in key
        assert secret.encode() not in value

"""Forgetting dead letters."""

import pytest

from ad_chassis.database import EVERY_TENANT
from ad_chassis.errors import NotFound, Unprocessable
from ad_ingestion.domain.dead_letters import LetterQuery
from ad_ingestion.usecases.purge_dead_letters import DAY_MS, forget_old, purge_one, purge_some
from ad_ingestion.usecases.store_dead_letters import store_dead_letters
from tests.support.dead_letters import letter


@pytest.fixture
async def store(ingestion):
    own = [letter(f"d/{day}", rejected_time_ms=day * DAY_MS) for day in range(4)]
    await store_dead_letters(
        ingestion.store, [*own, letter("d/9", stream="pumps"), letter("a/0", tenant="acme")]
    )
    return ingestion.store


async def left(store, tenant="default") -> list[str]:
    async with store.transaction(EVERY_TENANT, read_only=True) as work:
        return [each.event_id for each in await work.oldest_dead_letters(tenant, LetterQuery(), 0, 100)]


async def test_those_that_match_are_counted_and_then_gone(store) -> None:
    query = LetterQuery(stream="sensors", to_ms=2 * DAY_MS)
    assert await purge_some(store, "default", query, everything=False, dry_run=True) == 2
    assert len(await left(store)) == 5
    assert await purge_some(store, "default", query, everything=False, dry_run=False) == 2
    assert await left(store) == ["d/2", "d/3", "d/9"]


async def test_everything_must_be_asked_for_by_name(store) -> None:
    with pytest.raises(Unprocessable, match="`everything`"):
        await purge_some(store, "default", LetterQuery(), everything=False, dry_run=False)
    assert await purge_some(store, "default", LetterQuery(), everything=True, dry_run=False) == 5
    assert await left(store, "acme") == ["a/0"]


async def test_one_goes_alone_and_only_for_its_own_tenant(store) -> None:
    await purge_one(store, "default", "d/1")
    for gone in ("d/1", "a/0"):
        with pytest.raises(NotFound, match=gone):
            await purge_one(store, "default", gone)
    assert await left(store) == ["d/0", "d/2", "d/3", "d/9"]


async def test_what_is_older_than_it_is_kept_goes_for_every_tenant(store) -> None:
    await forget_old(store, 2.0, 4 * DAY_MS)
    assert await left(store) == ["d/2", "d/3", "d/9"]
    await forget_old(store, 14.0, 4_000_000_000_000 + 15 * DAY_MS)
    assert await left(store, "acme") == []

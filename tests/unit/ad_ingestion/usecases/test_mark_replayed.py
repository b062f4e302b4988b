"""Marking dead letters."""

import pytest

from ad_chassis.database import EVERY_TENANT
from ad_chassis.errors import Conflict
from ad_ingestion.domain.dead_letters import LetterQuery
from ad_ingestion.usecases.mark_replayed import mark_replayed
from ad_ingestion.usecases.store_dead_letters import store_dead_letters
from tests.support.dead_letters import letter


async def test_of_two_who_replay_the_same_one_the_second_undoes_what_it_did(ingestion) -> None:
    await store_dead_letters(ingestion.store, [letter("d/1"), letter("d/2")])
    async with ingestion.store.transaction(EVERY_TENANT, read_only=True) as work:
        first, second = await work.oldest_dead_letters("default", LetterQuery(), 0, 10)
    async with ingestion.store.transaction(EVERY_TENANT) as work:
        await mark_replayed(work, [first], 5)
        await mark_replayed(work, [], 5)
    with pytest.raises(Conflict, match="try again"):
        async with ingestion.store.transaction(EVERY_TENANT) as work:
            await mark_replayed(work, [second, first], 6)
    async with ingestion.store.transaction(EVERY_TENANT, read_only=True) as work:
        found = await work.oldest_dead_letters("default", LetterQuery(), 0, 10)
    assert [(each.state, each.replayed_ms) for each in found] == [("replayed", 5), ("open", None)]

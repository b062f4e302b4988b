"""Keeping rejected records."""

from ad_chassis.database import EVERY_TENANT
from ad_ingestion.domain.dead_letters import DeadLetter, LetterQuery, unreadable
from ad_ingestion.usecases.store_dead_letters import store_dead_letters


def letter(offset: int) -> DeadLetter:
    place = {"tenant": "default", "topic": "rejected.default", "partition": 0, "offset": offset}
    return DeadLetter(f"id{offset}", unreadable(b"x", "garbage", time_ms=1, **place))


async def test_a_letter_that_comes_again_is_kept_once(ingestion) -> None:
    await store_dead_letters(ingestion.store, [letter(1), letter(2), letter(1)])
    await store_dead_letters(ingestion.store, [letter(2), letter(3)])
    await store_dead_letters(ingestion.store, [])
    async with ingestion.store.transaction(EVERY_TENANT, read_only=True) as work:
        page = await work.dead_letters("default", LetterQuery(), None, 10)
    assert [each.event_id for each in page.items] == ["id3", "id2", "id1"]

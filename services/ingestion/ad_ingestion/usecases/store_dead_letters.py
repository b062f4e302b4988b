"""Keeps rejected records, of ingestion and of detection, each once."""

from collections.abc import Sequence

from ad_chassis.database import EVERY_TENANT
from ad_ingestion.domain.dead_letters import DeadLetter
from ad_ingestion.ports import Store


async def store_dead_letters(store: Store, letters: Sequence[DeadLetter]) -> None:
    if not letters:
        return
    async with store.transaction(EVERY_TENANT) as work:
        await work.add_dead_letters(letters)

"""Forgets rejected records: one, some, or those that are older than they are kept."""

from ad_chassis.database import EVERY_TENANT
from ad_chassis.errors import NotFound, Unprocessable
from ad_ingestion.domain.dead_letters import LetterQuery
from ad_ingestion.ports import Store

DAY_MS = 24 * 3600 * 1000


async def purge_one(store: Store, tenant: str, event_id: str) -> None:
    async with store.transaction(tenant) as work:
        if not await work.delete_dead_letter(tenant, event_id):
            raise NotFound(
                f"there is no dead letter {event_id[:200]!r}; GET /api/v1/rejected lists those there are"
            )


async def purge_some(
    store: Store, tenant: str, query: LetterQuery, *, everything: bool, dry_run: bool
) -> int:
    """How many went, or would go."""
    if not everything and query.names_nothing:
        names = "stream, reason, field, source, state, from or to"
        raise Unprocessable(f"name what to purge by {names}; `everything` purges all dead letters")
    async with store.transaction(tenant, read_only=dry_run) as work:
        if dry_run:
            return await work.count_dead_letters(tenant, query)
        return await work.delete_dead_letters(tenant, query)


async def forget_old(store: Store, keep_days: float, now_ms: int) -> None:
    async with store.transaction(EVERY_TENANT) as work:
        await work.forget_dead_letters(now_ms - int(keep_days * DAY_MS))

"""Forgets what has ended, and tells again which tokens are revoked, in case the cache lost it."""

from datetime import datetime

from ad_auth.ports import Revocations, Store
from ad_chassis.database import EVERY_TENANT


async def clean_up(store: Store, revocations: Revocations, *, now: datetime) -> None:
    async with store.transaction(EVERY_TENANT) as work:
        await work.remove_expired(now)
        revoked = await work.revoked_tokens(now)
    await revocations.announce(revoked, now)

"""Forgets what has ended, and tells again which tokens are revoked, in case the cache lost it."""

from datetime import datetime

from ad_auth.ports import Revocations, Store


async def clean_up(store: Store, revocations: Revocations, *, now: datetime) -> None:
    async with store.transaction() as work:
        await work.remove_expired(now)
        revoked = await work.revoked_tokens(now)
    await revocations.announce(revoked, now)

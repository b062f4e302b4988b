"""Removes a user, whose tokens end with that."""

from datetime import datetime

from ad_auth.domain.roles import ADMINISTRATOR
from ad_auth.ports import AuditEntry, Revocations, Store
from ad_auth.usecases.change_user import existing, keep_an_administrator


async def delete_user(
    store: Store, revocations: Revocations, *, tenant: str, user_id: str, by: str, now: datetime
) -> None:
    async with store.transaction() as work:
        await work.lock_tenant(tenant)
        user = existing(await work.user(tenant, user_id), user_id)
        if user.role == ADMINISTRATOR:
            await keep_an_administrator(work, tenant, user_id)
        revoked = await work.revoke_tokens(tenant, "subject", user_id, now)
        await work.remove_user(user)
        details = {"username": user.username}
        await work.record(AuditEntry(tenant, by, "delete user", user_id, "allowed", now, details))
    await revocations.announce(revoked, now)

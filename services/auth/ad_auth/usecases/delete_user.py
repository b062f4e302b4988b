"""Removes a user, whose tokens end with that."""

from datetime import datetime

from ad_auth.ports import AuditEntry, Revocations, Store
from ad_auth.usecases.change_user import check_hold, existing, keep_an_administrator
from ad_chassis.security import Principal


async def delete_user(
    store: Store, revocations: Revocations, *, by: Principal, user_id: str, now: datetime
) -> None:
    async with store.transaction(by.tenant) as work:
        await work.lock_tenant(by.tenant)
        user = existing(await work.user(by.tenant, user_id), user_id)
        await check_hold(work, by, user)
        if user.rules_all:
            await keep_an_administrator(work, by.tenant, user_id)
        revoked = await work.revoke_tokens(by.tenant, "subject", user_id, now)
        await work.remove_user(user)
        details = {"username": user.username}
        await work.record(AuditEntry(by.tenant, by.subject, "delete user", user_id, "allowed", now, details))
    await revocations.announce(revoked, now)

"""Takes the second factor away: its user with a code, or an administrator."""

from datetime import datetime

from ad_auth.ports import Attempts, AuditEntry, Store
from ad_auth.usecases.change_user import check_hold, existing
from ad_auth.usecases.enrol_totp import own_user
from ad_auth.usecases.use_code import locked_factor, use_code
from ad_chassis.errors import Forbidden, NotFound
from ad_chassis.logs import security_event
from ad_chassis.security import Principal

NONE = "there is no second factor"


async def remove_totp(
    store: Store, attempts: Attempts, *, by: Principal, code: str, address: str | None, now: datetime
) -> None:
    """A wrong code counts like one at a login."""
    async with store.transaction(by.tenant, read_only=True) as work:
        user = await own_user(work, by)
    await attempts.count(user.tenant, user.username, address)
    async with store.transaction(by.tenant) as work:
        factor = await locked_factor(work, user)
        if factor is None:
            raise NotFound(NONE)
        good = await use_code(work, user, factor, code, now)
        if good:
            await work.remove_second_factor(user)
        entry = AuditEntry(user.tenant, user.id, "remove second factor", user.id, "allowed", now)
        if not good:
            entry = entry._replace(outcome="failed", details={"reason": "wrong code"})
        await work.record(entry)
    if not good:
        security_event("second factor refused", tenant=user.tenant, subject=user.id, reason="removal")
        raise Forbidden("the code is wrong or was used already")
    await attempts.forget(user.tenant, user.username, address)
    security_event("second factor changed", tenant=user.tenant, subject=user.id, reason="removed")


async def reset_totp(store: Store, *, by: Principal, user_id: str, now: datetime) -> None:
    """For a user who has lost everything. Not for one with more rights than the administrator."""
    async with store.transaction(by.tenant) as work:
        user = existing(await work.user(by.tenant, user_id), user_id)
        await check_hold(work, by, user)
        if not await work.remove_second_factor(user):
            raise NotFound(NONE)
        await work.record(AuditEntry(by.tenant, by.subject, "remove second factor", user_id, "allowed", now))
    security_event(
        "second factor changed", tenant=by.tenant, subject=user_id, reason="removed", by=by.subject
    )

"""Makes a role of a tenant."""

from collections.abc import Collection
from datetime import datetime

from ad_auth.domain.accounts import InvalidAccount
from ad_auth.domain.roles import ROLES, Role
from ad_auth.ports import AuditEntry, Store
from ad_auth.usecases.check_giving import check_giving
from ad_auth.usecases.create_user import unprocessable
from ad_auth.usecases.find_permissions import checked_permissions
from ad_chassis.errors import Conflict, NotFound
from ad_chassis.security import Principal
from ad_chassis.security.permissions import expanded


async def create_role(
    store: Store, *, by: Principal, name: str, permissions: Collection[str], now: datetime
) -> Role:
    if name in ROLES:
        raise Conflict(f"{name!r} is a role of every tenant; choose another name")
    try:
        allowed = checked_permissions(permissions)
    except InvalidAccount as error:
        raise unprocessable(error) from None
    check_giving(by, expanded(allowed))
    role = Role(by.tenant, name, allowed, by.subject, now, now)
    async with store.transaction(by.tenant) as work:
        if not await work.lock_tenant(by.tenant):
            raise NotFound(f"there is no tenant {by.tenant!r}")
        await work.add_role(role)
        details = {"permissions": " ".join(allowed)}
        await work.record(AuditEntry(by.tenant, by.subject, "create role", name, "allowed", now, details))
    return role

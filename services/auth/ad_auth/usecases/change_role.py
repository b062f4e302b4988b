"""Gives a role other permissions; tokens of those who have it end, so that it counts at once."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from ad_auth.domain.accounts import InvalidAccount
from ad_auth.domain.roles import ROLES, Role
from ad_auth.ports import AuditEntry, Revocations, Store, Transaction
from ad_auth.usecases.check_giving import check_giving
from ad_auth.usecases.create_user import unprocessable
from ad_auth.usecases.find_permissions import checked_permissions
from ad_chassis.errors import Conflict, NotFound
from ad_chassis.security import Principal
from ad_chassis.security.permissions import expanded


async def change_role(
    store: Store,
    revocations: Revocations,
    *,
    by: Principal,
    name: str,
    permissions: Collection[str],
    now: datetime,
) -> Role:
    try:
        allowed = checked_permissions(permissions)
    except InvalidAccount as error:
        raise unprocessable(error) from None
    async with store.transaction(by.tenant) as work:
        await work.lock_tenant(by.tenant)
        before = await changeable_role(work, by.tenant, name)
        check_giving(by, expanded([*before.permissions, *allowed]))
        role = replace(before, permissions=allowed, updated_at=now)
        await work.save_role(role)
        revoked = await work.revoke_tokens(by.tenant, "role", name, now)
        details = {"permissions": " ".join(allowed)}
        await work.record(AuditEntry(by.tenant, by.subject, "change role", name, "allowed", now, details))
    await revocations.announce(revoked, now)
    return role


async def changeable_role(work: Transaction, tenant: str, name: str) -> Role:
    if name in ROLES:
        raise Conflict(f"the role {name!r} is the same for every tenant; make one with another name")
    role = await work.role(tenant, name)
    if role is None:
        raise NotFound(f"there is no role {name[:63]!r}; GET /api/v1/roles lists those there are")
    return role

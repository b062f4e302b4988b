"""Removes a role that nobody has."""

from datetime import datetime

from ad_auth.ports import AuditEntry, Store
from ad_auth.usecases.change_role import changeable_role
from ad_auth.usecases.check_giving import check_giving
from ad_chassis.errors import Conflict
from ad_chassis.security import Principal
from ad_chassis.security.permissions import expanded

SHOWN = 5


async def delete_role(store: Store, *, by: Principal, name: str, now: datetime) -> None:
    async with store.transaction(by.tenant) as work:
        await work.lock_tenant(by.tenant)
        role = await changeable_role(work, by.tenant, name)
        check_giving(by, expanded(role.permissions))
        if holders := await work.holders(by.tenant, name, SHOWN):
            raise Conflict(f"the role {name!r} is in use by {', '.join(holders)}; give them another first")
        await work.remove_role(role)
        await work.record(AuditEntry(by.tenant, by.subject, "delete role", name, "allowed", now))

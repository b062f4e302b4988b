"""Makes a tenant and the key of its first administrator, whose text is known to nobody after this."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from ad_auth.domain.accounts import Tenant
from ad_auth.domain.roles import ADMINISTRATOR
from ad_auth.ports import AuditEntry, Store
from ad_auth.usecases.change_tenant import merged, tenant_of
from ad_auth.usecases.create_key import new_key
from ad_chassis.errors import Conflict
from ad_chassis.security import Principal


async def create_tenant(
    store: Store,
    *,
    by: Principal,
    name: str,
    quotas: Mapping[str, int | None],
    environment: str,
    now: datetime,
) -> tuple[Tenant, str]:
    async with store.transaction(name) as work:
        if await work.tenant(name) is not None:
            raise Conflict(f"there is a tenant {name!r} already; choose another name")
        await work.add_tenant(name, now)
        # Of two that make it at the same time the second waits here, and finds the first one's key.
        await work.lock_tenant(name)
        if await work.administrators(name):
            raise Conflict(f"there is a tenant {name!r} already; choose another name")
        tenant = replace(await tenant_of(work, name), quotas=merged({}, quotas), revision=1)
        await work.save_tenant(tenant)
        await work.tell_tenant(tenant)
        key, text = new_key(name, "first administrator", ADMINISTRATOR, by.subject, now, environment)
        await work.add_api_key(key)
        await work.record(AuditEntry(name, by.subject, "create tenant", name, "allowed", now))
    return tenant, text

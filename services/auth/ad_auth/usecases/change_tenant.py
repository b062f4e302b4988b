"""Shuts a tenant out or lets it in again, and gives it quotas; its data and its sessions stay."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from ad_auth.domain.accounts import Tenant
from ad_auth.domain.sessions import IssuedToken
from ad_auth.ports import AuditEntry, Revocations, Store, Transaction
from ad_chassis.errors import NotFound
from ad_chassis.security import Principal


async def change_tenant(
    store: Store,
    revocations: Revocations,
    *,
    by: Principal,
    name: str,
    now: datetime,
    suspended: bool | None = None,
    quotas: Mapping[str, int | None] | None = None,
) -> Tenant:
    """What is left out stays as it is. A quota of None is the services' default again."""
    revoked: list[IssuedToken] = []
    async with store.transaction(name) as work:
        await work.lock_tenant(name)
        tenant = await tenant_of(work, name)
        tenant = replace(tenant, revision=tenant.revision + 1)
        if suspended is not None:
            tenant = replace(tenant, suspended_at=(tenant.suspended_at or now) if suspended else None)
            action = "suspend tenant" if suspended else "admit tenant"
            await work.record(AuditEntry(name, by.subject, action, name, "allowed", now))
        if suspended:
            revoked = await work.revoke_tokens(name, "tenant", name, now)
        if quotas is not None:
            tenant = replace(tenant, quotas=merged(tenant.quotas, quotas))
            details = {each: str(limit) for each, limit in sorted(tenant.quotas.items())}
            await work.record(AuditEntry(name, by.subject, "change quotas", name, "allowed", now, details))
        await work.save_tenant(tenant)
        await work.tell_tenant(tenant)
    await revocations.announce(revoked, now)
    return tenant


def merged(before: Mapping[str, int], changes: Mapping[str, int | None]) -> dict[str, int]:
    """Own limits with these in place of what was there; None takes one away."""
    return {name: limit for name, limit in {**before, **changes}.items() if limit is not None}


async def tenant_of(work: Transaction, name: str) -> Tenant:
    tenant = await work.tenant(name)
    if tenant is None:
        raise NotFound(f"there is no tenant {name!r}")
    return tenant

"""Shuts a tenant out, or lets it in again; its data and its sessions stay."""

from dataclasses import replace
from datetime import datetime

from ad_auth.domain.accounts import Tenant
from ad_auth.domain.sessions import IssuedToken
from ad_auth.ports import AuditEntry, Revocations, Store, Transaction
from ad_chassis.errors import NotFound
from ad_chassis.security import Principal


async def suspend_tenant(
    store: Store, revocations: Revocations, *, by: Principal, name: str, suspended: bool, now: datetime
) -> Tenant:
    async with store.transaction(name) as work:
        await work.lock_tenant(name)
        before = await tenant_of(work, name)
        tenant = replace(before, suspended_at=(before.suspended_at or now) if suspended else None)
        await work.save_tenant(tenant)
        revoked: list[IssuedToken] = []
        if suspended:
            revoked = await work.revoke_tokens(name, "tenant", name, now)
        action = "suspend tenant" if suspended else "admit tenant"
        await work.record(AuditEntry(name, by.subject, action, name, "allowed", now))
    await revocations.announce(revoked, now)
    return tenant


async def tenant_of(work: Transaction, name: str) -> Tenant:
    tenant = await work.tenant(name)
    if tenant is None:
        raise NotFound(f"there is no tenant {name!r}")
    return tenant

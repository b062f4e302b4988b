"""Erases a tenant and its accounts; what the audit log says of it stays."""

from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import datetime

from ad_auth.ports import AuditEntry, Store
from ad_auth.usecases.change_tenant import tenant_of

Erase = Callable[[str], Awaitable[Counter[str]]]


async def erase_tenant(store: Store, erase: Erase, *, by: str, name: str, now: datetime) -> Counter[str]:
    """The other services are told first: what is told twice does no harm, what is never told would."""
    async with store.transaction(name) as work:
        await tenant_of(work, name)
        await work.tell_erased(name)
        await work.record(AuditEntry(name, by, "erase tenant", name, "allowed", now))
    return await erase(name)


async def is_suspended(store: Store, name: str) -> bool:
    async with store.transaction(name, read_only=True) as work:
        return (await tenant_of(work, name)).suspended_at is not None

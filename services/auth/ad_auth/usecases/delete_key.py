"""Removes an API key, whose tokens end with that."""

from datetime import datetime

from ad_auth.domain.accounts import ApiKey
from ad_auth.domain.roles import ADMINISTRATOR
from ad_auth.ports import AuditEntry, Revocations, Store, Transaction
from ad_auth.usecases.change_user import keep_an_administrator
from ad_chassis.errors import NotFound


async def delete_key(
    store: Store, revocations: Revocations, *, tenant: str, key_id: str, by: str, now: datetime
) -> None:
    async with store.transaction() as work:
        await work.lock_tenant(tenant)
        key = await key_of(work, tenant, key_id)
        if key.role == ADMINISTRATOR:
            await keep_an_administrator(work, tenant, key_id)
        revoked = await work.revoke_tokens(tenant, "subject", key_id, now)
        await work.remove_api_key(key)
        await work.record(
            AuditEntry(tenant, by, "delete api key", key_id, "allowed", now, {"name": key.name})
        )
    await revocations.announce(revoked, now)


async def key_of(work: Transaction, tenant: str, key_id: str) -> ApiKey:
    """The key of that tenant; one of another is as good as none."""
    key = await work.api_key(key_id)
    if key is None or key.tenant != tenant:
        raise NotFound(
            f"there is no API key with the id {key_id[:80]!r}; GET /api/v1/api-keys lists those there are"
        )
    return key

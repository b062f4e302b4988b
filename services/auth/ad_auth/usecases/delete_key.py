"""Removes an API key, whose tokens end with that."""

from datetime import datetime

from ad_auth.domain.accounts import ApiKey
from ad_auth.ports import AuditEntry, Revocations, Store, Transaction
from ad_auth.usecases.change_user import keep_an_administrator
from ad_auth.usecases.check_giving import check_giving
from ad_auth.usecases.find_permissions import permissions_of_key
from ad_chassis.errors import NotFound
from ad_chassis.security import Principal


async def delete_key(
    store: Store, revocations: Revocations, *, by: Principal, key_id: str, now: datetime
) -> None:
    async with store.transaction(by.tenant) as work:
        await work.lock_tenant(by.tenant)
        key = await own_key(work, by, key_id)
        if key.rules_all:
            await keep_an_administrator(work, by.tenant, key_id)
        revoked = await work.revoke_tokens(by.tenant, "subject", key_id, now)
        await work.remove_api_key(key)
        details = {"name": key.name}
        await work.record(
            AuditEntry(by.tenant, by.subject, "delete api key", key_id, "allowed", now, details)
        )
    await revocations.announce(revoked, now)


async def own_key(work: Transaction, by: Principal, key_id: str) -> ApiKey:
    """The key, to a caller who has all that it has."""
    key = await key_of(work, by.tenant, key_id)
    check_giving(by, await permissions_of_key(work, key), key.streams)
    return key


async def key_of(work: Transaction, tenant: str, key_id: str) -> ApiKey:
    """The key of that tenant; one of another is as good as none."""
    key = await work.api_key(key_id)
    if key is None or key.tenant != tenant:
        raise NotFound(
            f"there is no API key with the id {key_id[:80]!r}; GET /api/v1/api-keys lists those there are"
        )
    return key

"""Gives an API key another name, end, role, permissions or streams."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from ad_auth.domain.accounts import ApiKey, InvalidAccount, checked_expiry
from ad_auth.ports import AuditEntry, Revocations, Store
from ad_auth.usecases.change_user import keep_an_administrator
from ad_auth.usecases.create_key import details_of, give_key
from ad_auth.usecases.create_user import unprocessable
from ad_auth.usecases.delete_key import own_key
from ad_auth.usecases.find_permissions import checked_permissions
from ad_chassis.security import Principal


async def change_key(
    store: Store,
    revocations: Revocations,
    *,
    by: Principal,
    key_id: str,
    changes: Mapping[str, Any],
    now: datetime,
) -> ApiKey:
    """`changes` holds any of `name`, `expires_at`, `role` or `permissions`, and `streams`.

    Tokens of the key end unless only its name changes: the next one says what is new.
    """
    fields = _fields(changes, now)
    async with store.transaction(by.tenant) as work:
        await work.lock_tenant(by.tenant)
        before = await own_key(work, by, key_id)
        key = replace(before, **fields)
        await give_key(work, by, key)
        if before.rules_all and not key.rules_all:
            await keep_an_administrator(work, by.tenant, key_id)
        await work.save_api_key(key)
        revoked = []
        if key != replace(before, name=key.name):
            revoked = await work.revoke_tokens(by.tenant, "subject", key_id, now)
        await work.record(
            AuditEntry(by.tenant, by.subject, "change api key", key_id, "allowed", now, details_of(key))
        )
    await revocations.announce(revoked, now)
    return key


def _fields(changes: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """A role takes the place of permissions, and permissions that of a role."""
    fields = dict(changes)
    try:
        if "expires_at" in fields:
            fields["expires_at"] = checked_expiry(fields["expires_at"], now)
        if "permissions" in fields:
            fields |= {"permissions": checked_permissions(fields["permissions"]), "role": None}
        elif "role" in fields:
            fields["permissions"] = None
    except InvalidAccount as error:
        raise unprocessable(error) from None
    return fields

"""Makes an API key; its text is known to nobody after this."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from ad_auth.domain.accounts import ApiKey, InvalidAccount, checked_expiry
from ad_auth.domain.credentials import digest, new_id, new_secret
from ad_auth.ports import AuditEntry, Store, Transaction
from ad_auth.usecases.check_giving import check_giving
from ad_auth.usecases.create_user import bound, give_role, unprocessable
from ad_auth.usecases.find_permissions import checked_permissions
from ad_chassis.errors import NotFound
from ad_chassis.security import Principal
from ad_chassis.security.permissions import expanded
from ad_chassis.security.token_source import format_api_key


async def create_key(
    store: Store,
    *,
    by: Principal,
    name: str,
    environment: str,
    now: datetime,
    role: str | None = None,
    permissions: Collection[str] | None = None,
    streams: list[str] | None = None,
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """The key and its text, `ad_<environment>_<id>_<secret>`. It has a role, or permissions of its own."""
    try:
        until = checked_expiry(expires_at, now)
        own = None if permissions is None else checked_permissions(permissions)
    except InvalidAccount as error:
        raise unprocessable(error) from None
    key, text = new_key(by.tenant, name, role, by.subject, now, environment)
    key = replace(key, expires_at=until, permissions=own, streams=streams)
    async with store.transaction(by.tenant) as work:
        if not await work.lock_tenant(by.tenant):
            raise NotFound(f"there is no tenant {by.tenant!r}")
        await give_key(work, by, key)
        await work.add_api_key(key)
        await work.record(
            AuditEntry(by.tenant, by.subject, "create api key", key.id, "allowed", now, details_of(key))
        )
    return key, text


async def give_key(work: Transaction, by: Principal, key: ApiKey) -> None:
    """Raises unless the caller may give what this key has."""
    if key.permissions is None:
        await give_role(work, by, key.role or "", key.streams)
    else:
        check_giving(by, expanded(key.permissions), key.streams)


def details_of(key: ApiKey) -> dict[str, str]:
    """A key in the words of the audit log."""
    what = {"role": key.role} if key.role else {"permissions": " ".join(key.permissions or ())}
    return {"name": key.name} | what | bound(key.streams)


def new_key(
    tenant: str, name: str, role: str | None, by: str, now: datetime, environment: str
) -> tuple[ApiKey, str]:
    key_id, secret = new_id(), new_secret()
    key = ApiKey(tenant, key_id, name, digest(secret), role, by, now)
    return key, format_api_key(key_id, secret, environment)

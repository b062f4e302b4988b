"""Makes an API key; its text is known to nobody after this."""

from datetime import datetime

from ad_auth.domain.accounts import ApiKey, InvalidAccount, checked_expiry
from ad_auth.domain.credentials import digest, new_id, new_secret
from ad_auth.ports import AuditEntry, Store
from ad_auth.usecases.create_user import unprocessable
from ad_chassis.errors import NotFound
from ad_chassis.security.token_source import format_api_key


async def create_key(
    store: Store,
    *,
    tenant: str,
    name: str,
    role: str,
    by: str,
    now: datetime,
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """The key and its text, `ad_<id>_<secret>`."""
    try:
        until = checked_expiry(expires_at, now)
    except InvalidAccount as error:
        raise unprocessable(error) from None
    key, text = new_key(tenant, name, role, by, now, until)
    async with store.transaction() as work:
        if not await work.lock_tenant(tenant):
            raise NotFound(f"there is no tenant {tenant!r}")
        await work.add_api_key(key)
        details = {"name": name, "role": role}
        await work.record(AuditEntry(tenant, by, "create api key", key.id, "allowed", now, details))
    return key, text


def new_key(
    tenant: str, name: str, role: str, by: str, now: datetime, expires_at: datetime | None = None
) -> tuple[ApiKey, str]:
    key_id, secret = new_id(), new_secret()
    key = ApiKey(tenant, key_id, name, digest(secret), role, by, now, expires_at)
    return key, format_api_key(key_id, secret)

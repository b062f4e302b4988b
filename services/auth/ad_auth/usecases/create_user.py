"""Adds a user to a tenant."""

from datetime import datetime

from ad_auth.domain.accounts import InvalidAccount, User, canonical_username, checked_password
from ad_auth.domain.credentials import new_id
from ad_auth.ports import AuditEntry, Passwords, Store
from ad_chassis.errors import NotFound, Unprocessable


async def create_user(
    store: Store,
    passwords: Passwords,
    *,
    tenant: str,
    username: str,
    password: str,
    role: str,
    by: str,
    now: datetime,
) -> User:
    try:
        name = canonical_username(username)
        text = checked_password(password, name)
    except InvalidAccount as error:
        raise unprocessable(error) from None
    user = User(tenant, new_id(), name, await passwords.hash(text), role, now, now)
    async with store.transaction() as work:
        if not await work.lock_tenant(tenant):
            raise NotFound(f"there is no tenant {tenant!r}")
        await work.add_user(user)
        details = {"username": name, "role": role}
        await work.record(AuditEntry(tenant, by, "create user", user.id, "allowed", now, details))
    return user


def unprocessable(error: InvalidAccount) -> Unprocessable:
    """422 that names the field."""
    return Unprocessable(f"{error.field}: {error}", errors=[{"field": error.field, "message": str(error)}])

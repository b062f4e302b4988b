"""Adds a user to a tenant."""

from datetime import datetime

from ad_auth.domain.accounts import InvalidAccount, User, canonical_username
from ad_auth.domain.credentials import new_id
from ad_auth.ports import AuditEntry, Passwords, Store, Transaction
from ad_auth.usecases.check_giving import check_giving
from ad_auth.usecases.choose_password import choose_password
from ad_auth.usecases.find_permissions import check_role, permissions_of_role
from ad_chassis.errors import NotFound, Unprocessable
from ad_chassis.security import Principal


async def create_user(
    store: Store,
    passwords: Passwords,
    *,
    by: Principal,
    username: str,
    password: str,
    role: str,
    now: datetime,
    streams: list[str] | None = None,
) -> User:
    try:
        name = canonical_username(username)
        password_hash = await choose_password(passwords, password, name)
    except InvalidAccount as error:
        raise unprocessable(error) from None
    user = User(by.tenant, new_id(), name, password_hash, role, now, now, streams)
    async with store.transaction(by.tenant) as work:
        if not await work.lock_tenant(by.tenant):
            raise NotFound(f"there is no tenant {by.tenant!r}")
        await give_role(work, by, role, streams)
        await work.add_user(user)
        details = {"username": name, "role": role} | bound(streams)
        await work.record(AuditEntry(by.tenant, by.subject, "create user", user.id, "allowed", now, details))
    return user


async def give_role(work: Transaction, by: Principal, role: str, streams: list[str] | None) -> None:
    """Raises unless the role exists and the caller may give it."""
    try:
        await check_role(work, by.tenant, role)
    except InvalidAccount as error:
        raise unprocessable(error) from None
    check_giving(by, await permissions_of_role(work, by.tenant, role), streams)


def bound(streams: list[str] | None) -> dict[str, str]:
    """A binding in the words of the audit log."""
    return {} if streams is None else {"streams": " ".join(streams)}


def unprocessable(error: InvalidAccount) -> Unprocessable:
    """422 that names the field."""
    return Unprocessable(f"{error.field}: {error}", errors=[{"field": error.field, "message": str(error)}])

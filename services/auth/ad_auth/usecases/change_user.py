"""Gives a user another role or password."""

from dataclasses import replace
from datetime import datetime

from ad_auth.domain.accounts import InvalidAccount, User, checked_password
from ad_auth.domain.roles import ADMINISTRATOR
from ad_auth.domain.sessions import IssuedToken
from ad_auth.ports import AuditEntry, Passwords, Revocations, Store, Transaction
from ad_auth.usecases.create_user import unprocessable
from ad_chassis.errors import Conflict, NotFound


async def change_user(
    store: Store,
    passwords: Passwords,
    revocations: Revocations,
    *,
    tenant: str,
    user_id: str,
    role: str | None,
    password: str | None,
    by: str,
    now: datetime,
) -> User:
    """A new role ends the user's access tokens, a new password the sessions as well."""
    password_hash = None
    if password is not None:
        password_hash = await _hashed(store, passwords, tenant, user_id, password)
    async with store.transaction() as work:
        await work.lock_tenant(tenant)
        before = existing(await work.user(tenant, user_id), user_id)
        if role is not None and before.role == ADMINISTRATOR != role:
            await keep_an_administrator(work, tenant, user_id)
        user = replace(
            before,
            role=role or before.role,
            password_hash=password_hash or before.password_hash,
            updated_at=now,
        )
        await work.save_user(user)
        revoked = await _revoke(work, before, user, now)
        details = {"role": user.role, "password": "kept" if password_hash is None else "changed"}
        await work.record(AuditEntry(tenant, by, "change user", user_id, "allowed", now, details))
    await revocations.announce(revoked, now)
    return user


def existing(user: User | None, user_id: str) -> User:
    if user is None:
        raise NotFound(
            f"there is no user with the id {user_id[:80]!r}; GET /api/v1/users lists those there are"
        )
    return user


async def keep_an_administrator(work: Transaction, tenant: str, but: str) -> None:
    """Nobody could give the role to anyone any more. The tenant must be locked."""
    if await work.administrators(tenant, but=but) == 0:
        raise Conflict(
            f"this is the last administrator of {tenant!r}; make another user or a key that does not expire "
            "an administrator first"
        )


async def _hashed(store: Store, passwords: Passwords, tenant: str, user_id: str, password: str) -> str:
    async with store.transaction(read_only=True) as work:
        user = existing(await work.user(tenant, user_id), user_id)
    try:
        return await passwords.hash(checked_password(password, user.username))
    except InvalidAccount as error:
        raise unprocessable(error) from None


async def _revoke(work: Transaction, before: User, after: User, now: datetime) -> list[IssuedToken]:
    if before.password_hash != after.password_hash:
        await work.revoke_sessions_of(after, now)
    elif before.role == after.role:
        return []
    return await work.revoke_tokens(after.tenant, "subject", after.id, now)

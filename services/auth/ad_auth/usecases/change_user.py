"""Gives a user another role, other streams or another password, suspends a user or lets one in again."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from ad_auth.domain.accounts import InvalidAccount, User
from ad_auth.domain.sessions import IssuedToken
from ad_auth.ports import AuditEntry, Passwords, Revocations, Store, Transaction
from ad_auth.usecases.check_giving import check_giving
from ad_auth.usecases.choose_password import choose_password
from ad_auth.usecases.create_user import bound, give_role, unprocessable
from ad_auth.usecases.find_permissions import permissions_of_role
from ad_chassis.errors import Conflict, NotFound
from ad_chassis.security import Principal


async def change_user(
    store: Store,
    passwords: Passwords,
    revocations: Revocations,
    *,
    by: Principal,
    user_id: str,
    changes: Mapping[str, Any],
    now: datetime,
) -> User:
    """`changes` holds any of `role`, `streams`, `suspended` and `password`.

    What the user may do is changed by ending the access tokens; a password or a suspension ends the sessions as well.
    """
    password, password_hash = changes.get("password"), None
    if password is not None:
        password_hash = await _hashed(store, passwords, by, user_id, password)
    async with store.transaction(by.tenant) as work:
        await work.lock_tenant(by.tenant)
        before = existing(await work.user(by.tenant, user_id), user_id)
        await check_hold(work, by, before)
        user = _changed(before, changes, password_hash, now)
        if (user.role, user.streams) != (before.role, before.streams):
            await give_role(work, by, user.role, user.streams)
        if before.rules_all and not user.rules_all:
            await keep_an_administrator(work, by.tenant, user_id)
        await work.save_user(user)
        revoked = await _revoke(work, before, user, now)
        await work.record(
            AuditEntry(
                by.tenant, by.subject, "change user", user_id, "allowed", now, _details(user, password_hash)
            )
        )
    await revocations.announce(revoked, now)
    return user


async def check_hold(work: Transaction, by: Principal, user: User) -> None:
    """Raises unless the caller has all that the user has."""
    check_giving(by, await permissions_of_role(work, user.tenant, user.role), user.streams)


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


def _changed(before: User, changes: Mapping[str, Any], password_hash: str | None, now: datetime) -> User:
    suspended_at = before.suspended_at
    if "suspended" in changes:
        suspended_at = (suspended_at or now) if changes["suspended"] else None
    return replace(
        before,
        role=changes.get("role", before.role),
        streams=changes.get("streams", before.streams),
        suspended_at=suspended_at,
        password_hash=password_hash or before.password_hash,
        updated_at=now,
    )


def _details(user: User, password_hash: str | None) -> dict[str, str]:
    suspended = {} if user.suspended_at is None else {"suspended": "yes"}
    password = {"password": "kept" if password_hash is None else "changed"}
    return {"role": user.role} | password | suspended | bound(user.streams)


async def _hashed(store: Store, passwords: Passwords, by: Principal, user_id: str, password: str) -> str:
    async with store.transaction(by.tenant, read_only=True) as work:
        user = existing(await work.user(by.tenant, user_id), user_id)
    try:
        return await choose_password(passwords, password, user.username)
    except InvalidAccount as error:
        raise unprocessable(error) from None


async def _revoke(work: Transaction, before: User, after: User, now: datetime) -> list[IssuedToken]:
    shut_out = before.suspended_at is None and after.suspended_at is not None
    if shut_out or before.password_hash != after.password_hash:
        await work.revoke_sessions_of(after, now)
    elif (before.role, before.streams) == (after.role, after.streams):
        return []
    return await work.revoke_tokens(after.tenant, "subject", after.id, now)

"""A user takes a second factor: first its secret, and with a first code it counts."""

from dataclasses import replace
from datetime import datetime

from ad_auth.domain.accounts import User, normalised_password
from ad_auth.domain.second_factor import (
    SecondFactor,
    address_for_apps,
    new_recovery_codes,
    new_secret,
    recovery_hash,
    step_of,
)
from ad_auth.ports import Attempts, AuditEntry, Passwords, Store, Transaction
from ad_auth.usecases.change_user import existing
from ad_chassis.errors import Conflict, Forbidden, Unprocessable
from ad_chassis.logs import security_event
from ad_chassis.platform import DEFAULT_TENANT
from ad_chassis.security import Principal

ENROLLED = (
    "there is a second factor already; remove it first: POST /api/v1/users/me/totp/remove with a code of it or a "
    "recovery code as 'code', or let an administrator remove it"
)
WRONG_CODE = "the code is wrong; is the clock of the device right?"


async def enrol_totp(
    store: Store,
    passwords: Passwords,
    attempts: Attempts,
    *,
    by: Principal,
    password: str,
    address: str | None,
    now: datetime,
) -> tuple[str, str]:
    """The secret and its address for apps. The password, because a token that was stolen must not lock its user out."""
    async with store.transaction(by.tenant, read_only=True) as work:
        user = await own_user(work, by)
    await attempts.count(user.tenant, user.username, address)
    if not await passwords.verify(user.password_hash, normalised_password(password)):
        security_event("second factor refused", tenant=user.tenant, subject=user.id, reason="password")
        async with store.transaction(user.tenant) as work:
            why = {"reason": "wrong password"}
            await work.record(
                AuditEntry(user.tenant, user.id, "add second factor", user.id, "failed", now, why)
            )
        raise Forbidden("the password is wrong")
    await attempts.forget(user.tenant, user.username, address)
    secret = new_secret()
    async with store.transaction(by.tenant) as work:
        known = await work.second_factor(await own_user(work, by))
        if known is not None and known.confirmed_at is not None:
            raise Conflict(ENROLLED)
        await work.save_second_factor(SecondFactor(user.tenant, user.id, secret, now))
    return secret, address_for_apps(secret, user.username, user.tenant, DEFAULT_TENANT)


async def confirm_totp(store: Store, *, by: Principal, code: str, now: datetime) -> list[str]:
    """The recovery codes, which are shown once. From now on logins ask for a code."""
    recovery = new_recovery_codes()
    async with store.transaction(by.tenant) as work:
        user = await own_user(work, by)
        factor = await work.second_factor(user)
        if factor is None or factor.confirmed_at is not None:
            raise Conflict("there is nothing to confirm; POST /api/v1/users/me/totp begins")
        step = step_of(factor, code, now)
        if step is None:
            raise Unprocessable(f"code: {WRONG_CODE}", errors=[{"field": "code", "message": WRONG_CODE}])
        await work.save_second_factor(replace(factor, confirmed_at=now, last_step=step))
        await work.replace_recovery_codes(user, map(recovery_hash, recovery), now)
        await work.record(AuditEntry(user.tenant, user.id, "add second factor", user.id, "allowed", now))
    security_event("second factor changed", tenant=user.tenant, subject=user.id, reason="added")
    return recovery


async def own_user(work: Transaction, by: Principal) -> User:
    """The user who calls."""
    if by.kind != "user":
        raise Forbidden("only users have a second factor; log in with a user name and a password")
    return existing(await work.user(by.tenant, by.subject), by.subject)

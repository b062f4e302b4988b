"""Takes a user name and a password, answers with what its caller gives: tokens, or a code for them."""

from datetime import datetime

from ad_auth.domain.accounts import InvalidAccount, User, canonical_username, normalised_password
from ad_auth.domain.refusals import InvalidGrant
from ad_auth.ports import Attempts, AuditEntry, Passwords, Store
from ad_auth.usecases.open_session import WRONG, Given, Gives, open_session
from ad_chassis.logs import security_event


async def log_in(
    store: Store,
    passwords: Passwords,
    attempts: Attempts,
    issuer: Gives[Given],
    *,
    tenant: str,
    username: str,
    password: str,
    now: datetime,
) -> Given:
    """Does the same work, and answers the same, whether the user exists, is suspended, or neither."""
    text = normalised_password(password)
    await attempts.count(tenant, username)
    user = await _find(store, tenant, username)
    good = await passwords.verify(user.password_hash if user else None, text)
    if user is None or not good or user.suspended_at is not None:
        await _refuse(store, tenant, user, now)
        raise InvalidGrant(WRONG)
    renewed = await passwords.hash(text) if passwords.outdated(user.password_hash) else None
    given = await open_session(store, issuer, user, renewed, now)
    await attempts.forget(tenant, username)
    return given


async def _find(store: Store, tenant: str, username: str) -> User | None:
    try:
        name = canonical_username(username)
    except InvalidAccount:
        name = ""
    async with store.transaction(read_only=True) as work:
        return await work.user_by_name(tenant, name)


async def _refuse(store: Store, tenant: str, user: User | None, now: datetime) -> None:
    # The name of an unknown user is not kept: now and then it is a password in the wrong field.
    subject = user.id if user else "unknown"
    security_event("login failed", tenant=tenant, subject=subject)
    async with store.transaction() as work:
        await work.record(AuditEntry(tenant, subject, "login", None, "failed", now))

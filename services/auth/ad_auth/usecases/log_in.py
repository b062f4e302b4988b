"""Takes a user name and a password, answers with what its caller gives: tokens, or a code for them."""

from datetime import datetime

from ad_auth.domain.accounts import InvalidAccount, User, canonical_username, normalised_password
from ad_auth.domain.refusals import InvalidGrant, MfaRequired
from ad_auth.domain.throttle import TooManyTries
from ad_auth.ports import Attempts, AuditEntry, Passwords, Store
from ad_auth.usecases.open_session import WRONG, Given, Gives, open_session
from ad_auth.usecases.use_code import locked_factor, use_code
from ad_chassis.errors import Forbidden, Unavailable
from ad_chassis.logs import security_event

WRONG_CODE = "the code is wrong or was used already; wait for the next one, or take a recovery code"
CODE_WANTED = "this account has a second factor; send its code, or a recovery code, as otp"


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
    otp: str | None = None,
    address: str | None = None,
) -> Given:
    """Nothing leaves without their entry in the audit log."""
    user, renewed = await prove_user(
        store,
        passwords,
        attempts,
        tenant=tenant,
        username=username,
        password=password,
        otp=otp,
        address=address,
        now=now,
    )
    try:
        given = await open_session(store, issuer, user, renewed, now)
    except (Forbidden, InvalidGrant) as error:
        reason = "suspended tenant" if isinstance(error, Forbidden) else "changed meanwhile"
        await _record_failure(store, tenant, user, reason, now)
        raise
    await attempts.forget(tenant, username, address)
    async with store.transaction(tenant) as work:
        await work.record(AuditEntry(tenant, user.id, "login", None, "allowed", now))
    return given


async def prove_user(
    store: Store,
    passwords: Passwords,
    attempts: Attempts,
    *,
    tenant: str,
    username: str,
    password: str,
    otp: str | None,
    address: str | None,
    now: datetime,
) -> tuple[User, str | None]:
    """The user, and the password hashed anew where that is due.

    Does the same work, and answers the same, whether the user exists, is suspended, or neither. That there is a second
    factor is told to nobody without the password.
    """
    try:
        await attempts.count(tenant, username, address)
    except TooManyTries as error:
        if error.first:
            await _record_failure(store, tenant, await _find(store, tenant, username), error.reason, now)
        raise
    try:
        return await _proven(store, passwords, tenant, username, password, otp, now)
    except Unavailable:
        # Whoever tries again and again while the database is away must not wait when it is back.
        await attempts.take_back(tenant, username, address)
        raise


async def _proven(
    store: Store,
    passwords: Passwords,
    tenant: str,
    username: str,
    password: str,
    otp: str | None,
    now: datetime,
) -> tuple[User, str | None]:
    text = normalised_password(password)
    user = await _find(store, tenant, username)
    good = await passwords.verify(user.password_hash if user else None, text)
    if user is None or not good or user.suspended_at is not None:
        reason = "unknown user" if user is None else "suspended" if good else "wrong password"
        security_event("login failed", tenant=tenant, subject=_subject(user), reason=reason)
        await _record_failure(store, tenant, user, reason, now)
        raise InvalidGrant(WRONG)
    await _check_code(store, user, otp, now)
    return user, await passwords.hash(text) if passwords.outdated(user.password_hash) else None


async def _check_code(store: Store, user: User, otp: str | None, now: datetime) -> None:
    async with store.transaction(user.tenant, read_only=True) as work:
        factor = await work.second_factor(user)
    if factor is None or factor.confirmed_at is None:
        return
    if otp is None:
        await _record_failure(store, user.tenant, user, "second factor missing", now)
        raise MfaRequired(CODE_WANTED)
    async with store.transaction(user.tenant) as work:
        factor = await locked_factor(work, user)
        good = factor is None or await use_code(work, user, factor, otp, now)
        if not good:
            why = {"reason": "second factor wrong"}
            await work.record(AuditEntry(user.tenant, user.id, "login", None, "failed", now, why))
    if not good:
        security_event("second factor refused", tenant=user.tenant, subject=user.id, reason="login")
        raise InvalidGrant(WRONG_CODE)


async def _find(store: Store, tenant: str, username: str) -> User | None:
    try:
        name = canonical_username(username)
    except InvalidAccount:
        name = ""
    async with store.transaction(tenant, read_only=True) as work:
        return await work.user_by_name(tenant, name)


async def _record_failure(store: Store, tenant: str, user: User | None, reason: str, now: datetime) -> None:
    """The reason is for who reads the log: the caller gets the same answer for most of them."""
    async with store.transaction(tenant) as work:
        why = {"reason": reason}
        await work.record(AuditEntry(tenant, _subject(user), "login", None, "failed", now, why))


def _subject(user: User | None) -> str:
    """The name of an unknown user is not kept: now and then it is a password in the wrong field."""
    return user.id if user else "unknown"

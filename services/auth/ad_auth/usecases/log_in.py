"""Takes a user name and a password, answers with tokens."""

from dataclasses import replace
from datetime import datetime

from ad_auth.domain.accounts import InvalidAccount, User, canonical_username, normalised_password
from ad_auth.domain.credentials import new_id
from ad_auth.domain.refusals import InvalidGrant
from ad_auth.domain.sessions import Session
from ad_auth.ports import Attempts, AuditEntry, Passwords, Store, Transaction
from ad_auth.usecases.check_tenant import check_tenant
from ad_auth.usecases.find_permissions import permissions_of_role
from ad_auth.usecases.issue_token import Grant, Issuer
from ad_chassis.logs import security_event
from ad_chassis.security import Principal

WRONG = "the user name or the password is wrong"


async def log_in(
    store: Store,
    passwords: Passwords,
    attempts: Attempts,
    issuer: Issuer,
    *,
    tenant: str,
    username: str,
    password: str,
    now: datetime,
) -> Grant:
    """Does the same work, and answers the same, whether the user exists, is suspended, or neither."""
    text = normalised_password(password)
    await attempts.count(tenant, username)
    user = await _find(store, tenant, username)
    good = await passwords.verify(user.password_hash if user else None, text)
    if user is None or not good or user.suspended_at is not None:
        await _refuse(store, tenant, user, now)
        raise InvalidGrant(WRONG)
    renewed = await passwords.hash(text) if passwords.outdated(user.password_hash) else None
    grant = await _open_session(store, issuer, user, renewed, now)
    await attempts.forget(tenant, username)
    return grant


async def _find(store: Store, tenant: str, username: str) -> User | None:
    try:
        name = canonical_username(username)
    except InvalidAccount:
        name = ""
    async with store.transaction(tenant, read_only=True) as work:
        return await work.user_by_name(tenant, name)


async def _open_session(
    store: Store, issuer: Issuer, user: User, renewed: str | None, now: datetime
) -> Grant:
    async with store.transaction(user.tenant) as work:
        current = await work.user(user.tenant, user.id)
        if current is None or current.password_hash != user.password_hash or current.suspended_at:
            raise InvalidGrant(WRONG)
        await check_tenant(work, user.tenant, user.id)
        if renewed is not None:
            await work.save_user(replace(current, password_hash=renewed))
        session = Session(user.tenant, new_id(), user.id, now, now + issuer.lifetimes.session)
        await work.add_session(session)
        refresh_token = await issuer.record_refresh_token(work, session, now)
        caller = await caller_of(work, current)
        principal = await issuer.record(work, caller, now, session_id=session.id)
    return await issuer.grant(principal, now, refresh_token)


async def caller_of(work: Transaction, user: User) -> Principal:
    """A user as the token will say, by what is stored now."""
    streams = None if user.streams is None else frozenset(user.streams)
    permissions = await permissions_of_role(work, user.tenant, user.role)
    return Principal(user.id, user.tenant, permissions, "user", streams=streams)


async def _refuse(store: Store, tenant: str, user: User | None, now: datetime) -> None:
    # The name of an unknown user is not kept: now and then it is a password in the wrong field.
    subject = user.id if user else "unknown"
    security_event("login failed", tenant=tenant, subject=subject)
    async with store.transaction(tenant) as work:
        await work.record(AuditEntry(tenant, subject, "login", None, "failed", now))

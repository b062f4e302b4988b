"""Exchanges a refresh token for new tokens, once."""

from datetime import datetime

from ad_auth.domain.credentials import digest
from ad_auth.domain.refusals import InvalidGrant
from ad_auth.domain.sessions import IssuedToken, RefreshToken, Session, judged
from ad_auth.ports import AuditEntry, Revocations, Store, Transaction
from ad_auth.usecases.check_tenant import check_tenant
from ad_auth.usecases.issue_token import Grant, Issuer
from ad_auth.usecases.log_in import caller_of
from ad_chassis.database import EVERY_TENANT
from ad_chassis.logs import security_event
from ad_chassis.security import Principal

WRONG = "the refresh token is unknown, expired or used already; log in again"


async def refresh_session(
    store: Store, issuer: Issuer, revocations: Revocations, *, refresh_token: str, now: datetime
) -> Grant:
    """A token that comes a second time ends the whole session: one of its two holders stole it."""
    revoked: list[IssuedToken] = []
    # Nothing is raised inside once something was written: the end of a session must be committed.
    async with store.transaction(EVERY_TENANT) as work:
        token, session = await find_session(work, refresh_token)
        verdict = judged(token, session, now) if token and session else "unknown"
        renewed = None
        if token and session and verdict == "good":
            await check_tenant(work, session.tenant, session.user_id)
            renewed = await _renew(work, issuer, token, session, now)
        elif session and verdict == "reused":
            revoked = await _end(work, session, now)
    await revocations.announce(revoked, now)
    if renewed is None:
        subject = session.user_id if session else "unknown"
        security_event("refresh token refused", reason=verdict, subject=subject)
        raise InvalidGrant(WRONG)
    principal, following = renewed
    return await issuer.grant(principal, now, following)


async def find_session(work: Transaction, text: str) -> tuple[RefreshToken | None, Session | None]:
    """The session of a refresh token; both stay as they are until the transaction ends."""
    token = await work.refresh_token(digest(text))
    session = await work.session(token.tenant, token.session_id) if token else None
    if token is None or session is None:
        return None, None
    # The user's row is the lock of all that the user has, so that nobody waits in a circle.
    await work.user(session.tenant, session.user_id)
    token = await work.refresh_token(token.token_hash)
    return token, await work.session(session.tenant, session.id)


async def _renew(
    work: Transaction, issuer: Issuer, token: RefreshToken, session: Session, now: datetime
) -> tuple[Principal, str] | None:
    """The role is read anew, so that a change of it takes effect here at the latest."""
    user = await work.user(session.tenant, session.user_id)
    if user is None or user.suspended_at is not None:
        return None
    await work.use_refresh_token(token, now)
    following = await issuer.record_refresh_token(work, session, now)
    caller = await caller_of(work, user)
    principal = await issuer.record(work, caller, now, session_id=session.id)
    return principal, following


async def _end(work: Transaction, session: Session, now: datetime) -> list[IssuedToken]:
    await work.revoke_session(session, now)
    await work.record(
        AuditEntry(session.tenant, session.user_id, "reuse refresh token", session.id, "denied", now)
    )
    return await work.revoke_tokens(session.tenant, "session", session.id, now)

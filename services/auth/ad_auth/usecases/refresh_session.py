"""Exchanges a refresh token for new tokens, once."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from ad_auth.domain.credentials import digest
from ad_auth.domain.refusals import InvalidGrant
from ad_auth.domain.sessions import IssuedToken, RefreshToken, Session, judged
from ad_auth.ports import AuditEntry, Revocations, Store, Transaction
from ad_auth.usecases.check_tenant import check_tenant
from ad_auth.usecases.issue_token import Grant, Issuer
from ad_chassis.database import EVERY_TENANT
from ad_chassis.logs import security_event

WRONG = "the refresh token is unknown, expired or used already; log in again"


async def refresh_session(
    store: Store,
    issuer: Issuer,
    revocations: Revocations,
    *,
    refresh_token: str,
    client_id: str | None = None,
    now: datetime,
) -> Grant:
    """A token that comes again ends the whole session: one of its two holders stole it.

    Within the grace it may be two tabs that asked at once: each goes on with a successor of its own, in one family.
    """
    revoked: list[IssuedToken] = []
    # Nothing is raised inside once something was written: the end of a session must be committed.
    async with store.transaction(EVERY_TENANT) as work:
        token, session = await find_session(work, refresh_token)
        verdict = _verdict(token, session, issuer, client_id, now)
        renewed = None
        if token and session and verdict in ("good", "parallel"):
            await check_tenant(work, session.tenant, session.user_id)
            renewed = await _renew(work, issuer, token, session, now)
        elif session and verdict == "reused":
            revoked = await end_session(work, session, "reuse refresh token", now)
    await revocations.announce(revoked, now)
    subject = session.user_id if session else "unknown"
    if renewed is None:
        security_event("refresh token refused", reason=verdict, subject=subject)
        raise InvalidGrant(WRONG)
    if verdict == "parallel":
        security_event("refresh token used in parallel", subject=subject)
    return await renewed()


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


async def end_session(work: Transaction, session: Session, why: str, now: datetime) -> list[IssuedToken]:
    """With its access tokens, which are to be announced after the commit."""
    await work.revoke_session(session, now)
    await work.record(AuditEntry(session.tenant, session.user_id, why, session.id, "denied", now))
    return await work.revoke_tokens(session.tenant, "session", session.id, now)


def _verdict(
    token: RefreshToken | None, session: Session | None, issuer: Issuer, client_id: str | None, now: datetime
) -> str:
    if token is None or session is None:
        return "unknown"
    if session.client_id is not None and session.client_id != client_id:
        return "another client's"
    return judged(token, session, now, issuer.lifetimes.refresh_grace)


async def _renew(
    work: Transaction, issuer: Issuer, token: RefreshToken, session: Session, now: datetime
) -> Callable[[], Awaitable[Grant]] | None:
    user = await work.user(session.tenant, session.user_id)
    if user is None or user.suspended_at is not None:
        return None
    if token.used_at is None:
        # The time of the first use stays: the grace is not drawn out by who comes again and again.
        await work.use_refresh_token(token, now)
    return await issuer.follow(work, session, user, now)

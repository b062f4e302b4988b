"""Exchanges a code of the authorization endpoint for tokens, once."""

from datetime import datetime

from ad_auth.domain.authorization import Code, fits
from ad_auth.domain.credentials import digest
from ad_auth.domain.refusals import InvalidGrant
from ad_auth.domain.sessions import IssuedToken
from ad_auth.ports import AuditEntry, Revocations, Store, Transaction
from ad_auth.usecases.check_tenant import check_tenant
from ad_auth.usecases.issue_token import Grant, Issuer
from ad_auth.usecases.refresh_session import end_session
from ad_chassis.database import EVERY_TENANT
from ad_chassis.logs import security_event

WRONG = "the code is unknown, expired, used already or was given for another request; sign in again"


async def redeem_code(
    store: Store,
    issuer: Issuer,
    revocations: Revocations,
    *,
    code: str,
    client_id: str,
    redirect_uri: str,
    verifier: str,
    now: datetime,
) -> Grant:
    """A code that comes again ends the session that it opened (RFC 6749 section 4.1.2)."""
    revoked: list[IssuedToken] = []
    answer = None
    # Nothing is raised inside once something was written: the end of a session must be committed.
    async with store.transaction(EVERY_TENANT) as work:
        found = await _find(work, code)
        user = await work.user(found.tenant, found.user_id) if found else None
        reason = _wrong(found, client_id, redirect_uri, verifier, now)
        if found and user and reason == "used":
            session = await work.session(found.tenant, found.session_id or "")
            if session and session.revoked_at is None:
                revoked = await end_session(work, session, "reuse code", now)
        elif found and user and user.may_go_on_since(found.issued_at):
            session_id = None
            if reason is None:
                await check_tenant(work, found.tenant, found.user_id)
                session, answer = await issuer.open(work, user, now, client_id=client_id)
                session_id = session.id
                what = {"client": client_id, "by": "code"}
                await work.record(
                    AuditEntry(user.tenant, user.id, "open session", session.id, "allowed", now, what)
                )
            # Used up by a wrong try too: who has the code alone gets no second guess.
            await work.use_code(found, session_id, now)
    await revocations.announce(revoked, now)
    if answer is None:
        subject = found.user_id if found else "unknown"
        security_event("authorization code refused", reason=reason or "user", subject=subject)
        raise InvalidGrant(WRONG)
    return await answer()


async def _find(work: Transaction, text: str) -> Code | None:
    """The code, which stays as it is until the transaction ends: the user's row is the lock."""
    found = await work.code(digest(text))
    if found is None or await work.user(found.tenant, found.user_id) is None:
        return None
    return await work.code(found.code_hash)


def _wrong(found: Code | None, client_id: str, redirect_uri: str, verifier: str, now: datetime) -> str | None:
    if found is None:
        return "unknown"
    if found.used_at is not None:
        return "used"
    if now >= found.expires_at:
        return "expired"
    if (found.client_id, found.redirect_uri) != (client_id, redirect_uri):
        return "another request's"
    return None if fits(verifier, found.challenge) else "verifier"

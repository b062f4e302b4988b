"""Makes a token worthless: an access token alone, a refresh token with its whole session (RFC 7009)."""

from datetime import datetime

from ad_auth.domain.credentials import REFRESH_PREFIX
from ad_auth.domain.refusals import InvalidToken, UnsupportedTokenType
from ad_auth.domain.sessions import IssuedToken
from ad_auth.ports import AuditEntry, Revocations, Store, Verify
from ad_auth.usecases.refresh_session import find_session
from ad_chassis.database import EVERY_TENANT
from ad_chassis.errors import Unauthenticated

API_KEY_PREFIX = "ad_"


async def revoke_token(
    store: Store,
    revocations: Revocations,
    verify: Verify,
    *,
    token: str,
    client_id: str | None = None,
    now: datetime,
) -> None:
    """A token that is worth nothing already is no error: it is what the caller wants, and no entry in the audit log."""
    if token.startswith(REFRESH_PREFIX):
        revoked = await _revoke_session(store, token, client_id, now)
    elif token.startswith(API_KEY_PREFIX):
        raise UnsupportedTokenType("an API key is no token; remove it at DELETE /api/v1/api-keys/{id}")
    else:
        revoked = await _revoke_access_token(store, verify, token, client_id, now)
    await revocations.announce(revoked, now)


async def _revoke_session(
    store: Store, token: str, client_id: str | None, now: datetime
) -> list[IssuedToken]:
    async with store.transaction(EVERY_TENANT) as work:
        _, session = await find_session(work, token)
        if session is None:
            return []
        _check_client(client_id, session.client_id)
        if session.revoked_at is None:
            await work.revoke_session(session, now)
            what = _by(session.client_id)
            await work.record(
                AuditEntry(
                    session.tenant, session.user_id, "revoke session", session.id, "allowed", now, what
                )
            )
        return await work.revoke_tokens(session.tenant, "session", session.id, now)


async def _revoke_access_token(
    store: Store, verify: Verify, token: str, client_id: str | None, now: datetime
) -> list[IssuedToken]:
    try:
        principal = await verify(token)
    except Unauthenticated:
        return []
    _check_client(client_id, principal.client_id)
    tenant, token_id = principal.tenant, principal.token_id or ""
    async with store.transaction(tenant) as work:
        known = await work.token(tenant, token_id)
        if known is not None and known.revoked_at is None:
            what = _by(principal.client_id)
            await work.record(
                AuditEntry(tenant, principal.subject, "revoke token", token_id, "allowed", now, what)
            )
        return await work.revoke_tokens(tenant, "token", token_id, now)


def _by(client: str | None) -> dict[str, str]:
    return {} if client is None else {"client": client}


def _check_client(client_id: str | None, owner: str | None) -> None:
    """A client that names itself revokes its own tokens alone (RFC 7009 section 2.1)."""
    if client_id is not None and owner is not None and client_id != owner:
        raise InvalidToken("the token was given to another client")

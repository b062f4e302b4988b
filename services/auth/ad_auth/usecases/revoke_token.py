"""Makes a token worthless: an access token alone, a refresh token with its whole session (RFC 7009)."""

from datetime import datetime

from ad_auth.domain.credentials import REFRESH_PREFIX
from ad_auth.domain.refusals import InvalidToken, UnsupportedTokenType
from ad_auth.domain.sessions import IssuedToken
from ad_auth.ports import Revocations, Store, Verify
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
    """A token that is worth nothing already is no error: it is what the caller wants."""
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
        await work.revoke_session(session, now)
        return await work.revoke_tokens(session.tenant, "session", session.id, now)


async def _revoke_access_token(
    store: Store, verify: Verify, token: str, client_id: str | None, now: datetime
) -> list[IssuedToken]:
    try:
        principal = await verify(token)
    except Unauthenticated:
        return []
    _check_client(client_id, principal.client_id)
    async with store.transaction(principal.tenant) as work:
        return await work.revoke_tokens(principal.tenant, "token", principal.token_id or "", now)


def _check_client(client_id: str | None, owner: str | None) -> None:
    """A client that names itself revokes its own tokens alone (RFC 7009 section 2.1)."""
    if client_id is not None and owner is not None and client_id != owner:
        raise InvalidToken("the token was given to another client")

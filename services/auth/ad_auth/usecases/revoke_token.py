"""Makes a token worthless: an access token alone, a refresh token with its whole session (RFC 7009)."""

from datetime import datetime

from ad_auth.domain.credentials import REFRESH_PREFIX
from ad_auth.domain.sessions import IssuedToken
from ad_auth.ports import Revocations, Store, Verify
from ad_auth.usecases.refresh_session import find_session
from ad_chassis.database import EVERY_TENANT
from ad_chassis.errors import Unauthenticated


async def revoke_token(
    store: Store, revocations: Revocations, verify: Verify, *, token: str, now: datetime
) -> None:
    """A token that is worth nothing already is no error: it is what the caller wants."""
    if token.startswith(REFRESH_PREFIX):
        revoked = await _revoke_session(store, token, now)
    else:
        revoked = await _revoke_access_token(store, verify, token, now)
    await revocations.announce(revoked, now)


async def _revoke_session(store: Store, token: str, now: datetime) -> list[IssuedToken]:
    async with store.transaction(EVERY_TENANT) as work:
        _, session = await find_session(work, token)
        if session is None:
            return []
        await work.revoke_session(session, now)
        return await work.revoke_tokens(session.tenant, "session", session.id, now)


async def _revoke_access_token(store: Store, verify: Verify, token: str, now: datetime) -> list[IssuedToken]:
    try:
        principal = await verify(token)
    except Unauthenticated:
        return []
    async with store.transaction(principal.tenant) as work:
        return await work.revoke_tokens(principal.tenant, "token", principal.token_id or "", now)

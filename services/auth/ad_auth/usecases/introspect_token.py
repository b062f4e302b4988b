"""Says whether a token is good, and whose it is (RFC 7662)."""

from datetime import datetime, timedelta
from typing import Any

from ad_auth.domain.credentials import REFRESH_PREFIX, digest
from ad_auth.domain.sessions import judged
from ad_auth.ports import Store, Transaction, Verify
from ad_chassis.database import EVERY_TENANT, Scope
from ad_chassis.errors import Unauthenticated
from ad_chassis.security import Principal
from ad_chassis.security.permissions import scopes_of

SCHEME = "Bearer"
INACTIVE: dict[str, Any] = {"active": False}


async def introspect_token(
    store: Store, verify: Verify, *, by: Principal, token: str, now: datetime
) -> dict[str, Any]:
    """Of a token that ended, was revoked or belongs to another tenant nothing else is said than that."""
    if token.startswith(REFRESH_PREFIX):
        async with store.transaction(_scope(by), read_only=True) as work:
            return await _refresh_token(work, by, token, now)
    try:
        principal = await verify(token)
    except Unauthenticated:
        return INACTIVE
    if not _may_know(by, principal.tenant):
        return INACTIVE
    async with store.transaction(principal.tenant, read_only=True) as work:
        # The database remembers what a cache may have lost.
        issued = await work.token(principal.tenant, principal.token_id or "")
    if issued is None or issued.revoked_at is not None:
        return INACTIVE
    return {
        "active": True,
        "token_type": SCHEME,
        "sub": principal.subject,
        "client_id": principal.client_id or principal.subject,
        "scope": " ".join(scopes_of(principal.permissions)),
        "exp": principal.expires_at,
        "jti": principal.token_id,
        "tenant": principal.tenant,
        "kind": principal.kind,
        **({} if principal.streams is None else {"streams": sorted(principal.streams)}),
    }


async def _refresh_token(work: Transaction, by: Principal, text: str, now: datetime) -> dict[str, Any]:
    token = await work.refresh_token(digest(text))
    session = await work.session(token.tenant, token.session_id) if token else None
    if token is None or session is None or not _may_know(by, session.tenant):
        return INACTIVE
    if judged(token, session, now, timedelta()) != "good":
        return INACTIVE
    ends_at = min(token.expires_at, session.expires_at)
    told = {"active": True, "sub": session.user_id, "tenant": session.tenant, "exp": int(ends_at.timestamp())}
    return told | ({"client_id": session.client_id} if session.client_id else {})


def _scope(by: Principal) -> Scope:
    """A refresh token does not say whose it is; services may ask about those of everybody."""
    return EVERY_TENANT if by.kind == "service" else by.tenant


def _may_know(by: Principal, tenant: str) -> bool:
    return by.kind == "service" or by.tenant == tenant

"""Turns somebody who proved who they are into an access token."""

import secrets
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from ad_auth.domain.credentials import digest, new_refresh_token
from ad_auth.domain.sessions import IssuedToken, Lifetimes, RefreshToken, Session, refresh_until
from ad_auth.ports import Signer, Transaction
from ad_chassis.security import Principal
from ad_chassis.security.permissions import scopes_of


@dataclass(frozen=True, slots=True)
class Grant:
    """What a successful login answers."""

    access_token: str = field(repr=False)
    expires_in: int
    scope: str
    tenant: str
    refresh_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Issuer:
    """Records a token in the caller's transaction, and signs it after that has ended."""

    signer: Signer
    lifetimes: Lifetimes

    async def record(
        self,
        work: Transaction,
        caller: Principal,
        now: datetime,
        *,
        session_id: str | None = None,
        until: datetime | None = None,
    ) -> Principal:
        """The caller with a token, which ends no later than `until`: the end of what it was got for."""
        token_id = secrets.token_hex(16)
        expires_at = min(now + self.lifetimes.access, until or datetime.max.replace(tzinfo=UTC))
        await work.add_token(IssuedToken(caller.tenant, token_id, caller.subject, session_id, expires_at))
        return replace(caller, token_id=token_id, expires_at=int(expires_at.timestamp()))

    async def record_refresh_token(self, work: Transaction, session: Session, now: datetime) -> str:
        text = new_refresh_token()
        until = refresh_until(session, self.lifetimes, now)
        await work.add_refresh_token(RefreshToken(session.tenant, digest(text), session.id, now, until))
        return text

    async def grant(self, principal: Principal, now: datetime, refresh_token: str | None = None) -> Grant:
        seconds = (principal.expires_at or 0) - int(now.timestamp())
        return Grant(
            access_token=await self.signer.sign(principal, now=now, lifetime=timedelta(seconds=seconds)),
            expires_in=seconds,
            scope=" ".join(scopes_of(principal.permissions)),
            tenant=principal.tenant,
            refresh_token=refresh_token,
        )

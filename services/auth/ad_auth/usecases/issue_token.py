"""Turns somebody who proved who they are into an access token."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime

from ad_auth.domain.credentials import digest, new_refresh_token
from ad_auth.domain.sessions import IssuedToken, Lifetimes, RefreshToken, Session, refresh_until
from ad_auth.ports import Signer, Transaction
from ad_chassis.security import Principal
from ad_chassis.security.principal import Kind


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
        *,
        tenant: str,
        subject: str,
        kind: Kind,
        permissions: frozenset[str],
        now: datetime,
        session_id: str | None = None,
    ) -> Principal:
        token_id = secrets.token_hex(16)
        expires_at = now + self.lifetimes.access
        await work.add_token(IssuedToken(tenant, token_id, subject, session_id, expires_at))
        return Principal(subject, tenant, permissions, kind, token_id)

    async def record_refresh_token(self, work: Transaction, session: Session, now: datetime) -> str:
        text = new_refresh_token()
        until = refresh_until(session, self.lifetimes, now)
        await work.add_refresh_token(RefreshToken(session.tenant, digest(text), session.id, now, until))
        return text

    async def grant(self, principal: Principal, now: datetime, refresh_token: str | None = None) -> Grant:
        lifetime = self.lifetimes.access
        return Grant(
            access_token=await self.signer.sign(principal, now=now, lifetime=lifetime),
            expires_in=int(lifetime.total_seconds()),
            scope=" ".join(sorted(principal.permissions)),
            tenant=principal.tenant,
            refresh_token=refresh_token,
        )

"""Turns somebody who proved who they are into an access token."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial

from ad_auth.domain.accounts import User
from ad_auth.domain.credentials import digest, new_id, new_refresh_token
from ad_auth.domain.sessions import IssuedToken, Lifetimes, RefreshToken, Session, refresh_until
from ad_auth.ports import Signer, Transaction
from ad_auth.usecases.find_permissions import permissions_of_role
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

    async def give(self, work: Transaction, user: User, now: datetime) -> Callable[[], Awaitable[Grant]]:
        """A session of its own, with tokens at once."""
        _, answer = await self.open(work, user, now, client_id=None)
        return answer

    async def open(
        self, work: Transaction, user: User, now: datetime, *, client_id: str | None
    ) -> tuple[Session, Callable[[], Awaitable[Grant]]]:
        """A new session; the answer is signed after the commit."""
        session = Session(
            user.tenant, new_id(), user.id, now, now + self.lifetimes.session, client_id=client_id
        )
        await work.add_session(session)
        return session, await self.follow(work, session, user, now)

    async def follow(
        self, work: Transaction, session: Session, user: User, now: datetime
    ) -> Callable[[], Awaitable[Grant]]:
        """The next tokens of a session. The role is read anew, so that a change of it takes effect here."""
        following = await self.record_refresh_token(work, session, now)
        caller = replace(await caller_of(work, user), client_id=session.client_id)
        principal = await self.record(work, caller, now, session_id=session.id)
        return partial(self.grant, principal, now, following)

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


async def caller_of(work: Transaction, user: User) -> Principal:
    """A user as the token will say, by what is stored now."""
    streams = None if user.streams is None else frozenset(user.streams)
    permissions = await permissions_of_role(work, user.tenant, user.role)
    return Principal(user.id, user.tenant, permissions, "user", streams=streams)

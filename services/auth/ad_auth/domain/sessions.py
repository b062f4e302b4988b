"""Logins and their tokens: a session is the family of refresh tokens that follow one another."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

Verdict = Literal["good", "parallel", "expired", "revoked", "reused"]


@dataclass(frozen=True, slots=True)
class Lifetimes:
    access: timedelta
    refresh: timedelta
    session: timedelta
    refresh_grace: timedelta = timedelta()
    """So long after its first use a refresh token is taken again, from another tab that asked at the same time."""


@dataclass(frozen=True, slots=True)
class Session:
    """One login of a user. Revoked, none of its tokens works any more."""

    tenant: str
    id: str
    user_id: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None
    client_id: str | None = None
    """The public client that it was opened for; only that one refreshes it."""


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """Good for one use. It stays known after that, so that a second use is noticed."""

    tenant: str
    token_hash: str = field(repr=False)
    session_id: str
    issued_at: datetime
    expires_at: datetime
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """An access token that may have to be revoked before it ends."""

    tenant: str
    id: str
    subject: str
    session_id: str | None
    expires_at: datetime
    revoked_at: datetime | None = None


def judged(token: RefreshToken, session: Session, now: datetime, grace: timedelta) -> Verdict:
    """What a refresh token is worth. Used again later than two tabs would, one of its users is a thief."""
    if session.revoked_at is not None:
        return "revoked"
    if token.used_at is not None and now >= token.used_at + grace:
        return "reused"
    if now >= min(token.expires_at, session.expires_at):
        return "expired"
    return "good" if token.used_at is None else "parallel"


def refresh_until(session: Session, lifetimes: Lifetimes, now: datetime) -> datetime:
    """However often it is refreshed, a session ends at its end."""
    return min(now + lifetimes.refresh, session.expires_at)

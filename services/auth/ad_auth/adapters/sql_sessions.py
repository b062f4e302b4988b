"""Sessions and their tokens in the database."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, delete, insert, select, union_all, update
from sqlalchemy.ext.asyncio import AsyncSession

from ad_auth.adapters import tables
from ad_auth.adapters.rows import as_row, many, one
from ad_auth.domain.accounts import User
from ad_auth.domain.sessions import IssuedToken, RefreshToken, Session
from ad_auth.ports import TokensBy

sessions = tables.sessions.c
refreshing = tables.refresh_tokens.c
tokens = tables.access_tokens.c
COLUMN_OF: dict[TokensBy, Column[Any]] = {
    "subject": tokens.subject,
    "session": tokens.session_id,
    "token": tokens.id,
}
users = tables.users.c
keys = tables.api_keys.c


class SqlSessions:
    _session: AsyncSession

    async def session(self, tenant: str, session_id: str) -> Session | None:
        query = select(tables.sessions).where(sessions.tenant == tenant, sessions.id == session_id)
        return await one(self._session, Session, query)

    async def add_session(self, session: Session) -> None:
        await self._session.execute(insert(tables.sessions), [as_row(tables.sessions, session)])

    async def revoke_session(self, session: Session, now: datetime) -> None:
        mine = update(tables.sessions).where(sessions.id == session.id, sessions.revoked_at.is_(None))
        await self._session.execute(mine.values(revoked_at=now))

    async def revoke_sessions_of(self, user: User, now: datetime) -> None:
        theirs = update(tables.sessions).where(sessions.user_id == user.id, sessions.revoked_at.is_(None))
        await self._session.execute(theirs.values(revoked_at=now))

    async def refresh_token(self, token_hash: str) -> RefreshToken | None:
        query = select(tables.refresh_tokens).where(refreshing.token_hash == token_hash)
        return await one(self._session, RefreshToken, query)

    async def add_refresh_token(self, token: RefreshToken) -> None:
        await self._session.execute(insert(tables.refresh_tokens), [as_row(tables.refresh_tokens, token)])

    async def use_refresh_token(self, token: RefreshToken, now: datetime) -> None:
        this = update(tables.refresh_tokens).where(refreshing.token_hash == token.token_hash)
        await self._session.execute(this.values(used_at=now))

    async def add_token(self, token: IssuedToken) -> None:
        await self._session.execute(insert(tables.access_tokens), [as_row(tables.access_tokens, token)])

    async def token(self, tenant: str, token_id: str) -> IssuedToken | None:
        query = select(tables.access_tokens).where(tokens.tenant == tenant, tokens.id == token_id)
        return await one(self._session, IssuedToken, query)

    async def revoke_tokens(self, tenant: str, by: TokensBy, value: str, now: datetime) -> list[IssuedToken]:
        if by in ("role", "tenant"):
            # Who is signing in now is waited for; who does it after that finds what was changed.
            for accounts in _accounts(tenant, by, value):
                await self._session.execute(accounts.with_for_update())
        which = [tokens.tenant == tenant, _issued(tenant, by, value), tokens.expires_at > now]
        open_ones = update(tables.access_tokens).where(*which, tokens.revoked_at.is_(None))
        await self._session.execute(open_ones.values(revoked_at=now))
        return await many(self._session, IssuedToken, select(tables.access_tokens).where(*which))

    async def revoked_tokens(self, now: datetime) -> list[IssuedToken]:
        query = select(tables.access_tokens).where(tokens.revoked_at.is_not(None), tokens.expires_at > now)
        return await many(self._session, IssuedToken, query)

    async def remove_expired(self, now: datetime) -> None:
        for table in (
            tables.access_tokens,
            tables.refresh_tokens,
            tables.authorization_codes,
            tables.sessions,
        ):
            await self._session.execute(delete(table).where(table.c.expires_at <= now))


def _issued(tenant: str, by: TokensBy, value: str) -> ColumnElement[bool]:
    if by in COLUMN_OF:
        return COLUMN_OF[by] == value
    return tokens.subject.in_(union_all(*_accounts(tenant, by, value)))


def _accounts(tenant: str, by: TokensBy, value: str) -> list[Select[tuple[str]]]:
    """The ids of users and keys of a tenant, or of those with a role; never of the services."""
    found = []
    for account in (users, keys):
        query = select(account.id).where(account.tenant == tenant)
        found.append(query.where(account.role == value) if by == "role" else query)
    return found

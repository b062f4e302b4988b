"""Codes of the authorization endpoint in the database."""

from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from ad_auth.adapters import tables
from ad_auth.adapters.rows import as_row, one
from ad_auth.domain.authorization import Code

codes = tables.authorization_codes.c


class SqlCodes:
    _session: AsyncSession

    async def code(self, code_hash: str) -> Code | None:
        query = select(tables.authorization_codes).where(codes.code_hash == code_hash)
        return await one(self._session, Code, query)

    async def add_code(self, code: Code) -> None:
        row = as_row(tables.authorization_codes, code)
        await self._session.execute(insert(tables.authorization_codes), [row])

    async def use_code(self, code: Code, session_id: str | None, now: datetime) -> None:
        this = update(tables.authorization_codes).where(codes.code_hash == code.code_hash)
        await self._session.execute(this.values(used_at=now, session_id=session_id))

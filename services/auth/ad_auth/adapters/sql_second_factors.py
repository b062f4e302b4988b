"""Second factors and recovery codes in the database."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from ad_auth.adapters import tables
from ad_auth.adapters.rows import as_row, one
from ad_auth.domain.accounts import User
from ad_auth.domain.second_factor import SecondFactor
from ad_chassis.database import upsert

factors = tables.second_factors.c
codes = tables.recovery_codes.c


class SqlSecondFactors:
    _session: AsyncSession

    async def second_factor(self, user: User) -> SecondFactor | None:
        query = select(tables.second_factors).where(factors.tenant == user.tenant, factors.user_id == user.id)
        return await one(self._session, SecondFactor, query)

    async def save_second_factor(self, factor: SecondFactor) -> None:
        row = as_row(tables.second_factors, factor)
        await upsert(self._session, tables.second_factors, [row], keys=["user_id"])

    async def remove_second_factor(self, user: User) -> bool:
        await self._session.execute(delete(tables.recovery_codes).where(codes.user_id == user.id))
        mine = delete(tables.second_factors).where(factors.user_id == user.id).returning(factors.user_id)
        return (await self._session.execute(mine)).one_or_none() is not None

    async def replace_recovery_codes(self, user: User, hashes: Iterable[str], now: datetime) -> None:
        await self._session.execute(delete(tables.recovery_codes).where(codes.user_id == user.id))
        rows = [
            {"tenant": user.tenant, "user_id": user.id, "code_hash": each, "created_at": now}
            for each in hashes
        ]
        await self._session.execute(insert(tables.recovery_codes), rows)

    async def use_recovery_code(self, user: User, code_hash: str) -> bool:
        mine = delete(tables.recovery_codes).where(codes.user_id == user.id, codes.code_hash == code_hash)
        return (await self._session.execute(mine.returning(codes.code_hash))).one_or_none() is not None

    async def recovery_codes_left(self, user: User) -> int:
        query = select(func.count()).where(codes.tenant == user.tenant, codes.user_id == user.id)
        return int((await self._session.execute(query)).scalar_one())

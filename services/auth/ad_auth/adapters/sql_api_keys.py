"""API keys in the database."""

from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from ad_auth.adapters import tables
from ad_auth.adapters.rows import as_row, many, one
from ad_auth.domain.accounts import ApiKey

keys = tables.api_keys.c


class SqlApiKeys:
    _session: AsyncSession

    async def api_key(self, key_id: str) -> ApiKey | None:
        query = select(tables.api_keys).where(keys.id == key_id)
        return await one(self._session, ApiKey, query.with_for_update())

    async def api_keys(self, tenant: str, after: str | None, limit: int) -> list[ApiKey]:
        query = select(tables.api_keys).where(keys.tenant == tenant, keys.id > (after or ""))
        return await many(self._session, ApiKey, query.order_by(keys.id).limit(limit))

    async def add_api_key(self, key: ApiKey) -> None:
        await self._session.execute(insert(tables.api_keys), [as_row(tables.api_keys, key)])

    async def save_api_key(self, key: ApiKey) -> None:
        values = as_row(tables.api_keys, key)
        await self._session.execute(update(tables.api_keys).where(keys.id == key.id).values(values))

    async def touch_api_key(self, key: ApiKey, now: datetime) -> None:
        query = update(tables.api_keys).where(keys.id == key.id).values(last_used_at=now)
        await self._session.execute(query)

    async def remove_api_key(self, key: ApiKey) -> None:
        await self._session.execute(delete(tables.api_keys).where(keys.id == key.id))

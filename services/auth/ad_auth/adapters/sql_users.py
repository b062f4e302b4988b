"""Tenants and users in the database."""

from datetime import datetime

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from ad_auth.adapters import tables
from ad_auth.adapters.rows import as_row, many, one
from ad_auth.domain.accounts import Tenant, User
from ad_auth.domain.roles import ADMINISTRATOR
from ad_chassis.database import upsert
from ad_chassis.errors import Conflict

users = tables.users.c
keys = tables.api_keys.c


class SqlUsers:
    _session: AsyncSession

    async def add_tenant(self, tenant: str, now: datetime) -> None:
        row = {"tenant": tenant, "created_at": now}
        await upsert(self._session, tables.tenants, [row], keys=["tenant"], update=())

    async def tenant(self, tenant: str) -> Tenant | None:
        return await one(
            self._session, Tenant, select(tables.tenants).where(tables.tenants.c.tenant == tenant)
        )

    async def tenants(self, after: str | None, limit: int) -> list[Tenant]:
        name = tables.tenants.c.tenant
        query = select(tables.tenants).where(name > (after or "")).order_by(name).limit(limit)
        return await many(self._session, Tenant, query)

    async def save_tenant(self, tenant: Tenant) -> None:
        query = update(tables.tenants).where(tables.tenants.c.tenant == tenant.tenant)
        await self._session.execute(query.values(as_row(tables.tenants, tenant)))

    async def lock_tenant(self, tenant: str) -> bool:
        query = select(tables.tenants.c.tenant).where(tables.tenants.c.tenant == tenant)
        found = await self._session.execute(query.with_for_update())
        return found.scalar_one_or_none() is not None

    async def administrators(self, tenant: str, but: str | None = None) -> int:
        people = select(func.count()).where(
            users.tenant == tenant,
            users.role == ADMINISTRATOR,
            users.streams.is_(None),
            users.suspended_at.is_(None),
            users.id != (but or ""),
        )
        lasting = select(func.count()).where(
            keys.tenant == tenant,
            keys.role == ADMINISTRATOR,
            keys.streams.is_(None),
            keys.expires_at.is_(None),
            keys.id != (but or ""),
        )
        return sum([(await self._session.execute(query)).scalar_one() for query in (people, lasting)])

    async def user(self, tenant: str, user_id: str) -> User | None:
        query = select(tables.users).where(users.tenant == tenant, users.id == user_id)
        return await one(self._session, User, query.with_for_update())

    async def user_by_name(self, tenant: str, username: str) -> User | None:
        query = select(tables.users).where(users.tenant == tenant, users.username == username)
        return await one(self._session, User, query)

    async def users(self, tenant: str, after: str | None, limit: int) -> list[User]:
        query = select(tables.users).where(users.tenant == tenant, users.username > (after or ""))
        return await many(self._session, User, query.order_by(users.username).limit(limit))

    async def add_user(self, user: User) -> None:
        try:
            await self._session.execute(insert(tables.users), [as_row(tables.users, user)])
        except IntegrityError as error:
            raise Conflict(f"there is a user {user.username!r} already; choose another name") from error

    async def save_user(self, user: User) -> None:
        values = as_row(tables.users, user)
        await self._session.execute(update(tables.users).where(users.id == user.id).values(values))

    async def remove_user(self, user: User) -> None:
        await self._session.execute(delete(tables.users).where(users.id == user.id))

"""Roles that tenants made, in the database."""

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from ad_auth.adapters import tables
from ad_auth.adapters.rows import as_row, many, one
from ad_auth.domain.roles import Role
from ad_chassis.errors import Conflict

roles = tables.roles.c
users = tables.users.c
keys = tables.api_keys.c


class SqlRoles:
    _session: AsyncSession

    async def role(self, tenant: str, name: str) -> Role | None:
        query = select(tables.roles).where(roles.tenant == tenant, roles.name == name)
        return await one(self._session, Role, query)

    async def roles(self, tenant: str) -> list[Role]:
        query = select(tables.roles).where(roles.tenant == tenant).order_by(roles.name)
        return await many(self._session, Role, query)

    async def add_role(self, role: Role) -> None:
        try:
            await self._session.execute(insert(tables.roles), [as_row(tables.roles, role)])
        except IntegrityError as error:
            raise Conflict(
                f"there is a role {role.name!r} already; change it, or choose another name"
            ) from error

    async def save_role(self, role: Role) -> None:
        query = update(tables.roles).where(roles.tenant == role.tenant, roles.name == role.name)
        await self._session.execute(query.values(as_row(tables.roles, role)))

    async def remove_role(self, role: Role) -> None:
        query = delete(tables.roles).where(roles.tenant == role.tenant, roles.name == role.name)
        await self._session.execute(query)

    async def holders(self, tenant: str, role: str, limit: int) -> list[str]:
        people = select(users.username).where(users.tenant == tenant, users.role == role)
        named = select(keys.name).where(keys.tenant == tenant, keys.role == role)
        found = [
            f"{what} {name!r}"
            for what, query in (("user", people), ("API key", named))
            for name in await self._session.scalars(query.limit(limit))
        ]
        return found[:limit]

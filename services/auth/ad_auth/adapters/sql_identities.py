"""Who is whom at external providers, in the database."""

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from ad_auth.adapters import tables
from ad_auth.adapters.rows import as_row, one
from ad_auth.domain.external import Identity

identities = tables.identities.c


class SqlIdentities:
    _session: AsyncSession

    async def identity(self, tenant: str, issuer: str, subject: str) -> Identity | None:
        query = select(tables.identities).where(
            identities.tenant == tenant, identities.issuer == issuer, identities.subject == subject
        )
        return await one(self._session, Identity, query)

    async def add_identity(self, identity: Identity) -> None:
        await self._session.execute(insert(tables.identities), [as_row(tables.identities, identity)])

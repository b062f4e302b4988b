"""Signing keys in the database, where all processes of auth find the same."""

from sqlalchemy import select, update

from ad_auth.adapters import tables
from ad_auth.adapters.rows import as_row, many
from ad_auth.domain.signing_keys import SigningKey
from ad_chassis.database import EVERY_TENANT, Database, upsert

keys = tables.signing_keys.c


class SqlSigningKeys:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> list[SigningKey]:
        async with self._database.session(EVERY_TENANT, read_only=True) as session:
            return await many(session, SigningKey, select(tables.signing_keys).order_by(keys.generation))

    async def add(self, key: SigningKey) -> None:
        async with self._database.session(EVERY_TENANT) as session:
            row = as_row(tables.signing_keys, key)
            await upsert(session, tables.signing_keys, [row], keys=["generation"], update=())
            older = update(tables.signing_keys).where(
                keys.generation < key.generation, keys.retired_at.is_(None)
            )
            await session.execute(older.values(retired_at=key.signs_from))

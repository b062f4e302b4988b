"""What a service holds of a tenant, in its tables and in the object store: to be handed out, or erased."""

from collections import Counter
from collections.abc import AsyncIterator, Collection, Mapping
from typing import Any

from sqlalchemy import Column, MetaData, Table, delete, select, tuple_

from ad_chassis.database import Database
from ad_chassis.objects import ObjectStore

KEPT = "ad_kept"
"""In a table's `info`: why the rows of a tenant stay when it is erased. They are not handed out either."""
PAGE = 1_000
AT_ONCE = 5_000


class Holdings:
    """`columns` names what is handed out of each table; of a service that keeps no secrets everything is."""

    def __init__(
        self,
        database: Database,
        metadata: MetaData,
        objects: ObjectStore,
        folders: Collection[str] = (),
        columns: Mapping[str, Collection[str]] | None = None,
    ) -> None:
        self._database = database
        self._objects = objects
        self._folders = tuple(folders)
        self._columns = columns
        # Those that refer to others come first when rows go.
        self._tables = [
            each for each in reversed(metadata.sorted_tables) if "tenant" in each.c and KEPT not in each.info
        ]

    async def rows(self, tenant: str) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        """Every row with its table, without secrets; a page is a transaction, so nobody waits for a slow reader."""
        for table in reversed(self._tables):
            shown = self._shown(table)
            if shown:
                async for row in self._rows_of(table, shown, tenant):
                    yield str(table.name), row

    async def objects(self, tenant: str) -> dict[str, int]:
        """Keys and sizes in bytes."""
        found = [each for folder in self._folders for each in await self._objects.list(f"{folder}/{tenant}")]
        return {each.key: each.size_bytes for each in found if each.key.split("/")[1] == tenant}

    async def holds(self, tenant: str, key: str) -> bool:
        """Whether there is an object of that key, and it is that tenant's."""
        folder, _, rest = key.partition("/")
        parts = rest.split("/")
        clean = len(parts) > 1 and not {"", ".", ".."} & set(parts) and key.isprintable() and "\\" not in key
        if not clean or folder not in self._folders or parts[0] != tenant:
            return False
        return await self._objects.size(key) is not None

    def stream(self, key: str) -> AsyncIterator[bytes]:
        return self._objects.stream(key)

    async def erase(self, tenant: str) -> Counter[str]:
        """How many rows and objects went, by table and folder. A second time finds nothing."""
        erased: Counter[str] = Counter()
        for table in self._tables:
            erased[str(table.name)] = await self._erase_rows(table, tenant)
        for key in await self.objects(tenant):
            await self._objects.delete(key)
            erased[key.split("/")[0] + "/"] += 1
        return +erased

    def _shown(self, table: Table) -> list[Column[Any]]:
        if self._columns is None:
            return list(table.columns)
        return [table.c[name] for name in self._columns.get(table.name, ())]

    async def _rows_of(
        self, table: Table, shown: list[Column[Any]], tenant: str
    ) -> AsyncIterator[dict[str, Any]]:
        key = list(table.primary_key.columns)
        query = select(*shown, *key).where(table.c.tenant == tenant).order_by(*key).limit(PAGE)
        after = query
        while True:
            async with self._database.session(tenant, read_only=True) as session:
                rows = (await session.execute(after)).all()
            for row in rows:
                yield {str(column.name): row[place] for place, column in enumerate(shown)}
            if len(rows) < PAGE:
                return
            after = query.where(tuple_(*key) > tuple_(*rows[-1][len(shown) :]))

    async def _erase_rows(self, table: Table, tenant: str) -> int:
        """Some thousands in a transaction, so that others get their turn."""
        key = list(table.primary_key.columns)
        some = select(*key).where(table.c.tenant == tenant).limit(AT_ONCE)
        gone = delete(table).where(table.c.tenant == tenant, tuple_(*key).in_(some)).returning(key[0])
        total = 0
        while True:
            async with self._database.session(tenant) as session:
                count = len((await session.execute(gone)).all())
            total += count
            if count < AT_ONCE:
                return total

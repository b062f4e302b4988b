"""Insert, or update what is there already: the same statement on both databases."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

# SQLite takes 32,766 parameters in one statement, PostgreSQL 32,767 through asyncpg.
MAX_PARAMETERS = 30_000


async def upsert(
    session: AsyncSession,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    *,
    keys: Sequence[str],
    update: Iterable[str] | None = None,
) -> None:
    """Stores rows by their `keys`, which a unique constraint covers; of equal keys the last row counts.

    `update` names the columns to replace in an existing row: all the others unless told, none for `()`.
    """
    unique = list({tuple(row[key] for key in keys): row for row in rows}.values())
    if not unique:
        return
    changed = [name for name in unique[0] if name not in keys] if update is None else list(update)
    size = max(1, MAX_PARAMETERS // len(unique[0]))
    for start in range(0, len(unique), size):
        await session.execute(_statement(session, table, unique[start : start + size], keys, changed))


def _statement(
    session: AsyncSession,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    keys: Sequence[str],
    changed: Sequence[str],
) -> Any:
    dialect = session.get_bind().dialect.name
    values = [dict(row) for row in rows]
    insert: Any = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(table).values(values)
    if not changed:
        return insert.on_conflict_do_nothing(index_elements=list(keys))
    return insert.on_conflict_do_update(
        index_elements=list(keys), set_={name: insert.excluded[name] for name in changed}
    )

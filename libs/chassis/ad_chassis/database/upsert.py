"""Insert, or update what is there already: the same statement on both databases."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

# SQLite takes 32,766 parameters in one statement, PostgreSQL 32,767 through asyncpg.
MAX_PARAMETERS = 30_000
Row = Mapping[str, Any]
Merge = Callable[[Any], Mapping[str, Any]]
"""Gives the new values of a row that is there, from the columns of the row that was to be inserted."""


async def upsert(
    session: AsyncSession,
    table: Table,
    rows: Sequence[Row],
    *,
    keys: Sequence[str],
    update: Iterable[str] | Merge | None = None,
) -> None:
    """Stores rows by their `keys`, which a unique constraint covers; of equal keys the last row counts.

    `update` names the columns to replace in an existing row: all the others unless told, none for `()`; or it says
    what becomes of both rows.
    """
    unique = list({tuple(row[key] for key in keys): row for row in rows}.values())
    if not unique:
        return
    merge = update if callable(update) else _replacing(_changed(unique[0], keys, update))
    for insert in _inserts(session, table, unique):
        changes = merge(insert.excluded)
        if changes:
            await session.execute(insert.on_conflict_do_update(index_elements=list(keys), set_=changes))
        else:
            await session.execute(insert.on_conflict_do_nothing(index_elements=list(keys)))


async def insert_new(session: AsyncSession, table: Table, rows: Sequence[Row], *, key: str) -> set[Any]:
    """Stores the rows whose `key` is not there yet, and gives the keys that are new; of equal keys the first counts."""
    unique = list({row[key]: row for row in reversed(rows)}.values())
    new: set[Any] = set()
    for insert in _inserts(session, table, unique):
        statement = insert.on_conflict_do_nothing(index_elements=[key]).returning(table.c[key])
        new |= set(await session.scalars(statement))
    return new


def _changed(row: Row, keys: Sequence[str], update: Iterable[str] | None) -> list[str]:
    return [name for name in row if name not in keys] if update is None else list(update)


def _replacing(names: Sequence[str]) -> Merge:
    return lambda new: {name: new[name] for name in names}


def _inserts(session: AsyncSession, table: Table, rows: Sequence[Row]) -> Iterator[Any]:
    """Statements that insert the rows, each no larger than the databases take."""
    insert: Any = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    size = max(1, MAX_PARAMETERS // len(rows[0])) if rows else 1
    for start in range(0, len(rows), size):
        yield insert(table).values([dict(row) for row in rows[start : start + size]])

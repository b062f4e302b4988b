"""Insert, or update what is there already: the same statement on both databases."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

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
    insert = _insert(session, table)
    merge = update if callable(update) else _replacing(_changed(unique[0], keys, update))
    changes = merge(insert.excluded)
    conflict = {"index_elements": list(keys)}
    statement = (
        insert.on_conflict_do_update(**conflict, set_=changes)
        if changes
        else insert.on_conflict_do_nothing(**conflict)
    )
    await session.execute(statement, [dict(row) for row in unique])


async def insert_new(session: AsyncSession, table: Table, rows: Sequence[Row], *, key: str) -> set[Any]:
    """Stores the rows whose `key` is not there yet, and gives the keys that are new; of equal keys the first counts."""
    unique = list({row[key]: dict(row) for row in reversed(rows)}.values())
    if not unique:
        return set()
    statement = _insert(session, table).on_conflict_do_nothing(index_elements=[key]).returning(table.c[key])
    return set(await session.scalars(statement, unique))


def _changed(row: Row, keys: Sequence[str], update: Iterable[str] | None) -> list[str]:
    return [name for name in row if name not in keys] if update is None else list(update)


def _replacing(names: Sequence[str]) -> Merge:
    return lambda new: {name: new[name] for name in names}


def _insert(session: AsyncSession, table: Table) -> Any:
    """Without its rows: a statement with them would be compiled anew for every number of rows."""
    return (postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert)(table)

"""Between rows and the frozen classes of the domain, whose fields are named like the columns."""

from typing import Any, TypeVar

from sqlalchemy import Row, Select, Table
from sqlalchemy.ext.asyncio import AsyncSession

Thing = TypeVar("Thing")


def as_row(table: Table, thing: object) -> dict[str, Any]:
    return {column.name: getattr(thing, column.name) for column in table.columns}


def as_thing(kind: type[Thing], row: Row[Any]) -> Thing:
    return kind(**row._asdict())


async def one(session: AsyncSession, kind: type[Thing], query: Select[Any]) -> Thing | None:
    row = (await session.execute(query)).one_or_none()
    return as_thing(kind, row) if row else None


async def many(session: AsyncSession, kind: type[Thing], query: Select[Any]) -> list[Thing]:
    return [as_thing(kind, row) for row in await session.execute(query)]

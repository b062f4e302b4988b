"""Transactions that count first and add then must not count at the same time."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

TURN = text("SELECT pg_advisory_xact_lock(hashtextextended(:what, 0))")


async def in_turn(session: AsyncSession, what: str) -> None:
    """Waits for others who are at the same thing. On SQLite who writes is alone anyway."""
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(TURN, {"what": what})

"""Marks dead letters as replayed, in the transaction in which they are: so each of them is replayed once."""

from collections.abc import Sequence

from ad_chassis.errors import Conflict
from ad_ingestion.domain.dead_letters import DeadLetter
from ad_ingestion.ports import Transaction


async def mark_replayed(work: Transaction, letters: Sequence[DeadLetter], now_ms: int) -> None:
    """Raises `Conflict`, which undoes the transaction, when somebody else was faster."""
    if letters and not await work.mark_replayed(letters, now_ms):
        raise Conflict(
            "some of these dead letters were replayed or purged by somebody else meanwhile; "
            "nothing of them was sent, try again"
        )

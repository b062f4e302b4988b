"""Forgetting in the embedded log: by the time of arrival, not by the records' own timestamps.

A replay of last year's data must not vanish at once, so retention goes by marks of arrival.
"""

import sqlite3

from ad_chassis.eventlog.embedded_schema import OFFSET_BITS
from ad_chassis.eventlog.embedded_store import MARK_EVERY_MS

TOMBSTONES_KEPT_MS = 24 * 3_600_000
CHUNK_OFFSETS = 20_000


def expired(db: sqlite3.Connection, now_ms: int) -> list[tuple[int, int, bool]]:
    """(partition id, first offset to keep, compacted) of every partition that has something to forget."""
    rows = db.execute(
        "SELECT p.id, p.next_offset, p.mark_ms, t.retention_ms, t.compacted"
        " FROM partitions p JOIN topics t ON t.name = p.topic"
        " WHERE (t.compacted OR t.retention_ms IS NOT NULL) AND p.begin_offset < p.next_offset"
    ).fetchall()
    found = []
    for partition_id, next_offset, mark_ms, retention_ms, compacted in rows:
        cutoff_ms = now_ms - (TOMBSTONES_KEPT_MS if compacted else retention_ms)
        keep_from = (
            next_offset if mark_ms + MARK_EVERY_MS <= cutoff_ms else _mark(db, partition_id, cutoff_ms)
        )
        if keep_from:
            found.append((partition_id, keep_from, bool(compacted)))
    return found


def _mark(db: sqlite3.Connection, partition_id: int, cutoff_ms: int) -> int:
    """Everything below the newest mark before the cut-off had arrived by then."""
    (offset,) = db.execute(
        "SELECT max(offset) FROM marks WHERE partition_id = ? AND appended_ms <= ?", (partition_id, cutoff_ms)
    ).fetchone()
    return offset or 0


def forget(db: sqlite3.Connection, partition_id: int, keep_from: int) -> bool:
    """Removes one chunk below `keep_from`; true while there is more, so that writers get a turn."""
    (begin,) = db.execute("SELECT begin_offset FROM partitions WHERE id = ?", (partition_id,)).fetchone()
    upto = min(keep_from, begin + CHUNK_OFFSETS)
    if upto <= begin:
        return False
    base = partition_id << OFFSET_BITS
    db.execute("DELETE FROM messages WHERE id >= ? AND id < ?", (base, base + upto))
    db.execute("UPDATE partitions SET begin_offset = ? WHERE id = ?", (upto, partition_id))
    db.execute("DELETE FROM marks WHERE partition_id = ? AND offset < ?", (partition_id, upto))
    return bool(upto < keep_from)


def forget_tombstones(db: sqlite3.Connection, partition_id: int, keep_from: int) -> None:
    base = partition_id << OFFSET_BITS
    gone = db.execute(
        "DELETE FROM messages WHERE id >= ? AND id < ? AND value IS NULL RETURNING key",
        (base, base + keep_from),
    ).fetchall()
    db.executemany(
        "DELETE FROM latest WHERE partition_id = ? AND key = ?", [(partition_id, key) for (key,) in gone]
    )
    db.execute("DELETE FROM marks WHERE partition_id = ? AND offset < ?", (partition_id, keep_from))

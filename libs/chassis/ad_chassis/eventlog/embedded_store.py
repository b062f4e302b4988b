"""What the embedded log does to its tables. Each function runs inside the caller's transaction."""

import sqlite3
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ad_chassis.eventlog.embedded_schema import (
    OFFSET_BITS,
    OFFSET_MASK,
    StoredRecord,
    note_regrouping,
    pack_headers,
)
from ad_chassis.eventlog.errors import CommitFailed
from ad_chassis.eventlog.port import Message, TopicConfig, TopicPartition

MARK_EVERY_MS = 10_000
CHUNK_ROWS = 512


@dataclass(frozen=True, slots=True)
class Topic:
    name: str
    partition_ids: tuple[int, ...]
    compacted: bool


class Fetched(NamedTuple):
    records: list[StoredRecord]
    end_offset: int


def create_topics(db: sqlite3.Connection, topics: Mapping[str, TopicConfig]) -> None:
    for name, config in topics.items():
        if config.partitions < 1:
            raise CommitFailed(f"topic {name!r} needs at least one partition, not {config.partitions}")
        retention_ms = None if config.retention_hours is None else int(config.retention_hours * 3_600_000)
        made = db.execute(
            "INSERT OR IGNORE INTO topics VALUES (?, ?, ?, ?)",
            (name, config.partitions, retention_ms, config.compacted),
        )
        if made.rowcount:
            numbers = ((name, number) for number in range(config.partitions))
            db.executemany("INSERT INTO partitions (topic, partition) VALUES (?, ?)", numbers)
            note_regrouping(db)


def find_topics(db: sqlite3.Connection, names: Iterable[str]) -> dict[str, Topic]:
    found = {}
    for name in names:
        row = db.execute("SELECT compacted FROM topics WHERE name = ?", (name,)).fetchone()
        if row is not None:
            ids = db.execute(
                "SELECT id FROM partitions WHERE topic = ? ORDER BY partition", (name,)
            ).fetchall()
            found[name] = Topic(name, tuple(partition_id for (partition_id,) in ids), bool(row[0]))
    return found


def list_topics(db: sqlite3.Connection) -> dict[str, int]:
    return dict(db.execute("SELECT name, partitions FROM topics ORDER BY name").fetchall())


def append(
    db: sqlite3.Connection,
    messages: Sequence[Message],
    topics: Mapping[str, Topic],
    choose: Callable[[Message, int], int],
) -> list[tuple[TopicPartition, int]]:
    """Gives every message the next offset of its partition, without gaps."""
    now_ms = time.time_ns() // 1_000_000
    by_partition: dict[TopicPartition, list[int]] = defaultdict(list)
    for index, message in enumerate(messages):
        topic = topics[message.topic]
        by_partition[TopicPartition(message.topic, choose(message, len(topic.partition_ids)))].append(index)
    places: list[tuple[TopicPartition, int]] = [(TopicPartition("", 0), 0)] * len(messages)
    for source, indexes in by_partition.items():
        topic = topics[source.topic]
        partition_id = topic.partition_ids[source.partition]
        own = [messages[index] for index in indexes]
        first = _insert(db, partition_id, own, now_ms)
        for offset, index in enumerate(indexes, first):
            places[index] = (source, offset)
        if topic.compacted:
            _compact(db, partition_id, own, first)
    return places


def _insert(db: sqlite3.Connection, partition_id: int, messages: Sequence[Message], now_ms: int) -> int:
    first, mark_ms = db.execute(
        "SELECT next_offset, mark_ms FROM partitions WHERE id = ?", (partition_id,)
    ).fetchone()
    db.executemany(
        "INSERT INTO messages VALUES (?, ?, ?, ?, ?)",
        (
            (
                row_id,
                now_ms if m.timestamp_ms is None else m.timestamp_ms,
                m.key,
                m.value,
                pack_headers(m.headers),
            )
            for row_id, m in enumerate(messages, (partition_id << OFFSET_BITS) + first)
        ),
    )
    if now_ms - mark_ms >= MARK_EVERY_MS:
        db.execute("INSERT OR IGNORE INTO marks VALUES (?, ?, ?)", (partition_id, now_ms, first))
        mark_ms = now_ms
    db.execute(
        "UPDATE partitions SET next_offset = ?, mark_ms = ? WHERE id = ?",
        (first + len(messages), mark_ms, partition_id),
    )
    return int(first)


def _compact(db: sqlite3.Connection, partition_id: int, messages: Sequence[Message], first: int) -> None:
    """Keeps the newest message per key, at once: compacted topics are small and rarely written."""
    for offset, message in enumerate(messages, first):
        if message.key is None:
            raise CommitFailed(f"a message for the compacted topic {message.topic!r} needs a key")
        older = db.execute(
            "SELECT offset FROM latest WHERE partition_id = ? AND key = ?", (partition_id, message.key)
        ).fetchone()
        if older is not None:
            db.execute("DELETE FROM messages WHERE id = ?", ((partition_id << OFFSET_BITS) + older[0],))
        db.execute("INSERT OR REPLACE INTO latest VALUES (?, ?, ?)", (partition_id, message.key, offset))


def fetch(
    db: sqlite3.Connection,
    positions: Iterable[tuple[int, int]],
    max_records: int,
    max_bytes: int,
    stop: int = OFFSET_MASK,
) -> list[Fetched]:
    """The next records of each (partition id, offset), until the numbers together reach a limit."""
    fetched = []
    for partition_id, offset in positions:
        (end_offset,) = db.execute(
            "SELECT next_offset FROM partitions WHERE id = ?", (partition_id,)
        ).fetchone()
        records: list[StoredRecord] = []
        if offset < min(end_offset, stop) and max_records > 0 and max_bytes > 0:
            records, size_bytes = _scan(db, partition_id, offset, stop, max_records, max_bytes)
            max_records -= len(records)
            max_bytes -= size_bytes
        elif offset < end_offset:
            end_offset = offset
        fetched.append(Fetched(records, end_offset))
    return fetched


def _scan(
    db: sqlite3.Connection, partition_id: int, start: int, stop: int, max_records: int, max_bytes: int
) -> tuple[list[StoredRecord], int]:
    base = partition_id << OFFSET_BITS
    cursor = db.execute(
        "SELECT id & ?, timestamp, key, value, headers FROM messages"
        " WHERE id >= ? AND id < ? ORDER BY id LIMIT ?",
        (OFFSET_MASK, base + start, base + stop, max_records),
    )
    records: list[StoredRecord] = []
    size_bytes = 0
    while size_bytes < max_bytes:
        chunk = list(map(StoredRecord._make, cursor.fetchmany(_chunk_rows(records, size_bytes))))
        if not chunk:
            break
        records += chunk
        size_bytes += sum(len(record.value) for record in chunk if record.value)
    return records, size_bytes


def _chunk_rows(records: Sequence[StoredRecord], size_bytes: int) -> int:
    """Few rows at a time while they are large, so that the limit in bytes is not overshot by much."""
    if not records:
        return 1
    return max(1, min(CHUNK_ROWS, (1 << 20) // (size_bytes // len(records) + 1)))


def stored_ms(db: sqlite3.Connection, partition_id: int, offset: int) -> int | None:
    """When the first record from this offset on was stored."""
    first = (partition_id << OFFSET_BITS) + offset
    row = db.execute(
        "SELECT timestamp FROM messages WHERE id >= ? AND id < ? ORDER BY id LIMIT 1",
        (first, (partition_id + 1) << OFFSET_BITS),
    ).fetchone()
    return None if row is None else int(row[0])


def offsets(db: sqlite3.Connection, partition_ids: Iterable[int]) -> dict[int, tuple[int, int]]:
    """Per partition id, the oldest offset that is kept and the next one to be given."""
    statement = "SELECT begin_offset, next_offset FROM partitions WHERE id = ?"
    return {number: db.execute(statement, (number,)).fetchone() for number in partition_ids}

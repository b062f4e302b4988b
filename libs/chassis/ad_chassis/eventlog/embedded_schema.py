"""The tables of the embedded log, and how a row of `messages` reads as a record."""

import sqlite3
from typing import NamedTuple

import msgspec

from ad_chassis.eventlog.port import Headers

# A message's row id is its partition's id and its offset in one integer, so that a partition is one range of
# the table's own B-tree: appending and scanning need no index besides.
OFFSET_BITS = 42
OFFSET_MASK = (1 << OFFSET_BITS) - 1

SCHEMA = """
CREATE TABLE IF NOT EXISTS topics (
    name TEXT PRIMARY KEY, partitions INTEGER NOT NULL, retention_ms INTEGER, compacted INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS partitions (
    id INTEGER PRIMARY KEY, topic TEXT NOT NULL, partition INTEGER NOT NULL,
    next_offset INTEGER NOT NULL DEFAULT 0, begin_offset INTEGER NOT NULL DEFAULT 0,
    mark_ms INTEGER NOT NULL DEFAULT 0, UNIQUE (topic, partition)
);
CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY, timestamp INTEGER NOT NULL, key BLOB, value BLOB, headers BLOB
);
CREATE TABLE IF NOT EXISTS marks (
    partition_id INTEGER NOT NULL, appended_ms INTEGER NOT NULL, offset INTEGER NOT NULL,
    PRIMARY KEY (partition_id, appended_ms)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS latest (
    partition_id INTEGER NOT NULL, key BLOB NOT NULL, offset INTEGER NOT NULL, PRIMARY KEY (partition_id, key)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS members (
    group_name TEXT NOT NULL, member TEXT NOT NULL, topics TEXT NOT NULL, expires_ms INTEGER NOT NULL,
    PRIMARY KEY (group_name, member)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS owners (
    group_name TEXT NOT NULL, partition_id INTEGER NOT NULL, member TEXT, epoch INTEGER NOT NULL,
    PRIMARY KEY (group_name, partition_id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS committed (
    group_name TEXT NOT NULL, partition_id INTEGER NOT NULL, offset INTEGER NOT NULL, metadata TEXT NOT NULL,
    PRIMARY KEY (group_name, partition_id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS regroupings (id INTEGER PRIMARY KEY CHECK (id = 0), number INTEGER NOT NULL);
INSERT OR IGNORE INTO regroupings VALUES (0, 0);
"""

_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(list[tuple[str, bytes]]).decode


class StoredRecord(NamedTuple):
    """A row as it comes out of SQLite; the headers are unpacked only when somebody looks."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    packed_headers: bytes | None

    @property
    def headers(self) -> Headers:
        return _unpack(self.packed_headers) if self.packed_headers else ()


def pack_headers(headers: Headers) -> bytes | None:
    return _pack(list(headers)) if headers else None


def create_tables(db: sqlite3.Connection) -> None:
    for statement in SCHEMA.split(";\n"):
        db.execute(statement)


def note_regrouping(db: sqlite3.Connection) -> None:
    """Lets every consumer, in whichever process, look again at who owns what."""
    db.execute("UPDATE regroupings SET number = number + 1")

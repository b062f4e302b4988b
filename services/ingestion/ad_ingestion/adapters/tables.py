"""The tables of ingestion."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from ad_chassis.database import JsonDocument, UtcDateTime, new_metadata
from ad_chassis.database.outbox import outbox_table

SERVICE = "ingestion"
metadata = new_metadata()
Counter = BigInteger().with_variant(Integer, "sqlite")

streams = Table(
    "streams",
    metadata,
    Column("tenant", String(63), primary_key=True),
    Column("name", String(63), primary_key=True),
    Column("generation", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("deleted", Boolean, nullable=False),
    Column("topic", String(255), nullable=False),
    Column("schema", Text, nullable=True),
    Column("hints", JsonDocument, nullable=False),
    Column("settings", JsonDocument, nullable=False),
    Column("accepted", BigInteger, nullable=False),
    Column("rejected", BigInteger, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
)

lake_files = Table(
    "lake_files",
    metadata,
    Column("id", Counter, primary_key=True, autoincrement=True),
    Column("tenant", String(63), nullable=False),
    Column("stream", String(63), nullable=False),
    Column("generation", Integer, nullable=False),
    Column("key", String(255), nullable=False),
    Column("rows", Integer, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("min_time_ms", BigInteger, nullable=False),
    Column("max_time_ms", BigInteger, nullable=False),
    Column("accepted_ms", BigInteger, nullable=False),
    Index("ix_lake_files_stream", "tenant", "stream", "generation", "id"),
)

replaced_files = Table(
    "replaced_files",
    metadata,
    Column("key", String(255), primary_key=True),
    Column("replaced_ms", BigInteger, nullable=False),
)

unpublished = Table(
    "unpublished",
    metadata,
    Column("file_id", Counter, primary_key=True, autoincrement=False),
    Column("batch_id", String(64), nullable=False),
    Column("lake_key", String(255), nullable=False),
    Column("tenant", String(63), nullable=False),
    Column("stream", String(63), nullable=False),
    Column("generation", Integer, nullable=False),
    Column("topic", String(255), nullable=False),
    Column("since", JsonDocument, nullable=False),
    Column("owner", String(160), nullable=False),
    Column("accepted_ms", BigInteger, nullable=False),
)

receipts = Table(
    "receipts",
    metadata,
    Column("tenant", String(63), primary_key=True),
    Column("stream", String(63), primary_key=True),
    Column("generation", Integer, primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("body_sha256", String(64), nullable=False),
    Column("receipt", JsonDocument, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Index("ix_receipts_created_ms", "created_ms"),
)

dead_letters = Table(
    "dead_letters",
    metadata,
    Column("id", Counter, primary_key=True, autoincrement=True),
    Column("tenant", String(63), nullable=False),
    Column("event_id", String(400), nullable=False),
    Column("stream", String(63), nullable=True),
    Column("reason", Text, nullable=False),
    Column("field", Text, nullable=True),
    Column("raw", LargeBinary, nullable=False),
    Column("content_type", Text, nullable=True),
    Column("topic", String(255), nullable=True),
    Column("partition", Integer, nullable=True),
    Column("offset", BigInteger, nullable=True),
    Column("row", BigInteger, nullable=False),
    Column("source", String(16), nullable=False),
    Column("rejected_time_ms", BigInteger, nullable=False),
    Column("headers", LargeBinary, nullable=True),
    Column("kind", Text, nullable=False, server_default=""),
    Column("state", String(16), nullable=False, server_default="open"),
    Column("replayed_ms", BigInteger, nullable=True),
    UniqueConstraint("tenant", "event_id"),
    Index("ix_dead_letters_stream", "tenant", "stream", "id"),
    Index("ix_dead_letters_rejected_time_ms", "rejected_time_ms"),
)

outbox = outbox_table(metadata, SERVICE)

"""Streams, lake files, receipts, dead letters, outbox.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op

from ad_chassis.database import JsonDocument, UtcDateTime

revision = "0001"
down_revision = None


def counter() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer, "sqlite")


def of_stream() -> list[sa.Column[object]]:
    return [
        sa.Column("tenant", sa.String(63), nullable=False),
        sa.Column("stream", sa.String(63), nullable=False),
        sa.Column("generation", sa.Integer, nullable=False),
    ]


def upgrade() -> None:
    op.create_table(
        "streams",
        sa.Column("tenant", sa.String(63), nullable=False),
        sa.Column("name", sa.String(63), nullable=False),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("deleted", sa.Boolean, nullable=False),
        sa.Column("topic", sa.String(255), nullable=False),
        sa.Column("schema", sa.Text, nullable=True),
        sa.Column("hints", JsonDocument, nullable=False),
        sa.Column("settings", JsonDocument, nullable=False),
        sa.Column("accepted", sa.BigInteger, nullable=False),
        sa.Column("rejected", sa.BigInteger, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("changed_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "name", name="pk_streams"),
    )
    create_lake()
    op.create_table(
        "receipts",
        *of_stream(),
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("body_sha256", sa.String(64), nullable=False),
        sa.Column("receipt", JsonDocument, nullable=False),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "stream", "generation", "key", name="pk_receipts"),
    )
    op.create_index("ix_receipts_created_ms", "receipts", ["created_ms"])
    create_dead_letters()
    op.create_table(
        "outbox_ingestion",
        sa.Column("id", counter(), nullable=False, autoincrement=True),
        sa.Column("topic", sa.String(255), nullable=False),
        sa.Column("key", sa.LargeBinary, nullable=True),
        sa.Column("value", sa.LargeBinary, nullable=True),
        sa.Column("headers", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_outbox_ingestion"),
    )


def create_lake() -> None:
    op.create_table(
        "lake_files",
        sa.Column("id", counter(), nullable=False, autoincrement=True),
        *of_stream(),
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("rows", sa.Integer, nullable=False),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
        sa.Column("min_time_ms", sa.BigInteger, nullable=False),
        sa.Column("max_time_ms", sa.BigInteger, nullable=False),
        sa.Column("accepted_ms", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_lake_files"),
    )
    op.create_index("ix_lake_files_stream", "lake_files", ["tenant", "stream", "generation", "id"])
    op.create_table(
        "replaced_files",
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("replaced_ms", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_replaced_files"),
    )
    op.create_table(
        "unpublished",
        sa.Column("file_id", counter(), nullable=False, autoincrement=False),
        sa.Column("batch_id", sa.String(64), nullable=False),
        sa.Column("lake_key", sa.String(255), nullable=False),
        *of_stream(),
        sa.Column("topic", sa.String(255), nullable=False),
        sa.Column("since", JsonDocument, nullable=False),
        sa.Column("owner", sa.String(160), nullable=False),
        sa.Column("accepted_ms", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("file_id", name="pk_unpublished"),
    )


def create_dead_letters() -> None:
    op.create_table(
        "dead_letters",
        sa.Column("id", counter(), nullable=False, autoincrement=True),
        sa.Column("tenant", sa.String(63), nullable=False),
        sa.Column("event_id", sa.String(400), nullable=False),
        sa.Column("stream", sa.String(63), nullable=True),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("field", sa.Text, nullable=True),
        sa.Column("raw", sa.LargeBinary, nullable=False),
        sa.Column("content_type", sa.Text, nullable=True),
        sa.Column("topic", sa.String(255), nullable=True),
        sa.Column("partition", sa.Integer, nullable=True),
        sa.Column("offset", sa.BigInteger, nullable=True),
        sa.Column("row", sa.BigInteger, nullable=False),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("rejected_time_ms", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_dead_letters"),
        sa.UniqueConstraint("tenant", "event_id", name="uq_dead_letters_tenant_event_id"),
    )
    op.create_index("ix_dead_letters_stream", "dead_letters", ["tenant", "stream", "id"])


def downgrade() -> None:
    for table in (
        "outbox_ingestion",
        "dead_letters",
        "receipts",
        "unpublished",
        "replaced_files",
        "lake_files",
        "streams",
    ):
        op.drop_table(table)

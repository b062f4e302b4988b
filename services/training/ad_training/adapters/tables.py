"""The tables of training."""

from sqlalchemy import Boolean, Column, Float, Index, Integer, String, Table, Text

from ad_chassis.database import JsonDocument, UtcDateTime, new_metadata
from ad_chassis.database.outbox import outbox_table

SERVICE = "training"
metadata = new_metadata()

jobs = Table(
    "training_jobs",
    metadata,
    Column("tenant", String(63), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("model", String(63), nullable=False),
    Column("algorithm", String(63), nullable=False),
    Column("parameters", JsonDocument, nullable=False),
    Column("contamination", Float(53), nullable=False),
    Column("columns", JsonDocument, nullable=False),
    Column("source", JsonDocument, nullable=False),
    Column("time_limit_seconds", Float(53), nullable=False),
    Column("memory_limit_mb", Integer, nullable=False),
    Column("requested_by", String(255), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("status", String(16), nullable=False),
    Column("phase", String(16), nullable=False),
    Column("progress", Float(53), nullable=False),
    Column("rows", Integer, nullable=False),
    Column("version", Integer, nullable=True),
    Column("metrics", JsonDocument, nullable=False),
    Column("phase_seconds", JsonDocument, nullable=False),
    Column("error", Text, nullable=True),
    Column("attempt", Integer, nullable=False),
    Column("cancel_requested", Boolean, nullable=False),
    Column("lease_owner", String(64), nullable=True),
    Column("lease_until", UtcDateTime, nullable=True),
    Column("started_at", UtcDateTime, nullable=True),
    Column("finished_at", UtcDateTime, nullable=True),
    Index("ix_training_jobs_queue", "status", "created_at"),
    Index("ix_training_jobs_listing", "tenant", "created_at"),
)

outbox = outbox_table(metadata, SERVICE)

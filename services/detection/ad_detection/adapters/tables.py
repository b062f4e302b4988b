"""The tables of detection."""

from sqlalchemy import BigInteger, Column, Index, String, Table

from ad_chassis.database import JsonDocument, new_metadata

SERVICE = "detection"
metadata = new_metadata()

anomalies = Table(
    "anomalies",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("tenant", String(63), nullable=False),
    Column("stream", String(63), nullable=False),
    Column("entity", String(1024), nullable=True),
    Column("severity", String(8), nullable=False),
    Column("event_time_ms", BigInteger, nullable=False),
    Column("event", JsonDocument, nullable=False),
    Index("ix_anomalies_newest", "tenant", "event_time_ms", "id"),
    Index("ix_anomalies_of_stream", "tenant", "stream", "event_time_ms", "id"),
)

"""The tables of detection."""

from sqlalchemy import BigInteger, Column, Float, Index, String, Table, Text

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

replays = Table(
    "replays",
    metadata,
    Column("tenant", String(63), primary_key=True),
    Column("id", String(36), primary_key=True),
    Column("stream", String(63), nullable=False),
    Column("request", JsonDocument, nullable=False),
    Column("requested_by", String(255), nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("owner", String(36), nullable=False),
    Column("beat_ms", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("progress", Float(53), nullable=True),
    Column("started_ms", BigInteger, nullable=True),
    Column("finished_ms", BigInteger, nullable=True),
    Column("result", JsonDocument, nullable=True),
    Column("error", Text, nullable=True),
    Index("ix_replays_newest", "tenant", "created_ms", "id"),
    Index("ix_replays_going", "state", "beat_ms"),
)

comparisons = Table(
    "comparisons",
    metadata,
    Column("tenant", String(63), primary_key=True),
    Column("stream", String(63), primary_key=True),
    Column("champion", String(80), primary_key=True),
    Column("challenger", String(80), primary_key=True),
    Column("hour_ms", BigInteger, primary_key=True),
    Column("worker", String(36), primary_key=True),
    Column("rows", BigInteger, nullable=False),
    Column("champion_alerts", BigInteger, nullable=False),
    Column("challenger_alerts", BigInteger, nullable=False),
    Column("both", BigInteger, nullable=False),
    Column("levels", JsonDocument, nullable=False),
    Index("ix_comparisons_hour", "hour_ms"),
)

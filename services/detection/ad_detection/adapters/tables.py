"""The tables of detection."""

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, String, Table, Text, false

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
    Column("kind", String(16), nullable=False, server_default="record"),
    Column("episode_id", String(36), nullable=False, server_default=""),
    Column("partition", Integer, nullable=False, server_default="-1"),
    Column("offset", BigInteger, nullable=False, server_default="-1"),
    Column("row", BigInteger, nullable=False, server_default="-1"),
    Column("superseded_by", String(36), nullable=True),
    Column("retracted", Boolean, nullable=False, server_default=false()),
    Column("generation", BigInteger, nullable=False, server_default="1"),
    Index("ix_anomalies_newest", "tenant", "event_time_ms", "id"),
    Index("ix_anomalies_of_stream", "tenant", "stream", "event_time_ms", "id"),
    Index("ix_anomalies_of_episode", "tenant", "episode_id", "event_time_ms", "id"),
    Index("ix_anomalies_of_record", "tenant", "stream", "partition", "offset", "row", "id"),
)

episodes = Table(
    "episodes",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("tenant", String(63), nullable=False),
    Column("stream", String(63), nullable=False),
    Column("entity", String(1024), nullable=True),
    Column("kind", String(16), nullable=False),
    Column("start_ms", BigInteger, nullable=False),
    Column("end_ms", BigInteger, nullable=False),
    Column("anomalies", BigInteger, nullable=False),
    Column("peak_id", String(36), nullable=False),
    Column("peak_time_ms", BigInteger, nullable=False),
    Column("peak_score", Float(53), nullable=False),
    Column("peak_probability", Float(53), nullable=False),
    Column("severity", String(8), nullable=False),
    Column("superseded", BigInteger, nullable=False, server_default="0"),
    Column("generation", BigInteger, nullable=False, server_default="1"),
    Index("ix_episodes_newest", "tenant", "start_ms", "id"),
    Index("ix_episodes_of_stream", "tenant", "stream", "start_ms", "id"),
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
    Column("publication", JsonDocument, nullable=True),
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

partition_loads = Table(
    "partition_loads",
    metadata,
    Column("tenant", String(63), primary_key=True),
    Column("stream", String(63), primary_key=True),
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("worker", String(36), primary_key=True),
    Column("records", BigInteger, nullable=False),
    Column("recent", Float(53), nullable=False),
    Column("rate_per_second", Float(53), nullable=False),
    Column("entities", BigInteger, nullable=True),
    Column("busiest", JsonDocument, nullable=False),
    Column("updated_ms", BigInteger, nullable=False),
    Index("ix_partition_loads_updated", "updated_ms"),
)

listed_entities = Table(
    "listed_entities",
    metadata,
    Column("tenant", String(63), primary_key=True),
    Column("stream", String(63), primary_key=True),
    Column("list", String(8), primary_key=True),
    Column("id", String(32), primary_key=True),
    Column("entity", Text, nullable=False),
    Column("records", BigInteger, nullable=False),
    Column("first_ms", BigInteger, nullable=False),
    Column("last_ms", BigInteger, nullable=False),
    Index("ix_listed_entities_latest", "tenant", "stream", "list", "last_ms", "id"),
    Index("ix_listed_entities_last", "last_ms"),
)

generations = Table(
    "generations",
    metadata,
    Column("tenant", String(63), primary_key=True),
    Column("stream", String(63), primary_key=True),
    Column("first", BigInteger, nullable=False),
)

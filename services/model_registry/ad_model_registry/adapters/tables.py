"""The tables of the registry."""

from sqlalchemy import Column, Integer, String, Table, UniqueConstraint

from ad_chassis.database import JsonDocument, UtcDateTime, new_metadata
from ad_chassis.database.outbox import outbox_table

SERVICE = "model_registry"
metadata = new_metadata()

model_versions = Table(
    "model_versions",
    metadata,
    Column("tenant", String(63), primary_key=True),
    Column("model", String(63), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("algorithm", String(63), nullable=False),
    Column("artifact_sha256", String(64), nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("features", JsonDocument, nullable=False),
    Column("parameters", JsonDocument, nullable=False),
    Column("metrics", JsonDocument, nullable=False),
    Column("data_sha256", String(64), nullable=True),
    Column("registered_by", String(255), nullable=False),
    Column("registered_at", UtcDateTime, nullable=False),
    Column("job_id", String(64), nullable=True),
    UniqueConstraint("tenant", "model", "artifact_sha256"),
)

model_numbers = Table(
    "model_numbers",
    metadata,
    Column("tenant", String(63), primary_key=True),
    Column("model", String(63), primary_key=True),
    Column("last_version", Integer, nullable=False),
)

deployments = Table(
    "deployments",
    metadata,
    Column("tenant", String(63), primary_key=True),
    Column("stream", String(63), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("model", String(63), nullable=True),
    Column("version", Integer, nullable=True),
    Column("artifact_sha256", String(64), nullable=True),
    Column("parent", Integer, nullable=True),
    Column("previous", JsonDocument, nullable=True),
    Column("challengers", JsonDocument, nullable=True),
    Column("changed_by", String(255), nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
)

outbox = outbox_table(metadata, SERVICE)

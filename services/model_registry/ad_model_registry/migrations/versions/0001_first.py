"""Models, deployments, outbox.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op

from ad_chassis.database import JsonDocument, UtcDateTime

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "model_versions",
        sa.Column("tenant", sa.String(63), nullable=False),
        sa.Column("model", sa.String(63), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("algorithm", sa.String(63), nullable=False),
        sa.Column("artifact_sha256", sa.String(64), nullable=False),
        sa.Column("size_bytes", sa.Integer, nullable=False),
        sa.Column("features", JsonDocument, nullable=False),
        sa.Column("parameters", JsonDocument, nullable=False),
        sa.Column("metrics", JsonDocument, nullable=False),
        sa.Column("data_sha256", sa.String(64), nullable=True),
        sa.Column("registered_by", sa.String(255), nullable=False),
        sa.Column("registered_at", UtcDateTime, nullable=False),
        sa.Column("job_id", sa.String(64), nullable=True),
        sa.UniqueConstraint(
            "tenant", "model", "artifact_sha256", name="uq_model_versions_tenant_model_artifact_sha256"
        ),
        sa.PrimaryKeyConstraint("tenant", "model", "version", name="pk_model_versions"),
    )
    op.create_table(
        "model_numbers",
        sa.Column("tenant", sa.String(63), nullable=False),
        sa.Column("model", sa.String(63), nullable=False),
        sa.Column("last_version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "model", name="pk_model_numbers"),
    )
    op.create_table(
        "deployments",
        sa.Column("tenant", sa.String(63), nullable=False),
        sa.Column("stream", sa.String(63), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("model", sa.String(63), nullable=True),
        sa.Column("version", sa.Integer, nullable=True),
        sa.Column("artifact_sha256", sa.String(64), nullable=True),
        sa.Column("parent", sa.Integer, nullable=True),
        sa.Column("previous", JsonDocument, nullable=True),
        sa.Column("changed_by", sa.String(255), nullable=False),
        sa.Column("changed_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "stream", "revision", name="pk_deployments"),
    )
    op.create_index("ix_deployments_model", "deployments", ["tenant", "model", "version"])
    op.create_table(
        "outbox_model_registry",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False, autoincrement=True
        ),
        sa.Column("topic", sa.String(255), nullable=False),
        sa.Column("key", sa.LargeBinary, nullable=True),
        sa.Column("value", sa.LargeBinary, nullable=True),
        sa.Column("headers", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_outbox_model_registry"),
    )


def downgrade() -> None:
    for table in ("outbox_model_registry", "deployments", "model_numbers", "model_versions"):
        op.drop_table(table)

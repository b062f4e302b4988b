"""Jobs, outbox.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op

from ad_chassis.database import JsonDocument, UtcDateTime

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "training_jobs",
        sa.Column("tenant", sa.String(63), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("model", sa.String(63), nullable=False),
        sa.Column("algorithm", sa.String(63), nullable=False),
        sa.Column("parameters", JsonDocument, nullable=False),
        sa.Column("contamination", sa.Float(53), nullable=False),
        sa.Column("columns", JsonDocument, nullable=False),
        sa.Column("source", JsonDocument, nullable=False),
        sa.Column("time_limit_seconds", sa.Float(53), nullable=False),
        sa.Column("memory_limit_mb", sa.Integer, nullable=False),
        sa.Column("requested_by", sa.String(255), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("phase", sa.String(16), nullable=False),
        sa.Column("progress", sa.Float(53), nullable=False),
        sa.Column("rows", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=True),
        sa.Column("metrics", JsonDocument, nullable=False),
        sa.Column("phase_seconds", JsonDocument, nullable=False),
        sa.Column("error", sa.Text, nullable=True),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("cancel_requested", sa.Boolean, nullable=False),
        sa.Column("lease_owner", sa.String(64), nullable=True),
        sa.Column("lease_until", UtcDateTime, nullable=True),
        sa.Column("started_at", UtcDateTime, nullable=True),
        sa.Column("finished_at", UtcDateTime, nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_training_jobs"),
    )
    op.create_index("ix_training_jobs_queue", "training_jobs", ["status", "created_at"])
    op.create_index("ix_training_jobs_listing", "training_jobs", ["tenant", "created_at"])
    op.create_table(
        "outbox_training",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False, autoincrement=True
        ),
        sa.Column("topic", sa.String(255), nullable=False),
        sa.Column("key", sa.LargeBinary, nullable=True),
        sa.Column("value", sa.LargeBinary, nullable=True),
        sa.Column("headers", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_outbox_training"),
    )


def downgrade() -> None:
    for table in ("outbox_training", "training_jobs"):
        op.drop_table(table)

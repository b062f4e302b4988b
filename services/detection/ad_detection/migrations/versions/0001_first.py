"""Anomalies.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op

from ad_chassis.database import JsonDocument

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "anomalies",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("tenant", sa.String(63), nullable=False),
        sa.Column("stream", sa.String(63), nullable=False),
        sa.Column("entity", sa.String(1024), nullable=True),
        sa.Column("severity", sa.String(8), nullable=False),
        sa.Column("event_time_ms", sa.BigInteger, nullable=False),
        sa.Column("event", JsonDocument, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_anomalies"),
    )
    op.create_index("ix_anomalies_newest", "anomalies", ["tenant", "event_time_ms", "id"])
    op.create_index("ix_anomalies_of_stream", "anomalies", ["tenant", "stream", "event_time_ms", "id"])


def downgrade() -> None:
    op.drop_table("anomalies")

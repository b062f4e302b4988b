"""Replays.

Revision ID: 0002
"""

import sqlalchemy as sa
from alembic import op

from ad_chassis.database import JsonDocument

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "replays",
        sa.Column("tenant", sa.String(63), nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("stream", sa.String(63), nullable=False),
        sa.Column("request", JsonDocument, nullable=False),
        sa.Column("requested_by", sa.String(255), nullable=False),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        sa.Column("owner", sa.String(36), nullable=False),
        sa.Column("beat_ms", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.Column("progress", sa.Float(53), nullable=True),
        sa.Column("started_ms", sa.BigInteger, nullable=True),
        sa.Column("finished_ms", sa.BigInteger, nullable=True),
        sa.Column("result", JsonDocument, nullable=True),
        sa.Column("error", sa.Text, nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_replays"),
    )
    op.create_index("ix_replays_newest", "replays", ["tenant", "created_ms", "id"])
    op.create_index("ix_replays_going", "replays", ["state", "beat_ms"])


def downgrade() -> None:
    op.drop_table("replays")

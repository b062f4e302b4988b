"""What challengers did beside champions.

Revision ID: 0003
"""

import sqlalchemy as sa
from alembic import op

from ad_chassis.database import JsonDocument

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "comparisons",
        sa.Column("tenant", sa.String(63), nullable=False),
        sa.Column("stream", sa.String(63), nullable=False),
        sa.Column("champion", sa.String(80), nullable=False),
        sa.Column("challenger", sa.String(80), nullable=False),
        sa.Column("hour_ms", sa.BigInteger, nullable=False),
        sa.Column("worker", sa.String(36), nullable=False),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.Column("champion_alerts", sa.BigInteger, nullable=False),
        sa.Column("challenger_alerts", sa.BigInteger, nullable=False),
        sa.Column("both", sa.BigInteger, nullable=False),
        sa.Column("levels", JsonDocument, nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant", "stream", "champion", "challenger", "hour_ms", "worker", name="pk_comparisons"
        ),
    )
    op.create_index("ix_comparisons_hour", "comparisons", ["hour_ms"])


def downgrade() -> None:
    op.drop_table("comparisons")

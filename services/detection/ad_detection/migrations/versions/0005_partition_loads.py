"""How many records came of a stream in each partition, and of whom most.

Revision ID: 0005
"""

import sqlalchemy as sa
from alembic import op

from ad_chassis.database import JsonDocument

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "partition_loads",
        sa.Column("tenant", sa.String(63), nullable=False),
        sa.Column("stream", sa.String(63), nullable=False),
        sa.Column("partition", sa.Integer, nullable=False),
        sa.Column("worker", sa.String(36), nullable=False),
        sa.Column("records", sa.BigInteger, nullable=False),
        sa.Column("recent", sa.Float(53), nullable=False),
        sa.Column("rate_per_second", sa.Float(53), nullable=False),
        sa.Column("entities", sa.BigInteger, nullable=True),
        sa.Column("busiest", JsonDocument, nullable=False),
        sa.Column("updated_ms", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "stream", "partition", "worker", name="pk_partition_loads"),
    )
    op.create_index("ix_partition_loads_updated", "partition_loads", ["updated_ms"])


def downgrade() -> None:
    op.drop_table("partition_loads")

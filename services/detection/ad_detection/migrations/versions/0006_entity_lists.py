"""Entities that are cold, were evicted or refused.

Revision ID: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "listed_entities",
        sa.Column("tenant", sa.String(63), nullable=False),
        sa.Column("stream", sa.String(63), nullable=False),
        sa.Column("list", sa.String(8), nullable=False),
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("entity", sa.Text, nullable=False),
        sa.Column("records", sa.BigInteger, nullable=False),
        sa.Column("first_ms", sa.BigInteger, nullable=False),
        sa.Column("last_ms", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "stream", "list", "id", name="pk_listed_entities"),
    )
    op.create_index(
        "ix_listed_entities_latest", "listed_entities", ["tenant", "stream", "list", "last_ms", "id"]
    )
    op.create_index("ix_listed_entities_last", "listed_entities", ["last_ms"])


def downgrade() -> None:
    op.drop_table("listed_entities")

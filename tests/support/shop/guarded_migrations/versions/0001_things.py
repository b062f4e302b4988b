"""A table of tenants and an outbox."""

import sqlalchemy as sa
from alembic import op

from ad_chassis.database.outbox import outbox_columns

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "things",
        sa.Column("id", sa.String(8), primary_key=True),
        sa.Column("tenant", sa.String(63), nullable=False),
        sa.Column("text", sa.String(8), nullable=False),
    )
    op.create_table("outbox_rows", *outbox_columns())

"""Items."""

import sqlalchemy as sa
from alembic import op

from ad_chassis.database import JsonDocument, UtcDateTime

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "items",
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=True),
        sa.Column("document", JsonDocument, nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_items"),
    )

"""Quotas of tenants, and how often a tenant was changed.

Revision ID: 0004
"""

import sqlalchemy as sa
from alembic import op

from ad_chassis.database import JsonDocument

revision = "0004"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("tenants", sa.Column("quotas", JsonDocument, nullable=False, server_default="{}"))
    op.add_column("tenants", sa.Column("revision", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("tenants", "revision")
    op.drop_column("tenants", "quotas")

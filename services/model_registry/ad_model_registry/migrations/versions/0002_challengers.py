"""Challengers of a deployment.

Revision ID: 0002
"""

import sqlalchemy as sa
from alembic import op

from ad_chassis.database import JsonDocument

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("deployments", sa.Column("challengers", JsonDocument, nullable=True))


def downgrade() -> None:
    op.drop_column("deployments", "challengers")

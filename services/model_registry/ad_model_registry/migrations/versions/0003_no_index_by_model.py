"""Deployments are found by tenant and stream; nothing asks for them by model.

Revision ID: 0003
"""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.drop_index("ix_deployments_model", "deployments")


def downgrade() -> None:
    op.create_index("ix_deployments_model", "deployments", ["tenant", "model", "version"])

"""Roles of tenants, bindings to streams, suspended users and tenants, keys with permissions and two secrets.

Revision ID: 0002
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from ad_chassis.database import JsonDocument, UtcDateTime

revision = "0002"
down_revision = "0001"

USERS: dict[str, Any] = {"streams": JsonDocument, "suspended_at": UtcDateTime}
KEYS: dict[str, Any] = {
    "permissions": JsonDocument,
    "streams": JsonDocument,
    "old_secret_hash": sa.String(64),
    "old_secret_until": UtcDateTime,
}


def upgrade() -> None:
    op.create_table(
        "roles",
        sa.Column("tenant", sa.String(63), nullable=False),
        sa.Column("name", sa.String(63), nullable=False),
        sa.Column("permissions", JsonDocument, nullable=False),
        sa.Column("created_by", sa.String(255), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("updated_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "name", name="pk_roles"),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.tenant"], name="fk_roles_tenant_tenants"),
    )
    op.add_column("tenants", sa.Column("suspended_at", UtcDateTime, nullable=True))
    for name, kind in USERS.items():
        op.add_column("users", sa.Column(name, kind, nullable=True))
    with op.batch_alter_table("api_keys") as table:
        for name, kind in KEYS.items():
            table.add_column(sa.Column(name, kind, nullable=True))
        table.alter_column("role", existing_type=sa.String(63), nullable=True)


def downgrade() -> None:
    # What the tables of before cannot say must not come back as more than it was.
    op.execute("DELETE FROM api_keys WHERE role IS NULL OR streams IS NOT NULL")
    op.execute("DELETE FROM users WHERE streams IS NOT NULL OR suspended_at IS NOT NULL")
    with op.batch_alter_table("api_keys") as table:
        table.alter_column("role", existing_type=sa.String(63), nullable=False)
        for name in KEYS:
            table.drop_column(name)
    for name in USERS:
        op.drop_column("users", name)
    op.drop_column("tenants", "suspended_at")
    op.drop_table("roles")

"""Keys published before they sign, authorization codes, the client of a session, people of other providers.

Revision ID: 0006
"""

import sqlalchemy as sa
from alembic import op

from ad_chassis.database import UtcDateTime

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("signing_keys", sa.Column("signs_from", UtcDateTime, nullable=True))
    op.execute("UPDATE signing_keys SET signs_from = created_at")
    with op.batch_alter_table("signing_keys") as table:
        table.alter_column("signs_from", existing_type=UtcDateTime, nullable=False)
    op.add_column("sessions", sa.Column("client_id", sa.String(63), nullable=True))
    op.create_table(
        "authorization_codes",
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("tenant", sa.String(63), nullable=False),
        sa.Column("user_id", sa.String(32), nullable=False),
        sa.Column("client_id", sa.String(63), nullable=False),
        sa.Column("redirect_uri", sa.String(512), nullable=False),
        sa.Column("challenge", sa.String(64), nullable=False),
        sa.Column("issued_at", UtcDateTime, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.Column("used_at", UtcDateTime, nullable=True),
        sa.Column("session_id", sa.String(32), nullable=True),
        sa.PrimaryKeyConstraint("code_hash", name="pk_authorization_codes"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_authorization_codes_user_id_users", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_authorization_codes_user_id", "authorization_codes", ["user_id"])
    op.create_table(
        "identities",
        sa.Column("tenant", sa.String(63), nullable=False),
        sa.Column("issuer", sa.String(255), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("user_id", sa.String(32), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "issuer", "subject", name="pk_identities"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_identities_user_id_users", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_identities_user_id", "identities", ["user_id"])


def downgrade() -> None:
    op.drop_table("identities")
    op.drop_table("authorization_codes")
    op.drop_column("sessions", "client_id")
    # A key that does not sign yet would sign at once in the tables of before, unknown to verifiers.
    op.execute(
        "DELETE FROM signing_keys WHERE generation > (SELECT MIN(generation) FROM signing_keys)"
        " AND signs_from > CURRENT_TIMESTAMP"
    )
    op.execute(
        "UPDATE signing_keys SET retired_at = NULL"
        " WHERE generation = (SELECT MAX(generation) FROM signing_keys)"
    )
    with op.batch_alter_table("signing_keys") as table:
        table.drop_column("signs_from")

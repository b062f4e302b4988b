"""Dead letters have headers, a kind of reason, and a state.

Revision ID: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
TABLE = "dead_letters"


def upgrade() -> None:
    op.add_column(TABLE, sa.Column("headers", sa.LargeBinary, nullable=True))
    op.add_column(TABLE, sa.Column("kind", sa.Text, nullable=False, server_default=""))
    op.add_column(TABLE, sa.Column("state", sa.String(16), nullable=False, server_default="open"))
    op.add_column(TABLE, sa.Column("replayed_ms", sa.BigInteger, nullable=True))
    # Of those that were stored before, the kind is the reason itself.
    op.execute("UPDATE dead_letters SET kind = substr(reason, 1, 200)")
    op.create_index("ix_dead_letters_rejected_time_ms", TABLE, ["rejected_time_ms"])


def downgrade() -> None:
    op.drop_index("ix_dead_letters_rejected_time_ms", TABLE)
    for column in ("replayed_ms", "state", "kind", "headers"):
        op.drop_column(TABLE, column)

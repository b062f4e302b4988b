"""Which stream of its name an anomaly is of, and from which on they count.

Revision ID: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    for name in ("anomalies", "episodes"):
        op.add_column(name, sa.Column("generation", sa.BigInteger, nullable=False, server_default="1"))
    op.create_table(
        "generations",
        sa.Column("tenant", sa.String(63), nullable=False),
        sa.Column("stream", sa.String(63), nullable=False),
        sa.Column("first", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "stream", name="pk_generations"),
    )


def downgrade() -> None:
    op.drop_table("generations")
    op.drop_column("episodes", "generation")
    op.drop_column("anomalies", "generation")

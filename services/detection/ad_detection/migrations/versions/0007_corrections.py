"""Corrections: where the record of an anomaly stands, what supersedes it, and how far a replay is published.

Revision ID: 0007
"""

import sqlalchemy as sa
from alembic import op

from ad_chassis.database import JsonDocument

revision = "0007"
down_revision = "0006"

PLACE = {"partition": sa.Integer, "offset": sa.BigInteger, "row": sa.BigInteger}
anomalies = sa.table(
    "anomalies", sa.column("event", JsonDocument), *(sa.column(name, kind) for name, kind in PLACE.items())
)


def upgrade() -> None:
    with op.batch_alter_table("anomalies") as table:
        for name, kind in PLACE.items():
            table.add_column(sa.Column(name, kind, nullable=False, server_default="-1"))
        table.add_column(sa.Column("superseded_by", sa.String(36), nullable=True))
        table.add_column(sa.Column("retracted", sa.Boolean, nullable=False, server_default=sa.false()))
    event = anomalies.c.event
    places = {name: sa.cast(event[name].as_string(), kind) for name, kind in PLACE.items()}
    op.execute(sa.update(anomalies).values(places))
    op.create_index(
        "ix_anomalies_of_record", "anomalies", ["tenant", "stream", "partition", "offset", "row", "id"]
    )
    op.add_column("episodes", sa.Column("superseded", sa.BigInteger, nullable=False, server_default="0"))
    op.add_column("replays", sa.Column("publication", JsonDocument, nullable=True))


def downgrade() -> None:
    op.drop_column("replays", "publication")
    op.drop_column("episodes", "superseded")
    op.drop_index("ix_anomalies_of_record", "anomalies")
    with op.batch_alter_table("anomalies") as table:
        for name in ("retracted", "superseded_by", *reversed(PLACE)):
            table.drop_column(name)

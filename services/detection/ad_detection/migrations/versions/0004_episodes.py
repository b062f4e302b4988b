"""Consecutive anomalies of an entity as one episode; those that are stored already are one each.

Revision ID: 0004
"""

import sqlalchemy as sa
from alembic import op

from ad_chassis.database import JsonDocument

revision = "0004"
down_revision = "0003"

anomalies = sa.table(
    "anomalies",
    *(sa.column(name) for name in ("id", "tenant", "stream", "entity", "severity", "event_time_ms")),
    sa.column("kind"),
    sa.column("episode_id"),
    sa.column("event", JsonDocument),
)
OWN = ("id", "tenant", "stream", "entity", "kind", "start_ms", "end_ms", "anomalies")
PEAK = ("peak_id", "peak_time_ms", "peak_score", "peak_probability", "severity")


def upgrade() -> None:
    op.create_table(
        "episodes",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("tenant", sa.String(63), nullable=False),
        sa.Column("stream", sa.String(63), nullable=False),
        sa.Column("entity", sa.String(1024), nullable=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("start_ms", sa.BigInteger, nullable=False),
        sa.Column("end_ms", sa.BigInteger, nullable=False),
        sa.Column("anomalies", sa.BigInteger, nullable=False),
        sa.Column("peak_id", sa.String(36), nullable=False),
        sa.Column("peak_time_ms", sa.BigInteger, nullable=False),
        sa.Column("peak_score", sa.Float(53), nullable=False),
        sa.Column("peak_probability", sa.Float(53), nullable=False),
        sa.Column("severity", sa.String(8), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_episodes"),
    )
    op.create_index("ix_episodes_newest", "episodes", ["tenant", "start_ms", "id"])
    op.create_index("ix_episodes_of_stream", "episodes", ["tenant", "stream", "start_ms", "id"])
    with op.batch_alter_table("anomalies") as table:
        table.add_column(sa.Column("kind", sa.String(16), nullable=False, server_default="record"))
        table.add_column(sa.Column("episode_id", sa.String(36), nullable=False, server_default=""))
    _bring_over()
    op.create_index("ix_anomalies_of_episode", "anomalies", ["tenant", "episode_id", "event_time_ms", "id"])


def downgrade() -> None:
    op.drop_index("ix_anomalies_of_episode", "anomalies")
    with op.batch_alter_table("anomalies") as table:
        table.drop_column("episode_id")
        table.drop_column("kind")
    op.drop_table("episodes")


def _bring_over() -> None:
    stored, event = anomalies.c, anomalies.c.event
    kind = sa.func.coalesce(event["kind"].as_string(), "record")
    op.execute(sa.update(anomalies).values(episode_id=stored.id, kind=kind))
    time = stored.event_time_ms
    own = (stored.id, stored.tenant, stored.stream, stored.entity, stored.kind, time, time, sa.literal(1))
    peak = (stored.id, time, event["score"].as_float(), event["probability"].as_float(), stored.severity)
    episodes = sa.table("episodes", *(sa.column(name) for name in (*OWN, *PEAK)))
    op.execute(sa.insert(episodes).from_select([*OWN, *PEAK], sa.select(*own, *peak)))

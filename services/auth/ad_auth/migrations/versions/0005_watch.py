"""Second factors, and the audit log with its chain, to which the database itself lets nobody do more than add.

Revision ID: 0005
"""

import sqlalchemy as sa
from alembic import op

from ad_chassis.database import JsonDocument, UtcDateTime

revision = "0005"
down_revision = "0003"

REFUSED = "the audit log is only added to"
LOG, HEADS = "audit_entries", "audit_heads"
LITE = {
    "audit_entries_update": f"BEFORE UPDATE ON {LOG}",
    "audit_entries_delete": f"BEFORE DELETE ON {LOG}",
    # INSERT OR REPLACE deletes without asking the trigger above.
    "audit_entries_replace": "BEFORE INSERT ON audit_entries WHEN EXISTS "
    "(SELECT 1 FROM audit_entries WHERE tenant = NEW.tenant AND (seq = NEW.seq OR id = NEW.id))",
    "audit_heads_update": f"BEFORE UPDATE ON {HEADS} WHEN NEW.tenant <> OLD.tenant OR NEW.seq <= OLD.seq",
    "audit_heads_delete": f"BEFORE DELETE ON {HEADS}",
    "audit_heads_replace": f"BEFORE INSERT ON {HEADS} WHEN NEW.seq <> 0",
}
GRES = {
    "audit_entries_change": f"BEFORE UPDATE OR DELETE ON {LOG} FOR EACH ROW",
    "audit_entries_truncate": f"BEFORE TRUNCATE ON {LOG} FOR EACH STATEMENT",
    "audit_heads_back": f"BEFORE UPDATE ON {HEADS} FOR EACH ROW "
    "WHEN (NEW.tenant <> OLD.tenant OR NEW.seq <= OLD.seq)",
    "audit_heads_delete": f"BEFORE DELETE ON {HEADS} FOR EACH ROW",
    "audit_heads_truncate": f"BEFORE TRUNCATE ON {HEADS} FOR EACH STATEMENT",
}


def upgrade() -> None:
    _create_second_factors()
    _create_log()
    op.create_table(
        HEADS,
        sa.Column("tenant", sa.String(63), nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("tenant", name="pk_audit_heads"),
    )
    _guard()


def downgrade() -> None:
    for table in (HEADS, LOG, "recovery_codes", "second_factors"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_audit_change()")


def _create_second_factors() -> None:
    op.create_table(
        "second_factors",
        sa.Column("user_id", sa.String(32), nullable=False),
        sa.Column("tenant", sa.String(63), nullable=False),
        sa.Column("secret", sa.String(64), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("confirmed_at", UtcDateTime, nullable=True),
        sa.Column("last_step", sa.BigInteger, nullable=True),
        sa.PrimaryKeyConstraint("user_id", name="pk_second_factors"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_second_factors_user_id_users", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("user_id", sa.String(32), nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("tenant", sa.String(63), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("user_id", "code_hash", name="pk_recovery_codes"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_recovery_codes_user_id_users", ondelete="CASCADE"
        ),
    )


def _create_log() -> None:
    op.create_table(
        LOG,
        sa.Column("tenant", sa.String(63), nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("action", sa.String(128), nullable=False),
        sa.Column("resource", sa.Text, nullable=True),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("address", sa.String(64), nullable=True),
        sa.Column("service", sa.String(63), nullable=True),
        sa.Column("request_id", sa.String(128), nullable=True),
        sa.Column("details", JsonDocument, nullable=False),
        sa.Column("previous_hash", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "seq", name="pk_audit_entries"),
        sa.UniqueConstraint("tenant", "id", name="uq_audit_entries_tenant_id"),
    )
    op.create_index("ix_audit_entries_subject", LOG, ["tenant", "subject", "seq"])
    op.create_index("ix_audit_entries_at_ms", LOG, ["tenant", "at_ms"])


def _guard() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{REFUSED}'; END $$"
        )
        for name, when in GRES.items():
            op.execute(f"CREATE TRIGGER {name} {when} EXECUTE FUNCTION refuse_audit_change()")
        return
    for name, when in LITE.items():
        op.execute(f"CREATE TRIGGER {name} {when} BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END")

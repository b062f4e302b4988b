"""Row-level security on the tables of a service: made after its migrations, so no table can be forgotten.

A row is there for the transactions of its tenant, and for those that say that they are for every tenant. A table
without a tenant is there for the latter alone, but for adding to an outbox. FORCE makes it hold for the owner of the
tables too; a superuser is exempt from it all, so its transactions run as a role that is not.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

import structlog
from sqlalchemy import MetaData, Table, text
from sqlalchemy.engine import Connection

from ad_chassis.database.scope import EVERY_SETTING, TENANT_SETTING

POLICY = "tenant_rows"
ADDING = "adding"
ADD_ONLY = "ad_add_only"
"""In a table's `info`: every tenant's transactions may add rows, and see none."""
# In a sub-select, so that it is asked once for a statement and not for every row.
EVERY = f"(SELECT current_setting('{EVERY_SETTING}', true)) = 'on'"
OF_TENANT = f"tenant = (SELECT current_setting('{TENANT_SETTING}', true)) OR {EVERY}"
log = structlog.get_logger(__name__)


class Guard(NamedTuple):
    """The role in which transactions must run, if it is not the one connected; and whether the policies hold."""

    role: str | None
    holds: bool


def secure(connection: Connection, metadata: MetaData, service: str) -> Guard:
    """Makes the policies of a service's tables."""
    known = [each for each in metadata.sorted_tables if _state(connection, each) is not None]
    for table in known:
        _protect(connection, table)
    user, superuser, bypasses = connection.execute(
        text("SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
    ).one()
    if superuser:
        return Guard(_limited_role(connection, known, service), holds=True)
    if bypasses:
        log.warning(
            "row-level security does not hold for the database role: ALTER ROLE … NOBYPASSRLS",
            service=service,
            role=user,
        )
    return Guard(None, holds=not bypasses)


def _protect(connection: Connection, table: Table) -> None:
    """Only what is missing is changed: changing locks the table, and starts are many."""
    name = _quoted(connection, table.name)
    if _state(connection, table) != (True, True):
        connection.execute(text(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY"))
    there = set(
        connection.scalars(
            text(
                "SELECT policyname FROM pg_policies WHERE schemaname = current_schema() AND tablename = :name"
            ),
            {"name": table.name},
        )
    )
    rule = OF_TENANT if "tenant" in table.c else EVERY
    wanted = {POLICY: f"FOR ALL USING ({rule}) WITH CHECK ({rule})"}
    if table.info.get(ADD_ONLY):
        wanted[ADDING] = "FOR INSERT WITH CHECK (true)"
    for policy, rules in wanted.items():
        if policy not in there:
            connection.execute(text(f"CREATE POLICY {policy} ON {name} {rules}"))


def _state(connection: Connection, table: Table) -> tuple[bool, bool] | None:
    query = text(
        "SELECT relrowsecurity, relforcerowsecurity FROM pg_class"
        " WHERE relname = :name AND relnamespace = current_schema()::regnamespace AND relkind = 'r'"
    )
    row = connection.execute(query, {"name": table.name}).one_or_none()
    return None if row is None else (row[0], row[1])


def _limited_role(connection: Connection, tables: Iterable[Table], service: str) -> str:
    """A role of this service that may read and write its tables, and nothing else."""
    role = f"ad_{service}_rows"
    # Roles belong to the whole server, and another database of it may be making the same one now.
    connection.execute(
        text(
            f"DO $$ BEGIN CREATE ROLE {role} NOLOGIN;"
            " EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        )
    )
    if not connection.scalar(
        text("SELECT has_schema_privilege(:role, current_schema(), 'USAGE')"), {"role": role}
    ):
        connection.execute(text(f"GRANT USAGE ON SCHEMA {_schema(connection)} TO {role}"))
    for table in tables:
        _grant(connection, table, role)
    return role


def _grant(connection: Connection, table: Table, role: str) -> None:
    name = _quoted(connection, table.name)
    asked = text("SELECT has_table_privilege(:role, :name, 'DELETE')")
    if connection.scalar(asked, {"role": role, "name": name}):
        return
    connection.execute(text(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {name} TO {role}"))
    for column in table.primary_key.columns:
        asked = text("SELECT pg_get_serial_sequence(:name, :column)")
        sequence = connection.scalar(asked, {"name": name, "column": column.name})
        if sequence is not None:
            connection.execute(text(f"GRANT USAGE ON SEQUENCE {sequence} TO {role}"))


def _schema(connection: Connection) -> str:
    return _quoted(connection, str(connection.scalar(text("SELECT current_schema()"))))


def _quoted(connection: Connection, name: str) -> str:
    preparer: Any = connection.dialect.identifier_preparer
    return str(preparer.quote(name))

"""The audit log in PostgreSQL keeps to the specification."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.specs.audit_log import AuditLogSpec, check


class TestPostgresql(AuditLogSpec):
    @pytest.fixture
    def database_url(self, postgres_url: str) -> str:
        return postgres_url

    @pytest.mark.parametrize("table", ["audit_entries", "audit_heads"])
    async def test_the_tables_cannot_be_truncated(self, store, database, five, table) -> None:
        with pytest.raises(DBAPIError, match="only added to"):
            async with database.engine.begin() as connection:
                await connection.execute(text(f"TRUNCATE {table}"))
        assert await check(store) == five

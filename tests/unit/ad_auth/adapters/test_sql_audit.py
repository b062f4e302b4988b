"""The audit log in SQLite keeps to the specification."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.specs.audit_log import AuditLogSpec, check


class TestSqlite(AuditLogSpec):
    @pytest.fixture
    def database_url(self) -> None:
        """None is a file."""

    async def test_no_replacement_goes_around_the_guard(self, store, database, five) -> None:
        columns = (
            "tenant, 3, id, at_ms, 'x', action, resource, outcome, address, service, request_id, details"
        )
        with pytest.raises(DBAPIError, match="only added to"):
            async with database.engine.begin() as connection:
                await connection.execute(
                    text(
                        f"INSERT OR REPLACE INTO audit_entries SELECT {columns}, previous_hash, hash "
                        "FROM audit_entries WHERE seq = 3"
                    )
                )
        assert await check(store) == five

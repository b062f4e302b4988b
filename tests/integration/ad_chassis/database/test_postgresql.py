"""PostgreSQL keeps to the specification of a database."""

import pytest

from tests.specs.database import DatabaseSpec


class TestPostgresql(DatabaseSpec):
    @pytest.fixture
    def database_url(self, postgres_url: str) -> str:
        return postgres_url

"""What workers say of partitions, in PostgreSQL."""

import pytest

from tests.specs.loads import LoadStoreSpec


class TestPostgresql(LoadStoreSpec):
    @pytest.fixture
    def database_url(self, postgres_url: str) -> str:
        return postgres_url

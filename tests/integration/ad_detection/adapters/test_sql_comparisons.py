"""What workers counted of challengers, in PostgreSQL."""

import pytest

from tests.specs.comparisons import ComparisonStoreSpec


class TestPostgresql(ComparisonStoreSpec):
    @pytest.fixture
    def database_url(self, postgres_url: str) -> str:
        return postgres_url

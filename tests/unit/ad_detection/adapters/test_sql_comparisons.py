"""What workers counted of challengers, in SQLite."""

import pytest

from tests.specs.comparisons import ComparisonStoreSpec


class TestSqlite(ComparisonStoreSpec):
    @pytest.fixture
    def database_url(self) -> None:
        return None

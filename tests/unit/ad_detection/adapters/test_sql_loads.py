"""What workers say of partitions, in SQLite."""

import pytest

from tests.specs.loads import LoadStoreSpec


class TestSqlite(LoadStoreSpec):
    @pytest.fixture
    def database_url(self) -> None:
        return None

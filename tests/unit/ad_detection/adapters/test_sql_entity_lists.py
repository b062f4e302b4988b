"""Lists of cold, evicted and refused entities, in SQLite."""

import pytest

from tests.specs.entity_lists import EntityListStoreSpec


class TestSqlite(EntityListStoreSpec):
    @pytest.fixture
    def database_url(self) -> None:
        return None

"""Lists of cold, evicted and refused entities, in PostgreSQL."""

import pytest

from tests.specs.entity_lists import EntityListStoreSpec


class TestPostgresql(EntityListStoreSpec):
    @pytest.fixture
    def database_url(self, postgres_url: str) -> str:
        return postgres_url

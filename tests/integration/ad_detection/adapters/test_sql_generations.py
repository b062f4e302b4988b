"""Generations in PostgreSQL."""

import pytest

from tests.specs.generations import GenerationStoreSpec


class TestPostgresql(GenerationStoreSpec):
    @pytest.fixture
    def database_url(self, postgres_url: str) -> str:
        return postgres_url

"""Generations in SQLite keep to the specification."""

import pytest

from tests.specs.generations import GenerationStoreSpec


class TestSqlite(GenerationStoreSpec):
    @pytest.fixture
    def database_url(self) -> None:
        return None

"""Dead letters in PostgreSQL keep to the specification."""

import pytest

from tests.specs.dead_letters import DeadLetterStoreSpec


class TestPostgresql(DeadLetterStoreSpec):
    @pytest.fixture
    def database_url(self, postgres_url: str) -> str:
        return postgres_url

"""Dead letters in SQLite keep to the specification."""

import pytest

from tests.specs.dead_letters import DeadLetterStoreSpec


class TestSqlite(DeadLetterStoreSpec):
    @pytest.fixture
    def database_url(self) -> None:
        """None is a file."""

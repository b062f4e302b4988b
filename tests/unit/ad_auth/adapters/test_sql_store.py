"""Accounts in SQLite keep to the specification."""

import pytest

from tests.specs.account_store import AccountStoreSpec


class TestSqlite(AccountStoreSpec):
    @pytest.fixture
    def database_url(self) -> None:
        """None is a file."""

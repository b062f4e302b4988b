"""Accounts in PostgreSQL keep to the specification."""

import pytest

from tests.specs.account_store import AccountStoreSpec


class TestPostgresql(AccountStoreSpec):
    @pytest.fixture
    def database_url(self, postgres_url: str) -> str:
        return postgres_url

"""Anomalies in SQLite keep to the specification."""

import pytest

from tests.specs.anomaly_store import AnomalyStoreSpec


class TestSqlite(AnomalyStoreSpec):
    @pytest.fixture
    def database_url(self) -> None:
        """None is a file."""

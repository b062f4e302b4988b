"""Anomalies in PostgreSQL keep to the specification."""

import pytest

from tests.specs.anomaly_store import AnomalyStoreSpec


class TestPostgresql(AnomalyStoreSpec):
    @pytest.fixture
    def database_url(self, postgres_url: str) -> str:
        return postgres_url

"""What training asks ingestion."""

import pytest

from ad_chassis.errors import NotFound, Unavailable
from ad_training.adapters import ingestion as adapter
from ad_training.adapters.ingestion import IngestionStreams
from ad_training.ports import TrainingFailed


@pytest.fixture
def streams(platform, ingestion) -> IngestionStreams:
    return IngestionStreams(platform.client("ingestion"), 2**20)


async def test_the_features_are_the_numeric_fields_without_the_entity(streams, ingestion) -> None:
    ingestion.streams["pump"]["schema"] = {
        "entity": "unit",
        "fields": [
            {"name": "unit", "type": "integer"},
            {"name": "load", "type": "float"},
            {"name": "count", "type": "integer"},
            {"name": "open", "type": "boolean"},
        ],
    }
    facts = await streams.describe("default", "pump")
    assert (facts.features, facts.accepted) == (("load", "count"), 2000)
    assert (await streams.describe("default", "young")).features is None


async def test_an_unknown_stream_is_answered_with_those_that_exist(streams) -> None:
    with pytest.raises(NotFound, match="there is no stream 'pumpe'; valid choices: pump, young, texts"):
        await streams.describe("default", "pumpe")


async def test_records_are_asked_for_as_arrow_for_the_tenant(streams, ingestion, tmp_path) -> None:
    source = {"stream": "pump", "from": "2026-01-01T00:00:00+00:00", "limit": 9}
    await streams.fetch("acme", source, tmp_path / "records")
    assert (tmp_path / "records").read_bytes() == ingestion.body
    assert ingestion.queries == [{"format": "arrow", "from": "2026-01-01T00:00:00+00:00", "limit": "9"}]
    assert ingestion.tenants == ["acme"]


async def test_more_than_the_limit_is_not_taken(platform, ingestion, tmp_path) -> None:
    with pytest.raises(TrainingFailed, match="choose fewer with 'from', 'to' or 'limit'"):
        await IngestionStreams(platform.client("ingestion"), 1000).fetch(
            "default", {"stream": "pump"}, tmp_path / "records"
        )


async def test_a_transfer_that_breaks_is_made_again(streams, ingestion, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(adapter, "WAIT_SECONDS", 0.0)
    ingestion.failures = 2
    await streams.fetch("default", {"stream": "pump"}, tmp_path / "records")
    assert (tmp_path / "records").read_bytes() == ingestion.body
    ingestion.failures = 3
    with pytest.raises(Unavailable):
        await streams.fetch("default", {"stream": "pump"}, tmp_path / "records")

"""Changing streams."""

import json

import pytest

from ad_chassis.errors import Conflict, NotFound, Unprocessable
from ad_data.schema import Field, StreamSchema
from ad_ingestion.usecases.change_stream import change_stream
from tests.support.ingestion import SENSORS, sensor_body
from tests.support.registry import published

KEY = ("default", "sensors")


async def test_a_change_is_told_with_the_next_revision(ingestion) -> None:
    await ingestion.create()
    await change_stream(
        ingestion.store, ingestion.log, ingestion.tenants, KEY, settings={"publish_scores": True}
    )
    [event] = await published(ingestion.platform, "streams")
    assert event.revision == 2
    assert json.loads(event.settings_json) == {
        "publish_scores": True,
        "algorithm": "adaptive",
        "parameters": {},
        "alert_probability": None,
        "max_entities": 1_000_000,
        "allowed_lateness_seconds": None,
        "silence_seconds": None,
    }


async def test_rules_count_from_the_next_body_on(ingestion) -> None:
    await ingestion.create()
    assert (await ingestion.accept(b'[{"sensor": "a", "load": 1}]')).accepted == 1
    await change_stream(
        ingestion.store, ingestion.log, ingestion.tenants, KEY, rules={"on_missing": "reject"}
    )
    assert (await ingestion.accept(b'[{"sensor": "a", "load": 1}]')).accepted == 0


async def test_a_schema_can_be_given_later_as_long_as_there_is_none(ingestion) -> None:
    await ingestion.create(schema=None)
    assert (
        await change_stream(ingestion.store, ingestion.log, ingestion.tenants, KEY, schema=SENSORS)
    ).schema == SENSORS
    assert (await ingestion.accept(sensor_body(1))).accepted == 1
    with pytest.raises(Conflict, match="are fixed"):
        await change_stream(
            ingestion.store,
            ingestion.log,
            ingestion.tenants,
            KEY,
            schema=StreamSchema(fields=(Field("other"),)),
        )


async def test_rules_that_contradict_the_schema_are_refused(ingestion) -> None:
    await ingestion.create()
    with pytest.raises(Unprocessable, match="needs a timestamp field"):
        await change_stream(
            ingestion.store, ingestion.log, ingestion.tenants, KEY, rules={"max_age_seconds": 5.0}
        )


async def test_there_is_nothing_to_change_where_there_is_no_stream(ingestion) -> None:
    with pytest.raises(NotFound):
        await change_stream(ingestion.store, ingestion.log, ingestion.tenants, KEY, rules={})

"""Schemas fixed by first records."""

import pytest

from ad_chassis.errors import Unprocessable
from ad_data.schema import Field
from ad_ingestion.domain.streams import Hints
from ad_ingestion.usecases.fix_schema import fix_schema
from tests.support.ingestion import sensor_body
from tests.support.registry import published

JSON = "application/json"


async def test_the_first_records_fix_the_schema_and_it_is_told(ingestion) -> None:
    stream = await ingestion.create(schema=None, hints=Hints(entity="sensor"))
    fixed = await fix_schema(ingestion.store, stream, sensor_body(3), JSON)
    assert fixed.schema.fields == (Field("sensor", "string"), Field("load"), Field("heat"))
    [event] = await published(ingestion.platform, "streams")
    assert event.schema_json == fixed.schema.to_json()


async def test_who_comes_second_gets_the_schema_of_the_first(ingestion) -> None:
    stream = await ingestion.create(schema=None)
    first = await fix_schema(ingestion.store, stream, b'[{"load": 1}]', JSON)
    second = await fix_schema(ingestion.store, stream, b'[{"other": 1}]', JSON)
    assert (second.schema, second.revision) == (first.schema, first.revision)


@pytest.mark.parametrize(
    ("data", "hints", "reason"),
    [
        (b'[{"name": "x"}]', Hints(), "at least one field of type float"),
        (b'[{"load": 1}]', Hints(entity="who"), "no field 'who'; choose from: load"),
    ],
)
async def test_records_that_suggest_no_usable_schema_fix_none(ingestion, data, hints, reason) -> None:
    stream = await ingestion.create(schema=None, hints=hints)
    with pytest.raises(Unprocessable, match=reason):
        await fix_schema(ingestion.store, stream, data, JSON)
    assert {event.schema_json for event in await published(ingestion.platform, "streams")} <= {""}

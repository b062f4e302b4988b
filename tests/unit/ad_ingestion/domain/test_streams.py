"""What a stream is allowed to be, and how it changes."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ad_data.errors import SchemaError
from ad_data.schema import Field, StreamSchema
from ad_ingestion.domain.streams import (
    Hints,
    InvalidStream,
    SchemaFixed,
    changed,
    checked_name,
    checked_schema,
    hinted,
    removed,
    require_same_fields,
    successor,
    with_schema,
)
from tests.support.ingestion import NOW, SENSORS, sensor_stream

LATER = NOW + timedelta(hours=1)


@pytest.mark.parametrize("name", ["", "Sensors", "1a", "a/b", "a.b", "a" * 64, "sensör"])
def test_a_name_that_cannot_stand_in_a_topic_or_an_address_is_refused(name) -> None:
    with pytest.raises(InvalidStream, match="a small letter"):
        checked_name(name)


def test_a_schema_needs_a_number_that_is_not_the_entity() -> None:
    with pytest.raises(InvalidStream, match="at least one field of type float or integer"):
        checked_schema(StreamSchema(fields=(Field("who", "integer"),), entity="who"))


def test_a_name_that_is_used_again_goes_on_counting() -> None:
    before = sensor_stream(generation=2, revision=7, deleted=True)
    again = successor(sensor_stream(), before)
    assert (again.generation, again.revision, again.deleted) == (3, 8, False)
    assert successor(sensor_stream(), None).revision == 1


def test_a_schema_is_fixed_once() -> None:
    fixed = with_schema(sensor_stream(schema=None), SENSORS, LATER)
    assert (fixed.schema, fixed.revision, fixed.changed_at) == (SENSORS, 2, LATER)
    with pytest.raises(SchemaFixed):
        with_schema(fixed, SENSORS, LATER)


def test_hints_are_added_to_an_inferred_schema() -> None:
    plain = StreamSchema(fields=SENSORS.fields)
    assert hinted(plain, Hints(on_missing="reject", on_extra="reject")).on_missing == "reject"
    with pytest.raises(SchemaError, match="needs a timestamp field"):
        hinted(plain, Hints(max_age_seconds=1.0))


def test_settings_and_rules_change_and_fields_stay() -> None:
    after = changed(sensor_stream(), {"on_missing": "reject"}, {"publish_scores": True}, LATER)
    assert after.schema is not None
    assert (after.schema.on_missing, after.schema.fields) == ("reject", SENSORS.fields)
    assert (after.settings.publish_scores, after.revision) == (True, 2)
    waiting = changed(sensor_stream(schema=None), {"on_missing": "reject"}, {}, LATER)
    assert waiting.hints.on_missing == "reject"


def test_a_change_of_nothing_is_no_revision() -> None:
    stream = sensor_stream()
    assert changed(stream, {"on_missing": "missing"}, {"publish_scores": False}, LATER) is stream


@pytest.mark.parametrize(
    ("part", "schema"),
    [
        ("fields", StreamSchema(fields=(*SENSORS.fields, Field("more")), entity="sensor")),
        ("entity", StreamSchema(fields=SENSORS.fields)),
    ],
)
def test_other_fields_or_another_entity_are_another_stream(part, schema) -> None:
    require_same_fields(sensor_stream(), SENSORS)
    with pytest.raises(SchemaFixed, match=f"schema.{part}"):
        require_same_fields(sensor_stream(), schema)


def test_a_deleted_stream_keeps_its_number() -> None:
    assert replace(removed(sensor_stream(), LATER), deleted=False).revision == 2

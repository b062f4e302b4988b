from typing import Any

import pytest

from ad_data.errors import SchemaError
from ad_data.schema import Field, StreamSchema

HOST, TIME, CPU = Field("host", "string"), Field("ts", "timestamp"), Field("cpu")


def test_features_are_the_numeric_fields_without_the_entity() -> None:
    fields = (Field("id", "integer"), TIME, CPU, Field("n", "integer"), Field("up", "boolean"), HOST)
    assert StreamSchema(fields=fields, entity="id", timestamp="ts").features == ("cpu", "n")


def test_what_is_written_as_json_is_read() -> None:
    schema = StreamSchema(
        fields=(HOST, TIME, CPU), entity="host", timestamp="ts", on_missing="reject", max_age_seconds=5.0
    )
    assert StreamSchema.from_json(schema.to_json()) == schema


def test_a_minimal_schema_is_enough() -> None:
    schema = StreamSchema.from_json('{"fields": [{"name": "cpu"}]}')
    assert schema == StreamSchema(fields=(Field("cpu", "float", required=True),))
    assert schema.field("cpu").type == "float"


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"fields": ()}, "1 to 1000 fields"),
        ({"fields": (CPU, CPU)}, "'cpu': stands twice"),
        ({"fields": (Field("_row"),)}, "'_row': a name is not empty"),
        ({"fields": (Field(""),)}, "a name is not empty"),
        ({"fields": (CPU,), "entity": "host"}, "entity: field 'host' is not in the schema; choose from: cpu"),
        ({"fields": (CPU,), "entity": "cpu"}, "'cpu' is float, it must be string or integer"),
        ({"fields": (HOST,), "timestamp": "host"}, "'host' is string, it must be timestamp"),
        ({"fields": (CPU,), "max_age_seconds": 5.0}, "max_age_seconds: needs a timestamp field"),
        ({"fields": (TIME,), "timestamp": "ts", "max_age_seconds": -1.0}, "-1.0 is not a number of seconds"),
    ],
)
def test_a_contradiction_is_refused_with_what_would_be_right(parts: dict[str, Any], said: str) -> None:
    with pytest.raises(SchemaError, match=said):
        StreamSchema(**parts)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        '{"fields": [{"name": "a", "type": "text"}]}',
        '{"fields": [{"name": "_a"}]}',
        '{"feilds": []}',
    ],
)
def test_other_json_is_refused(text: str) -> None:
    with pytest.raises(SchemaError):
        StreamSchema.from_json(text)


def test_an_unknown_field_is_answered_with_the_known_ones() -> None:
    with pytest.raises(SchemaError, match="choose from: host, ts"):
        StreamSchema(fields=(HOST, TIME)).field("cpu")

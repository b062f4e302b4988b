from typing import get_args

import msgspec
import pytest

from ad_contracts import resources
from ad_contracts.events import EVENTS, Event

PLAIN = {int: {"int", "long"}, float: {"double"}, bool: {"boolean"}, str: {"string"}, bytes: {"bytes"}}


def avro_names(kind: object) -> set[str]:
    if isinstance(kind, str):
        return {kind}
    if isinstance(kind, list):
        return {name for option in kind for name in avro_names(option)}
    assert isinstance(kind, dict)
    return {kind["type"]}


def test_every_event_has_a_schema_and_every_schema_an_event() -> None:
    assert EVENTS.keys() == resources.newest_schemas().keys()
    assert set(EVENTS.values()) == set(get_args(Event))


@pytest.mark.parametrize("name", EVENTS)
def test_an_event_mirrors_its_newest_schema_field_by_field(name: str) -> None:
    schema = resources.newest_schemas()[name]
    assert schema["name"] == EVENTS[name].__name__
    fields = msgspec.structs.fields(EVENTS[name])
    assert [field.name for field in fields] == [field["name"] for field in schema["fields"]]
    for field, given in zip(fields, schema["fields"], strict=True):
        names = avro_names(given["type"])
        assert ("null" in names) == (type(None) in get_args(field.type)), field.name
        if field.type in PLAIN:
            assert names <= PLAIN[field.type], field.name


@pytest.mark.parametrize("name", EVENTS)
def test_every_field_of_a_schema_says_what_it_is(name: str) -> None:
    assert all(field.get("doc", "").endswith(".") for field in resources.newest_schemas()[name]["fields"])


def test_an_event_cannot_be_changed() -> None:
    event = EVENTS["training_progressed"](
        tenant="default", job_id="1", model="m", state="running", step="fit", progress=0.5, event_time_ms=1
    )
    with pytest.raises(AttributeError):
        setattr(event, "tenant", "other")  # noqa: B010 - that it cannot be done is the point

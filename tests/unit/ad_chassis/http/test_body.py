"""A value is of the kind that its field has."""

from typing import Annotated, Any, Literal

import pytest
from pydantic import Field, SecretStr, ValidationError

from ad_chassis.http.body import Body, QueryBody
from ad_chassis.http.moments import Moment


class Part(Body):
    number: Annotated[float, Field(ge=0)] | None = None
    count: int = 0
    yes: bool = False
    name: str | None = None
    secret: SecretStr | None = None
    label: Literal[0, 1] = 0
    either: int | str | None = None
    anything: Any = None
    parts: list["Part"] | None = None
    time: Moment | None = None


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("number", True, "a number belongs here, this is true or false"),
        ("number", "0.5", "a number belongs here, this is text"),
        ("count", False, "a number belongs here, this is true or false"),
        ("count", "5", "a number belongs here, this is text"),
        ("yes", 1, "true or false belongs here, this is a number"),
        ("yes", "yes", "true or false belongs here, this is text"),
        ("label", True, "a number belongs here, this is true or false"),
        ("time", 5, "a moment is text"),
        ("time", "5", "a moment is text"),
        ("time", True, "a moment is text"),
    ],
)
def test_another_kind_is_refused_with_what_would_be_right(field: str, value: Any, told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        Part.model_validate({field: value})
    with pytest.raises(ValidationError, match=told):
        Part.model_validate({"parts": [{field: value}]})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("number", 1),
        ("number", 0.5),
        ("number", None),
        ("count", 5),
        ("yes", True),
        ("name", "5"),
        ("label", 1),
        ("either", "5"),
        ("either", 5),
        ("anything", True),
        ("anything", "5"),
    ],
)
def test_what_a_field_takes_stays_as_it_is(field: str, value: Any) -> None:
    assert getattr(Part.model_validate({field: value}), field) == value


def test_in_a_query_every_value_comes_as_text() -> None:
    class Asked(Part, QueryBody):
        pass

    asked = Asked.model_validate({"number": "0.5", "count": "5", "yes": "true"})
    assert (asked.number, asked.count, asked.yes) == (0.5, 5, True)
    with pytest.raises(ValidationError):
        Asked.model_validate({"count": "true"})

"""The base of every request body."""

from functools import cache
from types import UnionType
from typing import Annotated, Any, ClassVar, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, ValidationInfo, field_validator

NUMBERS = frozenset({int, float})


class Body(BaseModel):
    """Frozen, and an unknown field is an error: a misspelt name must not pass in silence.

    A value is of the kind that its field has: pydantic alone would take true for 1, "5" for 5 and "yes" for true.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    comes_as_text: ClassVar[bool] = False

    @field_validator("*", mode="before")
    @classmethod
    def _of_its_kind(cls, value: Any, info: ValidationInfo) -> Any:
        if isinstance(value, bool | int | float | str):
            wanted = _kinds_of(cls, str(info.field_name))
            text = isinstance(value, str)
            if wanted and type(value) not in wanted and not (text and cls.comes_as_text):
                _check_kind(value, wanted)
        return value


class QueryBody(Body):
    """The parameters of a query, where every value comes as text."""

    comes_as_text: ClassVar[bool] = True


def _check_kind(value: bool | int | float | str, wanted: frozenset[Any]) -> None:
    numeric = bool(wanted & NUMBERS)
    if isinstance(value, bool) and numeric:
        raise ValueError("a number belongs here, this is true or false")
    if isinstance(value, str) and (numeric or bool in wanted) and not wanted - NUMBERS - {bool}:
        raise ValueError(f"{'a number' if numeric else 'true or false'} belongs here, this is text")
    if isinstance(value, int | float) and bool in wanted and not numeric:
        raise ValueError("true or false belongs here, this is a number")


@cache
def _kinds_of(body: type[BaseModel], field: str) -> frozenset[Any]:
    """The types that a field takes; nothing where it takes anything."""
    kinds = frozenset(_kinds(body.model_fields[field].annotation)) - {type(None)}
    return frozenset() if Any in kinds else kinds


def _kinds(annotation: Any) -> list[Any]:
    origin = get_origin(annotation)
    if origin is Annotated:
        return _kinds(get_args(annotation)[0])
    if origin is Literal:
        return [type(each) for each in get_args(annotation)]
    if origin in (Union, UnionType):
        return [kind for each in get_args(annotation) for kind in _kinds(each)]
    return [origin or annotation]

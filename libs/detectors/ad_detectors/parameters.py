"""Parameters of detectors: frozen, checked when made, described for people and for forms."""

import dataclasses
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from ad_detectors.errors import ParameterError

Value = int | float | str | bool


@dataclass(frozen=True, kw_only=True)
class ParameterDoc:
    """What a user must know of one parameter."""

    name: str
    type: str
    default: Any
    doc: str
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()

    @property
    def valid(self) -> str:
        """The valid values in words."""
        if self.choices:
            return "one of " + ", ".join(self.choices)
        if self.type == "boolean":
            return "true or false"
        if self.type == "string":
            return "text"
        whole = self.type == "integer"
        kind = "a whole number" if whole else "a number"
        low, high = (
            "" if end is None else f"{end:{'.0f' if whole else 'g'}}" for end in (self.low, self.high)
        )
        if self.low is None and self.high is None:
            return kind
        return f"{kind} from {low} to {high}" if high else f"{kind} of at least {low}"


def option(
    default: Value,
    doc: str,
    *,
    low: float | None = None,
    high: float | None = None,
    choices: tuple[str, ...] = (),
) -> Any:
    """Declare a parameter: its default, one line of documentation and its valid values."""
    return dataclasses.field(
        default=default, metadata={"doc": doc, "low": low, "high": high, "choices": choices}
    )


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """Base of every detector's parameters: checks types and ranges of what `option` declares."""

    def __post_init__(self) -> None:
        for doc in self.describe():
            object.__setattr__(self, doc.name, _checked(doc, getattr(self, doc.name)))

    @classmethod
    def describe(cls) -> tuple[ParameterDoc, ...]:
        """One entry per parameter, in order of declaration."""
        return tuple(
            ParameterDoc(
                name=field.name, type=_type_name(field.default), default=field.default, **field.metadata
            )
            for field in dataclasses.fields(cls)
        )

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """Make the parameters from a mapping.

        Raises
        ------
        ParameterError
            A name is unknown or a value is not valid.
        """
        known = [field.name for field in dataclasses.fields(cls)]
        unknown = sorted(set(values) - set(known))
        if unknown:
            choices = ", ".join(known) or "none"
            raise ParameterError(f"unknown parameter {unknown[0]!r}; valid parameters: {choices}")
        return cls(**values)

    def as_dict(self) -> dict[str, Value]:
        """The values by name, ready for JSON."""
        return dataclasses.asdict(self)


def parse_value(text: str) -> Value:
    """Turn `256`, `0.5`, `true` or `median` from a command line into a value."""
    try:
        value = json.loads(text)
    except json.JSONDecodeError:
        return text
    return value if isinstance(value, int | float | str) else text


def _type_name(default: object) -> str:
    names = {bool: "boolean", int: "integer", float: "number", str: "string"}
    return names[type(default)]


def _checked(doc: ParameterDoc, value: Any) -> Value:
    wrong = ParameterError(f"parameter {doc.name!r} is {value!r}; valid is {doc.valid}")
    if doc.type == "string":
        if not isinstance(value, str) or (doc.choices and value not in doc.choices):
            raise wrong
        return value
    if doc.type == "boolean":
        if not isinstance(value, bool):
            raise wrong
        return value
    number = _number(value, whole=doc.type == "integer")
    low = -math.inf if doc.low is None else doc.low
    high = math.inf if doc.high is None else doc.high
    if number is None or not low <= number <= high:
        raise wrong
    return number


def _number(value: Any, *, whole: bool) -> int | float | None:
    if isinstance(value, bool | str) or not hasattr(value, "__float__") or getattr(value, "shape", ()) != ():
        return None
    if whole:
        return int(value) if float(value).is_integer() else None
    return float(value) if math.isfinite(value) else None

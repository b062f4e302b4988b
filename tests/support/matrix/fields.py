"""What a request of an operation is made of, by its schema: the objects of its body, and every place for a text."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from tests.support.matrix.documents import OPENAPI
from tests.support.matrix.row import Call
from tests.support.matrix.runner import Route

Json = dict[str, Any]
Path = tuple[str | int, ...]
Where = Literal["body", "form", "path", "query"]
DEEP = 8


@dataclass(frozen=True)
class Inner:
    """An object of a body: where, and which fields its schema has; None where any name is a user's own data."""

    path: Path
    known: frozenset[str] | None


@dataclass(frozen=True)
class Spot:
    """A place for a text."""

    where: Where
    path: Path

    @property
    def name(self) -> str:
        return ".".join(map(str, self.path))

    def __str__(self) -> str:
        return f"{self.where} {self.name}"


@cache
def document_of(service: str) -> Json:
    found: Json = json.loads((OPENAPI / f"{service}.json").read_text())
    return found


def operation_of(route: Route) -> Json:
    found: Json = document_of(route.service)["paths"][route.path][route.method.lower()]
    return found


def has_body(route: Route) -> bool:
    return "application/json" in operation_of(route).get("requestBody", {}).get("content", {})


def inner_objects(route: Route, call: Call) -> list[Inner]:
    """The object that a body is, and those within it, also those that the example leaves out."""
    schema = operation_of(route)["requestBody"]["content"]["application/json"]["schema"]
    value = call.form if call.body is None else call.body
    return list(dict.fromkeys(_Walk(route.service).objects(schema, value, ())))


def spots(route: Route, call: Call) -> list[Spot]:
    """Every place for a text in the path, the query and the body."""
    found = [
        Spot(parameter["in"], (parameter["name"],))
        for parameter in operation_of(route).get("parameters", ())
        if parameter["in"] in ("path", "query")
    ]
    if call.form is not None:
        content = operation_of(route)["requestBody"]["content"]["application/x-www-form-urlencoded"]
        found += [Spot("form", (name,)) for name in content["schema"]["properties"]]
    elif call.body is not None:
        schema = operation_of(route)["requestBody"]["content"]["application/json"]["schema"]
        leaves = _Walk(route.service).leaves(schema, call.body, ())
        found += [Spot("body", path) for path, kind in leaves if kind.get("type") in ("string", None)]
    return list(dict.fromkeys(found))


def kinds(route: Route, call: Call) -> dict[Spot, set[str]]:
    """What each place of the query and the body takes, by its schema; a place for anything is left out."""
    walk, found = _Walk(route.service), dict[Spot, set[str]]()
    for parameter in operation_of(route).get("parameters", ()):
        if parameter["in"] == "query":
            place = Spot("query", (parameter["name"],))
            found[place] = {_kind(way) for _, way in walk.leaves(parameter["schema"], None, ())}
    if has_body(route) and call.body is not None:
        schema = operation_of(route)["requestBody"]["content"]["application/json"]["schema"]
        for path, way in walk.leaves(schema, call.body, ()):
            found.setdefault(Spot("body", path), set()).add(_kind(way))
    return {spot: wanted for spot, wanted in found.items() if "anything" not in wanted}


def put(body: Any, path: Path, value: Any) -> Any:
    """A copy of a body with a value at a place; what leads there is made where it is missing."""
    if not path:
        return value
    step, *rest = path
    if isinstance(step, int):
        items = list(body) if isinstance(body, list) else []
        items += [None] * (step + 1 - len(items))
        items[step] = put(items[step], tuple(rest), value)
        return items
    fields = dict(body) if isinstance(body, dict) else {}
    fields[step] = put(fields.get(step), tuple(rest), value)
    return fields


class _Walk:
    """Along a schema and an example together."""

    def __init__(self, service: str) -> None:
        self._document = document_of(service)

    def objects(self, schema: Json, value: Any, path: Path) -> Iterator[Inner]:
        for each in self.ways(schema, path):
            kind = each.get("type")
            if kind == "array":
                yield from self.objects(each.get("items", {}), _first(value), (*path, 0))
            elif "properties" in each:
                yield Inner(path, frozenset(each["properties"]))
                for name, inner in each["properties"].items():
                    yield from self.objects(inner, _of(value, name), (*path, name))
            elif kind == "object":
                yield Inner(path, None)
                yield from self.objects(_values(each), None, (*path, "x"))

    def leaves(self, schema: Json, value: Any, path: Path) -> Iterator[tuple[Path, Json]]:
        """Each with its schema, which is empty where nobody says what is there."""
        for each in self.ways(schema, path):
            kind = each.get("type")
            if kind == "array":
                yield from self.leaves(each.get("items", {}), _first(value), (*path, 0))
            elif "properties" in each:
                for name, inner in each["properties"].items():
                    yield from self.leaves(inner, _of(value, name), (*path, name))
            elif kind in ("object", None):
                # Whatever the example has, and a name of the user's own.
                yield from ((leaf, {}) for leaf in _leaves(value, path))
                yield (*path, "x"), {}
            elif kind != "null":
                yield path, each

    def ways(self, schema: Json, path: Path) -> Iterator[Json]:
        """All that may stand there; without an end where a schema holds itself."""
        if len(path) > DEEP:
            return
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            yield from self.ways(self._document["components"]["schemas"][name], path)
        elif "anyOf" in schema or "oneOf" in schema:
            for each in schema.get("anyOf") or schema["oneOf"]:
                yield from self.ways(each, path)
        else:
            yield schema


def _kind(schema: Json) -> str:
    """The words of JSON Schema, but for moments, which have one of their own."""
    return "moment" if schema.get("format") == "date-time" else str(schema.get("type", "anything"))


def _values(schema: Json) -> Json:
    inner = schema.get("additionalProperties")
    return inner if isinstance(inner, dict) else {}


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else None


def _of(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None


def _leaves(value: Any, path: Path) -> Iterator[Path]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(inner, (*path, name))
    elif isinstance(value, list):
        yield from _leaves(_first(value), (*path, 0))
    elif path:
        yield path

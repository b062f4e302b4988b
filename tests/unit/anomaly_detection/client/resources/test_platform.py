"""Every operation asks for something that the OpenAPI documents have: path, method, parameters and fields."""

import inspect
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from anomaly_detection.client.address import Address
from anomaly_detection.client.effects import Request, Work
from anomaly_detection.client.operations import Many, One, Resource
from anomaly_detection.client.resources.platform import Platform
from anomaly_detection.client.signature import Signature
from anomaly_detection.client.walk import Walk
from tests.architecture import project

SERVICES = ("auth", "detection", "ingestion", "model_registry", "training")
GIVEN = {
    "anomaly_id": "a1", "batch_rows": 10, "challengers": [], "contamination": 0.1, "data": [{"a": 1}],
    "dry_run": True, "everything": True, "explain": True, "force": True, "limit": 7, "overlap_seconds": 60,
    "parameters": {}, "permissions": ["read"], "quotas": {}, "revision": 3, "superseded": True, "version": 2,
    "wanted": {"stream": "pumps"}, "source": [{"a": 1}], "service": "auth",
    "job": {"id": "j1", "status": "running"}, "replay": {"id": "r1", "state": "running"},
}  # fmt: skip
FIELDS = {
    "api_keys.change": {"name": "x"},
    "api_keys.create": {"role": "viewer", "streams": ["a"], "expires_at": None, "permissions": None},
    "dead_letters.replay": {
        "raw": "x",
        "raw_encoding": "utf-8",
        "stream": "a",
        "dry_run": True,
        "force": True,
    },
    "jobs.start": {"contamination": 0.1, "columns": ["a"], "parameters": {}, "time_limit_seconds": 5},
    "replays.start": {"source": "lake", "from": None, "to": None, "warm_from": None, "labels": []},
    "streams.change": {"settings": {}, "schema": {}},
    "streams.create": {"schema": {}, "entity": "a", "timestamp": "b", "settings": {}, "topic": "t"},
    "tenants.change": {"suspended": True, "quotas": {}},
    "users.change": {"role": "viewer", "streams": None, "suspended": True},
    "users.create": {"streams": ["a"]},
}


class Nobody:
    def run(self, steps: Any) -> Any:
        return steps

    def each(self, items: Any) -> Any:
        return items


PLATFORM: Platform[Any] = Platform(Nobody(), Address("http://a", "k"), Signature(Address("http://a", "k")))


def operations() -> Iterator[Any]:
    groups = {name: group for name, group in vars(PLATFORM).items() if isinstance(group, Resource)}
    for prefix, group in {"": PLATFORM, **{f"{name}.": group for name, group in groups.items()}}.items():
        for name, kind in vars(type(group)).items():
            if isinstance(kind, One | Many) and name != "follow":
                yield pytest.param(prefix + name, getattr(group, name), id=prefix + name)


def first_request(steps: Any) -> Request:
    """Of an operation; what may block before it is done."""
    with Walk(steps) as walk:
        while not isinstance(walk.effect, Request):
            walk.give(walk.effect.function() if isinstance(walk.effect, Work) else None)
        return walk.effect


def arguments(name: str, operation: Any, file: Path) -> dict[str, Any]:
    known = GIVEN | {"path": file, "progress": None}
    parameters = list(inspect.signature(operation).parameters.values())[1:]
    named = [each.name for each in parameters if each.kind is not each.VAR_KEYWORD]
    return {each: known.get(each, "x") for each in named} | FIELDS.get(name, {})


def documented(request: Request) -> dict[str, Any]:
    """The operation of the document; its schemas stand beside it."""
    for service in SERVICES:
        document = json.loads((project.ROOT / "contracts" / "openapi" / f"{service}.json").read_text())
        for path, methods in document["paths"].items():
            pattern = re.sub(r"\{[^}]+\}", "[^/]+", path.removeprefix("/api/v1"))
            if re.fullmatch(pattern, request.path) and request.method.lower() in methods:
                return {"components": document["components"], **methods[request.method.lower()]}
    raise AssertionError(f"nothing is at {request.method} {request.path}")


def fields_of(found: dict[str, Any]) -> set[str]:
    schema = found["requestBody"]["content"]["application/json"]["schema"]
    for each in [schema, *schema.get("anyOf", [])]:
        if "$ref" in each:
            return set(found["components"]["schemas"][each["$ref"].split("/")[-1]]["properties"])
    return set(schema.get("properties", {}))


@pytest.mark.parametrize(("name", "operation"), list(operations()))
def test_an_operation_is_in_the_documents(name, operation, tmp_path) -> None:
    file = tmp_path / "m.adm"
    file.write_bytes(b"x")
    request = first_request(operation(**arguments(name, operation, file)))
    found = documented(request)
    parameters = {each["name"] for each in found.get("parameters", [])}
    assert set(request.params) <= parameters
    assert request.json is None or set(request.json) <= fields_of(found)

"""Finds topics.yaml and the Avro schemas: inside the wheel, or beside the package in a work tree."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

Schema = dict[str, Any]


class SchemaFile(NamedTuple):
    event: str
    version: int
    schema: Schema


@cache
def root() -> Path:
    package = Path(__file__).parent
    found = next((place for place in (package, package.parent) if (place / "topics.yaml").is_file()), None)
    if found is None:
        raise FileNotFoundError(f"topics.yaml is neither in {package} nor beside it: reinstall ad-contracts")
    return found


def topics_yaml() -> str:
    return (root() / "topics.yaml").read_text(encoding="utf-8")


@cache
def schema_files() -> tuple[SchemaFile, ...]:
    """Every version of every event, the oldest first."""
    found = []
    for path in (root() / "avro").glob("*/v*.avsc"):
        match = re.fullmatch(r"v([1-9][0-9]*)\.avsc", path.name)
        if match is None:
            raise ValueError(f"{path}: a schema file is named v<number>.avsc")
        schema = json.loads(path.read_text(encoding="utf-8"))
        found.append(SchemaFile(path.parent.name, int(match[1]), schema))
    return tuple(sorted(found, key=lambda file: (file.event, file.version)))


def newest_schemas() -> dict[str, Schema]:
    return {file.event: file.schema for file in schema_files()}


@cache
def openapi_documents() -> dict[str, Any]:
    """The generated OpenAPI document of every service, by its name."""
    files = sorted((root() / "openapi").glob("*.json"))
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in files}

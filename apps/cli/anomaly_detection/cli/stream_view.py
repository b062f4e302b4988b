"""One stream with its schema, for people or programs."""

from collections.abc import Mapping
from typing import Any

from anomaly_detection.cli.progress import note


def show_stream(stream: Mapping[str, Any], json: bool) -> None:
    from anomaly_detection.cli import printing

    if json:
        printing.as_json(stream)
        return
    schema = stream.get("schema") or {}
    rest = {key: value for key, value in stream.items() if key != "schema"}
    rules = {key: value for key, value in schema.items() if key != "fields" and value is not None}
    printing.details(f"stream {stream.get('name')}", rest | rules)
    if schema.get("fields"):
        printing.records("fields", ("name", "type", "required"), schema["fields"])
    else:
        note("the schema is inferred from the first records")

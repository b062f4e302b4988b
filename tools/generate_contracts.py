"""Writes the documents that follow from the contracts. `--check` writes nothing and fails over an old one.

python tools/generate_contracts.py [--check]
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import feed_contract
import yaml

from ad_chassis.platform import create_platform
from ad_chassis.testing.platform import embedded_settings
from ad_contracts import resources
from ad_contracts.topics import TOPICS, TopicSpec
from anomaly_detection.serve.services import SERVICES, build_of

ROOT = Path(__file__).parents[1]
HEADER = "# Generated from topics.yaml and avro/ by tools/generate_contracts.py; change those.\n"
AVRO = "application/vnd.apache.avro;version=1.12.0"
OUTSIDE = "external"


def asyncapi_document() -> dict[str, Any]:
    """AsyncAPI 3: a channel per topic and one for the live feed, a message per event, an operation per side of it."""
    operations: dict[str, Any] = {}
    for name, spec in TOPICS.items():
        operations |= _operations(name, spec)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "anomaly_detection",
            "version": "1",
            "description": "Topics and events of the platform. Headers are CloudEvents 1.0 in binary mode.",
        },
        "defaultContentType": "application/avro",
        "channels": {
            **{name: _channel(spec) for name, spec in TOPICS.items()},
            feed_contract.CHANNEL: feed_contract.channel(),
        },
        "operations": operations | feed_contract.operations(),
        "components": {
            "messages": _messages() | feed_contract.messages(),
            "schemas": feed_contract.schemas(),
        },
    }


def documents() -> dict[Path, str]:
    """Every generated file and what must stand in it."""
    text = yaml.safe_dump(asyncapi_document(), sort_keys=False, allow_unicode=True, width=110)
    written = {ROOT / "contracts" / "asyncapi.yaml": HEADER + text}
    for service, document in openapi_documents().items():
        path = ROOT / "contracts" / "openapi" / f"{service}.json"
        written[path] = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    return written


def openapi_documents() -> dict[str, Any]:
    """What every service says of itself. They are wired, and not started."""
    with tempfile.TemporaryDirectory() as folder:
        platform = create_platform(embedded_settings(Path(folder)))
        return {name: build_of(name)(platform).app.openapi() for name in sorted(SERVICES)}


def drifted(wanted: Mapping[Path, str]) -> list[Path]:
    """The files that do not hold what they should."""
    return [path for path, text in wanted.items() if not path.exists() or path.read_text() != text]


def _channel(spec: TopicSpec) -> dict[str, Any]:
    channel: dict[str, Any] = {"address": spec.name, "title": spec.title, "description": _description(spec)}
    if spec.per_tenant:
        channel["parameters"] = {"tenant": {"description": "Who owns the data."}}
    channel["messages"] = {name: {"$ref": f"#/components/messages/{name}"} for name in _message_names(spec)}
    channel["bindings"] = {
        "kafka": {"partitions": spec.partitions, "topicConfiguration": _configuration(spec)}
    }
    return channel


def _description(spec: TopicSpec) -> str:
    return f"Key: {spec.key}. Forms: {', '.join(spec.formats)}."


def _configuration(spec: TopicSpec) -> dict[str, Any]:
    kept = -1 if spec.retention_hours is None else int(spec.retention_hours * 3_600_000)
    return {"cleanup.policy": ["compact" if spec.compaction else "delete"], "retention.ms": kept}


def _message_names(spec: TopicSpec) -> tuple[str, ...]:
    return spec.schema or ("data_records",)


def _operations(name: str, spec: TopicSpec) -> dict[str, Any]:
    found = {}
    sides = (("send", "sends", spec.producers), ("receive", "receives", spec.consumers))
    for action, verb, members in sides:
        for member in members:
            if member != OUTSIDE:
                key = f"{member}_{verb}_{name.replace('.', '_')}"
                found[key] = {
                    "action": action,
                    "channel": {"$ref": f"#/channels/{name}"},
                    "summary": spec.title,
                }
    return found


def _messages() -> dict[str, Any]:
    events = {
        event: {
            "name": schema["name"],
            "summary": schema["doc"],
            "contentType": "application/avro",
            "payload": {"schemaFormat": AVRO, "schema": schema},
        }
        for event, schema in resources.newest_schemas().items()
    }
    records = {
        "name": "DataRecords",
        "summary": "A JSON object, an Avro record (single-object encoding), or an Arrow IPC stream of many rows.",
        "payload": {"description": "Fields as the schema of the stream has them."},
    }
    return {**events, "data_records": records}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit 1 when a file is not up to date"
    )
    check = parser.parse_args().check
    wanted = documents()
    late = drifted(wanted)
    for path in late:
        shown = path.relative_to(ROOT)
        if check:
            print(f"{shown} is not up to date: run `make contracts`", file=sys.stderr)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted[path])
            print(f"wrote {shown}")
    return 1 if check and late else 0


if __name__ == "__main__":
    raise SystemExit(main())

"""Contracts outlive releases: a schema once written never changes, and every old one stays readable."""

import hashlib
import io
import json
import random
import sys
from pathlib import Path

import fastavro
import pytest
from fastavro.schema import SchemaParseException
from fastavro.utils import generate_many

from ad_contracts import avro, resources
from ad_contracts.codec import MARKER, AvroCodec
from ad_contracts.events import EVENTS
from ad_contracts.resources import SchemaFile
from tests.architecture import project

AVRO = project.ROOT / "contracts" / "avro"
SAMPLES = 25
sys.path.insert(0, str(project.ROOT / "tools"))
import generate_contracts  # noqa: E402 - the folder of tools is no package


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def frozen() -> dict[str, str]:
    content: dict[str, str] = json.loads((AVRO / "frozen.json").read_text())
    return content


def test_no_schema_changed_after_it_was_frozen() -> None:
    changed = [
        name for name, sha in frozen().items() if not (AVRO / name).exists() or digest(AVRO / name) != sha
    ]
    assert not changed, f"undo the change and write the next version beside it: {changed}"


def test_every_schema_is_frozen() -> None:
    files = {path.relative_to(AVRO).as_posix(): digest(path) for path in AVRO.glob("*/*.avsc")}
    fresh = {name: sha for name, sha in files.items() if name not in frozen()}
    assert not fresh, f"add these lines to contracts/avro/frozen.json: {json.dumps(fresh, indent=2)}"


def test_versions_have_no_gaps() -> None:
    versions: dict[str, list[int]] = {}
    for file in resources.schema_files():
        versions.setdefault(file.event, []).append(file.version)
    assert all(found == list(range(1, len(found) + 1)) for found in versions.values()), versions


@pytest.mark.parametrize("file", resources.schema_files(), ids=lambda file: f"{file.event}-v{file.version}")
def test_the_newest_reader_reads_what_every_older_schema_wrote(file: SchemaFile) -> None:
    random.seed(7)
    codec = AvroCodec()
    for datum in generate_many(file.schema, SAMPLES):
        buffer = io.BytesIO()
        fastavro.schemaless_writer(buffer, avro.parse(file.schema), datum)
        data = MARKER + avro.schema_fingerprint(file.schema) + buffer.getvalue()
        event = codec.decode(data)
        assert type(event) is EVENTS[file.event]
        kept = {name: value for name, value in datum.items() if hasattr(event, name)}
        assert {name: getattr(event, name) for name in kept} == kept


def test_an_incompatible_schema_would_be_noticed() -> None:
    old = {"type": "record", "name": "R", "fields": [{"name": "a", "type": "string"}]}
    new = {"type": "record", "name": "R", "fields": [{"name": "b", "type": "long"}]}
    buffer = io.BytesIO()
    fastavro.schemaless_writer(buffer, old, {"a": "x"})
    buffer.seek(0)
    with pytest.raises((fastavro.read.SchemaResolutionError, SchemaParseException)):
        fastavro.schemaless_reader(buffer, old, new)


def test_the_generated_documents_are_up_to_date() -> None:
    late = [project.shown(path) for path in generate_contracts.drifted(generate_contracts.documents())]
    assert not late, f"run `make contracts`: {late}"


def test_every_reference_of_the_asyncapi_document_leads_somewhere() -> None:
    document = generate_contracts.asyncapi_document()

    def references(node: object) -> list[str]:
        if isinstance(node, dict):
            own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
            return own + [found for value in node.values() for found in references(value)]
        return [found for value in node for found in references(value)] if isinstance(node, list) else []

    for reference in references(document):
        target = document
        for part in reference.removeprefix("#/").split("/"):
            assert part in target, reference
            target = target[part]

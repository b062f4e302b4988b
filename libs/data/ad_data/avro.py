"""Records as Avro in single-object encoding; their schema follows from the schema of the stream."""

import io
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import fastavro
import polars as pl
from fastavro.schema import fingerprint, to_parsing_canonical_form

from ad_data.conform import DTYPES
from ad_data.forms import AVRO_MARKER
from ad_data.json_rows import Failure, Rows
from ad_data.schema import StreamSchema

TYPES: dict[str, Any] = {
    "float": "double",
    "integer": "long",
    "boolean": "boolean",
    "string": "string",
    "timestamp": {"type": "long", "logicalType": "timestamp-millis"},
}
HEADER_BYTES = 10
INT64 = 1 << 63


class _Codec(NamedTuple):
    header: bytes
    schema: Any
    names: dict[str, str]


def avro_schema(schema: StreamSchema) -> dict[str, Any]:
    """The Avro record of a stream: every field nullable, in order; times in milliseconds since the epoch."""
    names = _avro_names(schema)
    fields = [
        {"name": names[field.name], "type": ["null", TYPES[field.type]], "default": None, "doc": field.name}
        for field in schema.fields
    ]
    return {"type": "record", "name": "Record", "namespace": "anomaly_detection.records", "fields": fields}


def encode_record(record: Mapping[str, Any], schema: StreamSchema) -> bytes:
    """One message; a field that the record lacks is null."""
    codec = _codec(schema)
    buffer = io.BytesIO()
    buffer.write(codec.header)
    fastavro.schemaless_writer(
        buffer, codec.schema, {avro: record.get(name) for name, avro in codec.names.items()}
    )
    return buffer.getvalue()


def parse_avro(values: Sequence[bytes], schema: StreamSchema) -> Rows:
    """The records of messages that each hold one."""
    codec = _codec(schema)
    records, places, failures = [], [], []
    for place, value in enumerate(values):
        found = _read(value, codec)
        if isinstance(found, str):
            failures.append(Failure(place, found))
        else:
            records.append(found)
            places.append(place)
    columns = [
        pl.Series(
            field.name, [record[codec.names[field.name]] for record in records], _wire_dtype(field.type)
        )
        for field in schema.fields
    ]
    frame = pl.DataFrame(columns)
    times = [
        pl.col(field.name).cast(DTYPES["timestamp"]) for field in schema.fields if field.type == "timestamp"
    ]
    return Rows(frame.with_columns(times), places, failures)


def _wire_dtype(kind: str) -> pl.DataType:
    return pl.Int64() if kind == "timestamp" else DTYPES[kind]


def _read(value: bytes, codec: _Codec) -> Any:
    """The record, or what is wrong with the message."""
    if not value.startswith(codec.header):
        return _wrong_header(value, codec.header)
    buffer = io.BytesIO(value)
    buffer.seek(HEADER_BYTES)
    try:
        record: Any = fastavro.schemaless_reader(buffer, codec.schema, None)
    except Exception as error:  # noqa: BLE001 - fastavro trips over garbage in many ways, each is a bad record
        where = f"near byte {buffer.tell()} of {len(value)}"
        return f"Avro record truncated or damaged {where}: {type(error).__name__}"
    if buffer.tell() != len(value):
        return f"Avro record ends at byte {buffer.tell()} of {len(value)}: trailing bytes"
    integers = [item for item in record.values() if isinstance(item, int)]
    if any(not -INT64 <= item < INT64 for item in integers):
        return "Avro record holds a number beyond 64 bits"
    return record


def _wrong_header(value: bytes, right: bytes) -> str:
    if not value.startswith(AVRO_MARKER):
        return (
            f"not Avro single-object encoding: begins with {value[:2].hex(' ') or 'nothing'} instead of c3 01"
        )
    if len(value) < HEADER_BYTES:
        return f"Avro record truncated: {len(value)} bytes, the header alone has {HEADER_BYTES}"
    given, wanted = value[2:HEADER_BYTES].hex(), right[2:].hex()
    return f"Avro record of another schema: fingerprint {given}, the stream's is {wanted}"


@lru_cache(maxsize=1024)
def _codec(schema: StreamSchema) -> _Codec:
    record = avro_schema(schema)
    mark = fingerprint(to_parsing_canonical_form(record), "CRC-64-AVRO")
    for field in record["fields"]:
        # Read as plain numbers: a datetime per record would be built only to be taken apart again.
        field["type"] = [kind["type"] if isinstance(kind, dict) else kind for kind in field["type"]]
    return _Codec(AVRO_MARKER + bytes.fromhex(mark), fastavro.parse_schema(record), _avro_names(schema))


def _avro_names(schema: StreamSchema) -> dict[str, str]:
    """Avro knows letters, digits and underscores; a changed name gets its position, to stay unique."""
    names = {}
    for position, name in enumerate(schema.names):
        plain = re.sub(r"[^A-Za-z0-9_]", "_", name)
        changed = plain != name or plain[0].isdigit()
        names[name] = f"f{position}__{plain}" if changed else plain
    return names

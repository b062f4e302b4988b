"""One Avro datum to and from bytes, with errors that say what was wrong."""

import io
from functools import cache
from typing import Any

import fastavro
import msgspec
from fastavro.schema import SchemaParseException, UnknownType, fingerprint, to_parsing_canonical_form

from ad_contracts import resources
from ad_contracts.errors import DecodeError, EncodeError
from ad_contracts.events import EVENTS, Event

Schema = dict[str, Any]


def schema_fingerprint(schema: Schema) -> bytes:
    """The 8 bytes of CRC-64-AVRO of the parsing canonical form, as single-object encoding has them."""
    return bytes.fromhex(fingerprint(to_parsing_canonical_form(schema), "CRC-64-AVRO"))


@cache
def reader_schemas() -> dict[str, Schema]:
    """The newest schema of every event, parsed."""
    return {event: parse(schema) for event, schema in resources.newest_schemas().items()}


def parse(schema: Schema) -> Schema:
    """A record schema in the form that fastavro reads and writes fastest."""
    try:
        parsed = fastavro.parse_schema(schema)
    except (SchemaParseException, UnknownType) as error:
        raise DecodeError(f"not an Avro schema: {error}") from error
    if not isinstance(parsed, dict):
        raise DecodeError(f"an event is an Avro record, this is {schema!r}")
    return parsed


def write(event: Event) -> bytes:
    """The datum without any framing, in the newest schema."""
    buffer = io.BytesIO()
    try:
        fastavro.schemaless_writer(buffer, reader_schemas()[event.schema], msgspec.structs.asdict(event))
    except (ValueError, TypeError, OverflowError, KeyError, AttributeError) as error:
        raise EncodeError(
            f"{type(event).__name__} does not fit its schema {event.schema}: {error}"
        ) from error
    return buffer.getvalue()


def read(data: bytes, start: int, event: str, writer: Schema) -> Event:
    """The event whose datum fills `data` from `start` to the end."""
    buffer = io.BytesIO(data)
    buffer.seek(start)
    try:
        datum = fastavro.schemaless_reader(buffer, writer, reader_schemas()[event])
    except Exception as error:
        # fastavro meets garbage with whatever its decoder happens to trip over, from EOFError to KeyError.
        what = f"{event} is truncated or damaged, near byte {buffer.tell()} of {len(data)}"
        raise DecodeError(f"{what}: {type(error).__name__} {error}".rstrip()) from error
    if buffer.tell() != len(data):
        raise DecodeError(
            f"{event} ends at byte {buffer.tell()}, but the message has {len(data)}: trailing bytes"
        )
    try:
        return msgspec.convert(datum, EVENTS[event], builtin_types=(bytes,))
    except msgspec.ValidationError as error:
        raise DecodeError(f"{event}: {error}") from error

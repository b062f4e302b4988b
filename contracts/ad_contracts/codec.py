"""Events to and from bytes: Avro single-object encoding, or Confluent framing when there is a registry."""

from collections.abc import Iterable
from functools import cache
from typing import Protocol

from ad_contracts import avro, resources
from ad_contracts.errors import DecodeError, UnknownSchemaError
from ad_contracts.events import Event

MARKER = b"\xc3\x01"
HEADER_BYTES = 10
CONTENT_TYPE = "application/avro"


class Codec(Protocol):
    """What services use. Call `prepare` once before the first event."""

    async def prepare(self, tenants: Iterable[str] = ("default",)) -> None: ...
    async def learn(self, messages: Iterable[bytes]) -> None:
        """Fetches what is needed to decode these messages and not known yet; never fails over garbage."""

    async def close(self) -> None: ...
    def encode(self, event: Event) -> bytes: ...
    def decode(self, data: bytes) -> Event: ...


@cache
def _writers() -> dict[bytes, tuple[str, avro.Schema]]:
    """Every version of every event by its fingerprint."""
    return {
        avro.schema_fingerprint(file.schema): (file.event, avro.parse(file.schema))
        for file in resources.schema_files()
    }


@cache
def _prefixes() -> dict[str, bytes]:
    """What the bytes of an event begin with."""
    return {
        name: MARKER + avro.schema_fingerprint(schema) for name, schema in resources.newest_schemas().items()
    }


class AvroCodec:
    """C3 01, the fingerprint of the schema, the datum. Reads every version, writes the newest."""

    async def prepare(self, tenants: Iterable[str] = ("default",)) -> None:
        """Nothing to do: the schemas come with the package."""

    async def learn(self, messages: Iterable[bytes]) -> None:
        """Nothing to do: the schemas come with the package."""

    async def close(self) -> None:
        """Nothing to do: nothing is open."""

    def encode(self, event: Event) -> bytes:
        return _prefixes()[event.schema] + avro.write(event)

    def decode(self, data: bytes) -> Event:
        if not data.startswith(MARKER):
            raise DecodeError(
                f"not an Avro event: it begins with {data[:2].hex(' ') or 'nothing'} instead of c3 01"
            )
        if len(data) < HEADER_BYTES:
            raise DecodeError(f"truncated: {len(data)} bytes, the header alone has {HEADER_BYTES}")
        mark = data[2:HEADER_BYTES]
        known = _writers().get(mark)
        if known is None:
            raise UnknownSchemaError(
                f"schema fingerprint {mark.hex()} is not known here: a newer producer, or not ours"
            )
        event, writer = known
        return avro.read(data, HEADER_BYTES, event, writer)


def codec_for(schema_registry_url: str | None) -> Codec:
    """The codec that the installation speaks."""
    if not schema_registry_url:
        return AvroCodec()
    from ad_contracts.confluent import ConfluentCodec
    from ad_contracts.registry import SchemaRegistry

    return ConfluentCodec(SchemaRegistry(schema_registry_url))

"""Events in the framing of Confluent's serializers: a zero byte, the id of the schema, the datum."""

import re
import struct
from collections.abc import Iterable

from ad_contracts import avro, resources
from ad_contracts.codec import MARKER, AvroCodec
from ad_contracts.errors import DecodeError, EncodeError, UnknownSchemaError
from ad_contracts.events import EVENTS, Event
from ad_contracts.registry import SchemaRegistry
from ad_contracts.topics import TOPICS, topic, topics_of

HEADER = struct.Struct(">bI")
EVENT_OF_RECORD = {event.__name__: name for name, event in EVENTS.items()}


def subject(name: str, event: str, tenant: str) -> str:
    """`<topic>-value`, and `<topic>-<record>` where a topic carries several events."""
    where = topic(name, tenant)
    if len(TOPICS[name].schema) == 1:
        return f"{where}-value"
    schema = resources.newest_schemas()[event]
    return f"{where}-{schema['namespace']}.{schema['name']}"


class ConfluentCodec:
    """Writes with the ids that the registry gave; reads these, and single-object encoding too."""

    def __init__(self, registry: SchemaRegistry) -> None:
        self._registry = registry
        self._ids: dict[str, int] = {}
        self._writers: dict[int, tuple[str, avro.Schema]] = {}
        self._plain = AvroCodec()

    async def prepare(self, tenants: Iterable[str] = ("default",)) -> None:
        """Registers the newest schema of every event under every topic that carries it."""
        for tenant in tenants:
            for event, schema in resources.newest_schemas().items():
                for name in topics_of(event):
                    self._ids[event] = await self._registry.register(subject(name, event, tenant), schema)
                self._writers[self._ids[event]] = (event, avro.parse(schema))

    async def learn(self, messages: Iterable[bytes]) -> None:
        for schema_id in {HEADER.unpack_from(data)[1] for data in messages if _is_framed(data)}:
            if schema_id not in self._writers:
                await self._fetch(schema_id)

    async def close(self) -> None:
        await self._registry.close()

    def encode(self, event: Event) -> bytes:
        if event.schema not in self._ids:
            raise EncodeError(f"{event.schema} has no schema id yet: await prepare() before the first event")
        return HEADER.pack(0, self._ids[event.schema]) + avro.write(event)

    def decode(self, data: bytes) -> Event:
        if data.startswith(MARKER):
            return self._plain.decode(data)
        if not _is_framed(data):
            begin = data[:5].hex(" ") or "nothing"
            raise DecodeError(f"not an event: it begins with {begin} instead of 00 and 4 bytes of schema id")
        schema_id = HEADER.unpack_from(data)[1]
        if schema_id not in self._writers:
            raise UnknownSchemaError(
                f"schema id {schema_id} is no event of ours, or learn() was not awaited", schema_id
            )
        event, writer = self._writers[schema_id]
        return avro.read(data, HEADER.size, event, writer)

    async def _fetch(self, schema_id: int) -> None:
        try:
            schema = await self._registry.schema(schema_id)
            writer = avro.parse(schema)
        except DecodeError:
            return  # decode says so, for the one message that it concerns
        event = EVENT_OF_RECORD.get(re.sub(r"^.*\.", "", str(schema.get("name"))))
        if event is not None:
            self._writers[schema_id] = (event, writer)


def _is_framed(data: bytes) -> bool:
    return len(data) >= HEADER.size and data[0] == 0

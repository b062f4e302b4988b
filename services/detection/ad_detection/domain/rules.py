"""The rule that an event about a stream states."""

import msgspec

from ad_contracts.events import StreamChanged
from ad_data.errors import SchemaError
from ad_data.schema import StreamSchema
from ad_detection.domain.control import StreamRule, StreamSettings
from ad_detectors import catalog
from ad_detectors.errors import DetectorError


def rule_of(event: StreamChanged) -> StreamRule:
    """Raises `SchemaError` when the event states no usable schema."""
    try:
        settings = msgspec.json.decode(event.settings_json or "{}", type=StreamSettings)
    except msgspec.DecodeError as error:
        raise SchemaError(f"settings of stream {event.stream!r}: {error}") from error
    try:
        catalog.create_streaming(settings.algorithm, **settings.streaming_parameters)
    except DetectorError as error:
        raise SchemaError(f"settings of stream {event.stream!r}: {error}") from error
    return StreamRule(
        tenant=event.tenant,
        stream=event.stream,
        topic=event.topic,
        schema=StreamSchema.from_json(event.schema_json),
        settings=settings,
        revision=event.revision,
        generation=event.generation,
    )

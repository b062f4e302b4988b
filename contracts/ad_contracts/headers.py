"""CloudEvents 1.0 headers in binary mode, with the trace context."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from ad_contracts.events import RecordHeader

Headers = list[tuple[str, bytes]]

BATCH_ID = "ad_batch_id"
TICK = "anomaly_detection.tick"
"""Type and source of messages on data topics that are no records: the time went on, and nothing came."""
GENERATION = "ad_generation"
"""Of records that ingestion accepted, and of scores: which stream of its name they are of."""
REPLAY_OF = "ad_replay_of"
"""Names the dead letter that a message replays."""
_FIELDS = {
    "ce_type": "type",
    "ce_source": "source",
    "ce_id": "id",
    "ce_time": "time",
    "ce_specversion": "specversion",
    "content-type": "content_type",
    "traceparent": "traceparent",
    BATCH_ID: "batch_id",
}


@dataclass(frozen=True, slots=True)
class CloudEvent:
    """What the headers of a message say; whatever is absent or not UTF-8 is None."""

    type: str | None = None
    source: str | None = None
    id: str | None = None
    time: str | None = None
    specversion: str | None = None
    content_type: str | None = None
    traceparent: str | None = None
    batch_id: str | None = None


def iso_time(time_ms: int) -> str:
    """Milliseconds since the epoch as ISO 8601 with Z."""
    moment = datetime.fromtimestamp(time_ms / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def cloud_event(
    type: str,  # noqa: A002 - CloudEvents' own words are the interface
    source: str,
    id: str,  # noqa: A002 - CloudEvents' own words are the interface
    time: int | str,
    content_type: str,
    traceparent: str | None = None,
    batch_id: str | None = None,
) -> Headers:
    """The headers of a message; `time` in milliseconds since the epoch, or ready as ISO 8601."""
    values = {
        "ce_specversion": "1.0",
        "ce_type": type,
        "ce_source": source,
        "ce_id": id,
        "ce_time": time if isinstance(time, str) else iso_time(time),
        "content-type": content_type,
        "traceparent": traceparent,
        BATCH_ID: batch_id,
    }
    return [(name, value.encode()) for name, value in values.items() if value is not None]


def read(headers: Iterable[tuple[str, bytes]]) -> CloudEvent:
    """What is there; a message without any of them gives an event of Nones."""
    found = {}
    for name, value in headers:
        field = _FIELDS.get(name)
        if field is not None and value is not None:
            found[field] = _text(value)
    return CloudEvent(**found)


def recorded(headers: Iterable[tuple[str, bytes | None]]) -> list[RecordHeader]:
    """Headers as an event carries them; a name that is no text is carried as far as it is."""
    return [{"name": name.encode("utf-8", "replace").decode(), "value": value} for name, value in headers]


def _text(value: bytes) -> str | None:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return None

"""Dead letters on their way back: whether a stream takes them now, and as which messages they go.

What stood on a topic goes there again, as it was. What came over REST never got so far: it is accepted like a new
body (`usecases/accept_records.py`), so that it is in the lake too.
"""

import dataclasses
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace

import msgspec
import polars as pl

from ad_contracts.headers import BATCH_ID, REPLAY_OF
from ad_contracts.partitioning import SEPARATOR, partition_for, record_key
from ad_data.decode import decode
from ad_data.forms import form_of
from ad_data.schema import StreamSchema
from ad_data.validate import validate
from ad_ingestion.domain.dead_letters import DeadLetter
from ad_ingestion.domain.sorting import ROW
from ad_ingestion.domain.streams import Stream

JSON = "application/json"
ARROW = "application/vnd.apache.arrow.stream"
NOT_JSON = "only the record itself can be sent again, and these bytes are no JSON object; give it as `raw`"


@dataclass(frozen=True, slots=True)
class Correction:
    """What to replay instead of what was rejected; None leaves it as it is."""

    raw: bytes | None = None
    content_type: str | None = None
    stream: str | None = None


@dataclass(frozen=True, slots=True)
class ReplayMessage:
    topic: str
    key: bytes
    value: bytes
    headers: Sequence[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class Trial:
    """Whether the stream takes a dead letter now. `frame` holds its rows as they were read."""

    letter: DeadLetter
    reason: str | None = None
    field: str | None = None
    frame: pl.DataFrame = dataclasses.field(default_factory=pl.DataFrame, compare=False)
    corrected: bool = False

    @property
    def passes(self) -> bool:
        return self.reason is None


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of some dead letters, or would become of them."""

    passed: Sequence[Trial]
    failed: Sequence[Trial]
    remaining: int = 0
    cursor: int | None = None


def corrected(letter: DeadLetter, correction: Correction) -> DeadLetter:
    """The letter as if it had come like that."""
    changes: dict[str, object] = {}
    if correction.stream is not None:
        changes["stream"] = correction.stream
    if correction.raw is not None:
        changes |= {"raw": correction.raw, "content_type": correction.content_type or _form(correction.raw)}
    return replace(letter, event=msgspec.structs.replace(letter.event, **changes))


def trial(letter: DeadLetter, schema: StreamSchema, now_ms: int, *, corrected: bool = False) -> Trial:
    """Reads and validates a dead letter by the very code that rejected it."""
    event = letter.event
    if came_over_rest(letter) and event.raw.lstrip()[:1] != b"{":
        return Trial(letter, NOT_JSON)
    decoded = decode([event.raw], event.content_type, schema)
    frame, row = decoded.frame, _only_row(letter)
    failures = [each for each in decoded.failures if row is None or each.row == row]
    if failures:
        return Trial(letter, failures[0].reason, failures[0].field)
    if row is not None:
        frame = frame.filter(pl.col("_row") == row)
    if frame.is_empty():
        return Trial(letter, "there is no record in these bytes")
    rejects = validate(frame, schema, now_ms).rejects
    if rejects:
        return Trial(letter, rejects[0].reason, rejects[0].field)
    return Trial(letter, frame=frame, corrected=corrected)


def came_over_rest(letter: DeadLetter) -> bool:
    return letter.event.source == "ingestion"


def as_body(letters: Sequence[DeadLetter]) -> bytes:
    """Records as NDJSON, one line each: outside of texts a line break of JSON is a blank, inside it is escaped."""
    return b"\n".join(letter.event.raw.replace(b"\r", b" ").replace(b"\n", b" ") for letter in letters)


def as_message(found: Trial, stream: Stream, schema: StreamSchema, partitions: int) -> ReplayMessage:
    """With the id of its record, and on the partition where it stood: the state of its entity lives there."""
    event, headers = found.letter.event, _headers(found.letter, stream.name)
    value, content_type = event.raw, event.content_type
    if _is_row_of_arrow(found.letter, _named(headers, "content-type")):
        value, content_type = _arrow_row(found.frame, schema, event.row), ARROW
    if content_type is not None:
        others = [each for each in headers if each[0] != "content-type"]
        headers = [*others, ("content-type", content_type.encode())]
    entity = None if schema.entity is None else found.frame[schema.entity].cast(pl.String)[0]
    key = record_key(stream.name, entity)
    stays = event.topic == stream.topic and event.partition is not None and not found.corrected
    if stays and event.partition is not None and event.partition < partitions:
        key = _key_of(event.partition, key, partitions)
    return ReplayMessage(stream.topic, key, value, headers)


def _form(raw: bytes) -> str | None:
    return JSON if form_of(raw) == "json" else None


def _only_row(letter: DeadLetter) -> int | None:
    """The row of an Arrow message that was rejected by itself; None when it was the whole message."""
    whole = form_of(letter.event.raw, letter.event.content_type) != "arrow" or letter.event.field is None
    return None if whole else letter.event.row


def _is_row_of_arrow(letter: DeadLetter, content_type: str | None) -> bool:
    """Whether a row of an Arrow message is kept, with the others or alone as JSON, and not the message."""
    is_json = form_of(letter.event.raw, letter.event.content_type) == "json"
    return _only_row(letter) is not None or (is_json and form_of(b"", content_type) == "arrow")


def _arrow_row(frame: pl.DataFrame, schema: StreamSchema, row: int) -> bytes:
    """One row that says which one of its message it was, for that is part of its id."""
    buffer = io.BytesIO()
    numbered = frame.head(1).select(*schema.names, pl.lit(row, pl.Int64).alias(ROW))
    numbered.write_ipc_stream(buffer, compat_level=pl.CompatLevel.oldest())
    return buffer.getvalue()


def _headers(letter: DeadLetter, stream: str) -> list[tuple[str, bytes]]:
    """Those of the message, the stream, the id that it had by its place, and whose replay this is."""
    event = letter.event
    ours = {"ce_source", REPLAY_OF}
    kept = [(each["name"], each["value"] or b"") for each in event.headers if each["name"] not in ours]
    if not {"ce_id", BATCH_ID} & {name for name, _ in kept} and event.topic is not None:
        kept.append(("ce_id", f"{event.topic}/{event.partition}/{event.offset}".encode()))
    return [*kept, ("ce_source", stream.encode()), (REPLAY_OF, letter.event_id.encode())]


def _named(headers: Sequence[tuple[str, bytes]], name: str) -> str | None:
    return next((value.decode("utf-8", "replace") for key, value in headers if key == name), None)


def _key_of(partition: int, key: bytes, partitions: int) -> bytes:
    """The key, or one like it, that belongs to the partition."""
    number = 0
    found = key
    while partition_for(found, partitions) != partition:
        number += 1
        found = key + f"{SEPARATOR}{number}".encode()
    return found

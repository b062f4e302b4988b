"""The records that are scored, as messages of the log. The same seed gives the same records."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
import polars as pl
from numpy.typing import NDArray

from ad_chassis.eventlog.port import Message

DISTINCT = 50_000
ROWS_PER_ARROW = 1_000
CHUNK = 10_000
JSON = "application/json"
ARROW = "application/vnd.apache.arrow.stream"
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Target:
    """Where records go: the streams take turns, and the partitions. And what scores them there."""

    topic: str
    partitions: int
    streams: Sequence[str]
    algorithm: str = "adaptive"


def names(features: int) -> list[str]:
    return [f"f{number}" for number in range(features)]


def values(rows: int, features: int, seed: int = 0) -> Floats:
    """With 10 features, a record of JSON has 115 bytes."""
    return np.random.default_rng(seed).normal(size=(rows, features)).round(3)


def as_json(matrix: Floats) -> list[bytes]:
    fields = names(matrix.shape[1])
    encode = msgspec.json.Encoder().encode
    return [encode(dict(zip(fields, row, strict=True))) for row in matrix.tolist()]


def as_arrow(matrix: Floats) -> list[bytes]:
    """Messages of 1,000 rows in the form in which ingestion writes them."""
    found = []
    for start in range(0, len(matrix), ROWS_PER_ARROW):
        part = matrix[start : start + ROWS_PER_ARROW]
        frame = pl.DataFrame(part, schema=names(matrix.shape[1])).with_columns(
            pl.int_range(pl.len(), dtype=pl.UInt32).alias("_row")
        )
        buffer = io.BytesIO()
        frame.write_ipc_stream(buffer, compat_level=pl.CompatLevel.oldest())
        found.append(buffer.getvalue())
    return found


def in_turn(
    target: Target, bodies: Sequence[bytes], count: int, content_type: str = JSON
) -> Iterator[list[Message]]:
    """`count` messages in chunks, the bodies again and again."""
    headers = [headers_of(stream, content_type) for stream in target.streams]
    keys = [stream.encode() for stream in target.streams]
    partitions, streams = target.partitions, len(target.streams)
    for start in range(0, count, CHUNK):
        yield [
            Message(
                target.topic,
                bodies[index % len(bodies)],
                keys[index // partitions % streams],
                headers[index // partitions % streams],
                index % partitions,
            )
            for index in range(start, min(start + CHUNK, count))
        ]


def of_entities(
    target: Target, entities: int, count: int, busy: int | None = None
) -> Iterator[list[Message]]:
    """One feature; the entities in turn, each always in the same partition.

    When each has come once, only as many as are `busy` come again, spread over all.
    """
    step = entities // (busy or entities)
    [stream] = target.streams
    headers, partitions = headers_of(stream, JSON), target.partitions
    noise = values(DISTINCT, 1).ravel().tolist()
    for start in range(0, count, CHUNK):
        places = range(start, min(start + CHUNK, count))
        own = [index if index < entities else index * step % entities for index in places]
        yield [
            Message(
                target.topic,
                b'{"entity":"e%07d","f0":%.3f}' % (entity, noise[index * 7 % DISTINCT]),
                None,
                headers,
                entity % partitions,
            )
            for entity, index in zip(own, places, strict=True)
        ]


def headers_of(stream: str, content_type: str) -> tuple[tuple[str, bytes], ...]:
    return (("ce_source", stream.encode()), ("content-type", content_type.encode()))


def schema(features: int, *, entity: bool = False) -> dict[str, object]:
    """What `POST /streams` takes."""
    fields = [{"name": name, "type": "float"} for name in names(features)]
    if not entity:
        return {"fields": fields}
    return {"fields": [{"name": "entity", "type": "string"}, *fields], "entity": "entity"}
